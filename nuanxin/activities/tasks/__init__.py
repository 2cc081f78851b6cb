"""Background work of the activities floor: thin, idempotent, given plain values only."""
