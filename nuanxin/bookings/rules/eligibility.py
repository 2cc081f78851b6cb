"""Who may take part in an offer: the checks that services and offers share; see `members.rules.eligibility`."""

from nuanxin.members.rules.eligibility import (
    CHECKS,
    Check,
    Facts,
    Failed,
    described,
    failed,
    passes,
    read_checks,
    years_between,
)

__all__ = ["CHECKS", "Check", "Facts", "Failed", "described", "failed", "passes", "read_checks", "years_between"]
