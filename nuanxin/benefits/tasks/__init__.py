"""Background work of the benefits floor: thin, idempotent, given plain values only."""
