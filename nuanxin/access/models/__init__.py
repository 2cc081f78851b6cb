"""Rows of the access floor."""

from nuanxin.access.models.account import Account, PhoneCode, Throttle, TrustedDevice
from nuanxin.access.models.key import ApiClient, ApiToken, PartnerDevice, PartnerStaff
from nuanxin.access.models.linked import LinkedIdentity
from nuanxin.access.models.post import Absence, Post, Role, StaffSession
from nuanxin.access.models.session import BrowserSession

__all__ = [
    "Absence",
    "Account",
    "ApiClient",
    "ApiToken",
    "BrowserSession",
    "LinkedIdentity",
    "PartnerDevice",
    "PartnerStaff",
    "PhoneCode",
    "Post",
    "Role",
    "StaffSession",
    "Throttle",
    "TrustedDevice",
]
