"""The outbox is drained by the moment at which a message may be tried."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial")]

    operations = [
        migrations.AddField(
            "textmessage",
            "try_at",
            models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AlterField("textmessage", "try_at", models.DateTimeField()),
        migrations.AddIndex(
            "textmessage",
            models.Index(condition=models.Q(("state", "queued")), fields=["try_at", "id"], name="text_outbox"),
        ),
    ]
