"""One person of a roster in plain text, with the checks that Django offers by itself."""

from django.core.validators import RegexValidator
from django.db import models


class PlainPerson(models.Model):
    """What a simple application would keep."""

    name = models.CharField(max_length=50)
    id_number = models.CharField(max_length=18, unique=True, validators=[RegexValidator(r"^\d{17}[\dX]$")])
    phone = models.CharField(max_length=11, unique=True, validators=[RegexValidator(r"^1[3-9]\d{9}$")])
    occupation_group = models.CharField(max_length=30)
    region_code = models.CharField(max_length=12, validators=[RegexValidator(r"^\d{6,12}$")])
    employer = models.CharField(max_length=120, blank=True)
