"""Rows of the organizations floor."""

from nuanxin.organizations.models.enterprise import Coverage, Enterprise, EnterprisePlatform, Platform
from nuanxin.organizations.models.lists import Door, GroupListing, OccupationGroup, OccupationSet
from nuanxin.organizations.models.partner import Partner, PartnerContract, PartnerPlace
from nuanxin.organizations.models.rule import AdmissionRule, DatedRule
from nuanxin.organizations.models.union import Union

__all__ = [
    "AdmissionRule",
    "Coverage",
    "DatedRule",
    "Door",
    "Enterprise",
    "EnterprisePlatform",
    "GroupListing",
    "OccupationGroup",
    "OccupationSet",
    "Partner",
    "PartnerContract",
    "PartnerPlace",
    "Platform",
    "Union",
]
