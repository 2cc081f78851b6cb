"""Background work of the activities floor: thin, idempotent, given plain values only."""

from nuanxin.activities.tasks import bus  # noqa: F401 - found by way of this package
