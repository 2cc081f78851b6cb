import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0005_linked_identities"),
    ]

    operations = [
        migrations.AddField(
            model_name="role",
            name="offered",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60), default=list, size=None
            ),
        ),
        # What a role holds was offered before; what came since is offered at the next start.
        migrations.RunSQL("UPDATE access_role SET offered = permissions", migrations.RunSQL.noop),
    ]
