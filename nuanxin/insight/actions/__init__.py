"""What changes tallies: acts append, folds gather, moves carry, loads begin."""

from nuanxin.insight.actions.assurance import count_assurance
from nuanxin.insight.actions.counting import (
    count_admission,
    count_admissions,
    count_application,
    count_change,
    count_endings,
    count_membership,
    count_refusal,
    count_transfer,
)
from nuanxin.insight.actions.folding import carry_tallies, fold, load_tallies

__all__ = [
    "carry_tallies",
    "count_admission",
    "count_admissions",
    "count_application",
    "count_assurance",
    "count_change",
    "count_endings",
    "count_membership",
    "count_refusal",
    "count_transfer",
    "fold",
    "load_tallies",
]
