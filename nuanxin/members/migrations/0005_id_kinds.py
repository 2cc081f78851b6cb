from django.db import migrations, models

_KINDS = [
    ("resident_id", "Resident ID card"),
    ("residence_permit", "Residence permit for Hong Kong, Macao and Taiwan residents"),
    ("hk_macao_permit", "Mainland travel permit for Hong Kong and Macao residents"),
    ("taiwan_permit", "Mainland travel permit for Taiwan residents"),
    ("foreign_resident", "Foreign permanent resident ID card"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0004_contests"),
    ]

    operations = [
        migrations.AddField(
            model_name="application",
            name="birth_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="application",
            name="sex",
            field=models.CharField(blank=True, default="", max_length=1),
        ),
        migrations.AlterField(
            model_name="application",
            name="id_kind",
            field=models.CharField(choices=_KINDS, default="resident_id", max_length=20),
        ),
        migrations.AlterField(
            model_name="worker",
            name="id_kind",
            field=models.CharField(choices=_KINDS, default="resident_id", max_length=20),
        ),
    ]
