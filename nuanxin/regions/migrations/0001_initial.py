import django.db.models.functions.text
import django.db.models.lookups
from django.db import migrations, models

import nuanxin.regions.models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Region",
            fields=[
                (
                    "code",
                    nuanxin.regions.models.CodeField(
                        db_collation="C",
                        max_length=12,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.CharField(db_collation="C", max_length=60)),
                ("name_pinyin", models.CharField(db_collation="C", max_length=240)),
                ("initials", models.CharField(db_collation="C", max_length=60)),
                (
                    "level",
                    models.SmallIntegerField(
                        choices=[
                            (1, "Province"),
                            (2, "City"),
                            (3, "County or district"),
                            (4, "Township or subdistrict"),
                            (5, "Village or community"),
                        ]
                    ),
                ),
                (
                    "city_code",
                    models.CharField(blank=True, db_collation="C", max_length=4),
                ),
                ("is_pseudo", models.BooleanField(default=False)),
                ("closed_on", models.DateField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["level", "code"], name="regions_by_level"),
                    models.Index(fields=["level", "name", "code"], name="regions_by_name"),
                    models.Index(
                        fields=["level", "name_pinyin", "code"],
                        name="regions_by_pinyin",
                    ),
                    models.Index(fields=["level", "initials", "code"], name="regions_by_initials"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                django.db.models.lookups.Exact(django.db.models.functions.text.Length("code"), 2),
                                ("level", 1),
                            ),
                            models.Q(
                                django.db.models.lookups.Exact(django.db.models.functions.text.Length("code"), 4),
                                ("level", 2),
                            ),
                            models.Q(
                                django.db.models.lookups.Exact(django.db.models.functions.text.Length("code"), 6),
                                ("level", 3),
                            ),
                            models.Q(
                                django.db.models.lookups.Exact(django.db.models.functions.text.Length("code"), 9),
                                ("level", 4),
                            ),
                            models.Q(
                                django.db.models.lookups.Exact(django.db.models.functions.text.Length("code"), 12),
                                ("level", 5),
                            ),
                            _connector="OR",
                        ),
                        name="regions_code_fits_level",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^\\d+$")),
                        name="regions_code_is_digits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True),
                        name="regions_name_filled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "city_code",
                                django.db.models.functions.text.Left(
                                    "code",
                                    django.db.models.functions.text.Length("city_code"),
                                ),
                            )
                        ),
                        name="regions_city_above",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RegionEdition",
            fields=[
                (
                    "digest",
                    models.CharField(max_length=64, primary_key=True, serialize=False),
                ),
                ("source", models.CharField(max_length=200)),
                ("rows", models.PositiveIntegerField()),
                ("loaded_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("rows__gt", 0)),
                        name="regions_edition_filled",
                    )
                ],
            },
        ),
    ]
