"""How codes sent by text message behave. Pure numbers, in one place."""

from datetime import timedelta

DIGITS = 6
LIFE = timedelta(minutes=5)
MOST_TRIES = 5
#: Between two codes to one phone, and how many an hour and a day.
PAUSE = 60
MOST_AN_HOUR = 5
MOST_A_DAY = 10
HOUR, DAY = 3600, 24 * 3600
#: A partner device's enrollment code.
ENROLLMENT_LETTERS = 10
ENROLLMENT_LIFE = timedelta(minutes=30)
#: Wrong passwords and wrong second factors of one account, and tries from one address.
SIGN_IN_TRIES, SIGN_IN_WINDOW = 5, 15 * 60
ADDRESS_TRIES = 60
#: A cadre's API token.
TOKEN_LIFE = timedelta(days=365)
