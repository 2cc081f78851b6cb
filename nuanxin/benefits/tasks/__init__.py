"""Background work of the benefits floor: thin, idempotent, given plain values only."""

from nuanxin.benefits.tasks import insurance, packs  # noqa: F401 - found by way of this package
