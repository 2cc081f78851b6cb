import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0018_ceremonies"),
    ]

    operations = [
        # The limit is the session's from here on: a roster sets its own. The index stays as it is.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER INDEX membership_terms RESET (gin_pending_list_limit)",
                    "ALTER INDEX membership_terms SET (gin_pending_list_limit = 64)",
                )
            ],
            state_operations=[
                migrations.RemoveIndex(model_name="membership", name="membership_terms"),
                migrations.AddIndex(
                    model_name="membership",
                    index=django.contrib.postgres.indexes.GinIndex(fields=["terms"], name="membership_terms"),
                ),
            ],
        ),
    ]
