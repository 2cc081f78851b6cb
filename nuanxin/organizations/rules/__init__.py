"""Pure decisions of the organizations floor; no database."""

from nuanxin.organizations.rules.dates import DatedRow, pick_dated_rule, valid_on
from nuanxin.organizations.rules.facts import AdmissionFacts, Candidates, EmployerFacts, UnionFacts
from nuanxin.organizations.rules.placement import (
    KINDS_AT,
    PARENTS_OF,
    check_depth,
    check_not_below,
    check_placement,
    default_admission,
    kinds_below,
    level_for,
    new_path,
)

__all__ = [
    "KINDS_AT",
    "PARENTS_OF",
    "AdmissionFacts",
    "Candidates",
    "DatedRow",
    "EmployerFacts",
    "UnionFacts",
    "check_depth",
    "check_not_below",
    "check_placement",
    "default_admission",
    "kinds_below",
    "level_for",
    "new_path",
    "pick_dated_rule",
    "valid_on",
]
