"""How codes sent by text message behave. Pure numbers, in one place."""

from datetime import timedelta

DIGITS = 6
LIFE = timedelta(minutes=5)
MOST_TRIES = 5
#: A partner device's enrollment code.
ENROLLMENT_LETTERS = 10
ENROLLMENT_LIFE = timedelta(minutes=30)
#: A cadre's API token.
TOKEN_LIFE = timedelta(days=365)
