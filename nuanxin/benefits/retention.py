"""What personal data this floor holds, why, for how long, and how it is erased."""

from nuanxin.records.retention import PersonalField

FIELDS: tuple[PersonalField, ...] = ()
