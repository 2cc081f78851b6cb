"""Rows of the access floor."""

from nuanxin.access.models.account import Account, PhoneCode, Throttle, TrustedDevice
from nuanxin.access.models.key import ApiClient, ApiToken, PartnerDevice
from nuanxin.access.models.post import Absence, Post, Role, StaffSession

__all__ = [
    "Absence",
    "Account",
    "ApiClient",
    "ApiToken",
    "PartnerDevice",
    "PhoneCode",
    "Post",
    "Role",
    "StaffSession",
    "Throttle",
    "TrustedDevice",
]
