import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import nuanxin.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0004_erasure"),
    ]

    operations = [
        migrations.CreateModel(
            name="LinkedIdentity",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "platform",
                    models.CharField(choices=[("weixin", "WeChat"), ("dingtalk", "DingTalk")], max_length=10),
                ),
                ("subject_digest", models.BinaryField()),
                ("for_desk", models.BooleanField(default=False)),
                ("linked_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="linked_identities",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("platform", "subject_digest"), name="linked_identity_one_account"),
                    models.UniqueConstraint(fields=("account", "platform"), name="linked_identity_one_each"),
                ],
            },
        ),
    ]
