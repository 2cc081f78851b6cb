"""The tables of the regions package."""

import functools
import operator
from typing import ClassVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.functions import Left, Length
from django.db.models.lookups import Exact

from nuanxin.regions import rules
from nuanxin.regions.rules.names import name_en as english_name
from nuanxin.regions.states import Level


class CodeField(models.CharField):  # type: ignore[type-arg]
    """A region's code: digits in C collation, so that one ordinary index serves equality, order and prefixes.

    Django adds a second, pattern-only index beside every indexed `varchar`, and beside every foreign key that points
    at one. Under C collation it would be a pure copy, so the type is spelled out in full, which Django leaves alone.
    """

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the column type in its long spelling."""
        return f"character varying({self.max_length})"


class Region(models.Model):
    """One administrative division; its code is its key and its path."""

    code = CodeField(max_length=12, primary_key=True, db_collation="C")
    name = models.CharField(max_length=60, db_collation="C")
    name_pinyin = models.CharField(max_length=240, db_collation="C")
    initials = models.CharField(max_length=60, db_collation="C")
    level = models.SmallIntegerField(choices=Level.choices)
    city_code = models.CharField(max_length=4, blank=True, db_collation="C")
    is_pseudo = models.BooleanField(default=False)
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="regions_code_fits_level",
                condition=functools.reduce(
                    operator.or_,
                    (
                        models.Q(Exact(Length("code"), length), level=int(level))
                        for level, length in rules.LENGTHS.items()
                    ),
                ),
            ),
            models.CheckConstraint(name="regions_code_is_digits", condition=models.Q(code__regex=r"^\d+$")),
            models.CheckConstraint(name="regions_name_filled", condition=~models.Q(name="")),
            models.CheckConstraint(
                name="regions_city_above",
                condition=models.Q(city_code=Left("code", Length("city_code"))),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["level", "code"], name="regions_by_level"),
            models.Index(fields=["level", "name", "code"], name="regions_by_name"),
            models.Index(fields=["level", "name_pinyin", "code"], name="regions_by_pinyin"),
            models.Index(fields=["level", "initials", "code"], name="regions_by_initials"),
        ]

    @property
    def name_en(self) -> str:
        """Return the name in English: pinyin, and the word for its kind."""
        return english_name(self)

    def __str__(self) -> str:
        return self.name

    @property
    def parent_code(self) -> str | None:
        """The code of the division directly above, or None for a province."""
        return rules.parent_of(self.code)


class RegionEdition(models.Model):
    """An edition of the divisions that was loaded; the one loaded last is in force."""

    digest = models.CharField(max_length=64, primary_key=True)
    source = models.CharField(max_length=200)
    rows = models.PositiveIntegerField()
    loaded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="regions_edition_filled", condition=models.Q(rows__gt=0)),
        ]

    def __str__(self) -> str:
        return self.source
