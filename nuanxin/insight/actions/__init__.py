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
    count_transfers,
)
from nuanxin.insight.actions.doors import count_step, fold_doors, recount_doors
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
    "count_step",
    "count_transfer",
    "count_transfers",
    "fold",
    "fold_doors",
    "load_tallies",
    "recount_doors",
]
