import django.db.models.deletion
import nuanxin.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("benefits", "0006_words"),
        ("members", "0019_search_pending"),
        ("organizations", "0004_partners"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RollFile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("beat_at", models.DateTimeField()),
                ("lines", models.PositiveIntegerField(default=0)),
                ("sealed_content", models.BinaryField(blank=True, default=bytes)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="packright",
            name="pack_right_once",
        ),
        migrations.RemoveConstraint(
            model_name="packright",
            name="pack_right_handed",
        ),
        migrations.AddField(
            model_name="packright",
            name="reason",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AlterField(
            model_name="claim",
            name="state",
            field=models.CharField(
                choices=[
                    ("sent", "with the union"),
                    ("returned", "something is missing"),
                    ("forwarded", "with the insurer"),
                    ("approved", "approved by the insurer"),
                    ("paid", "paid"),
                    ("refused", "claim refused"),
                    ("withdrawn", "withdrawn"),
                ],
                default="sent",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="packright",
            name="state",
            field=models.CharField(
                choices=[
                    ("granted", "Ready for you"),
                    ("handed_out", "Handed out"),
                    ("covered", "Insured"),
                    ("withdrawn", "Taken back"),
                    ("replaced", "Lost, granted again"),
                ],
                default="granted",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="policyreturn",
            name="state",
            field=models.CharField(
                choices=[("reading", "being read"), ("done", "has been read"), ("failed", "cannot be read")],
                default="reading",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="packright",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "replaced"), _negated=True),
                fields=("worker", "item"),
                name="pack_right_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="packright",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("handed_at__isnull", False), ("state__in", ("handed_out", "replaced"))),
                    models.Q(
                        models.Q(("state__in", ("handed_out", "replaced")), _negated=True),
                        ("handed_at", None),
                        ("place", None),
                        ("scan_id", None),
                    ),
                    _connector="OR",
                ),
                name="pack_right_handed",
            ),
        ),
        migrations.AddField(
            model_name="rollfile",
            name="asked_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="rollfile",
            name="batch",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="benefits.insurancebatch"
            ),
        ),
    ]
