"""Choices of the organizations floor."""

from django.db import models
from django.utils.translation import gettext_lazy as _

#: Permissions that this floor asks for; `access` says who holds them.
VIEW = "organizations.view"
EDIT_UNIONS = "organizations.edit_unions"
EDIT_ENTERPRISES = "organizations.edit_enterprises"
EDIT_RULES = "organizations.edit_rules"
REGISTER_CONTACT = "organizations.register_contact"
EDIT_PARTNERS = "organizations.edit_partners"


class UnionLevel(models.TextChoices):
    """How high in the tree a union stands."""

    NATION = "nation", _("National")
    PROVINCE = "province", _("Provincial")
    CITY = "city", _("City")
    COUNTY = "county", _("County")
    TOWNSHIP = "township", _("Township or street")
    VILLAGE = "village", _("Village or community")
    BASIC = "basic", _("Basic union")


class UnionKind(models.TextChoices):
    """What kind of union it is (union law 2021, articles 10-12; practice of the provinces)."""

    FEDERATION = "federation", _("Federation of trade unions")
    ENTERPRISE = "enterprise", _("Basic union of one employer")
    JOINT = "joint", _("Joint basic union of several employers")
    AREA = "area", _("Area federation (township, park, building)")
    INDUSTRY = "industry", _("Industry federation")
    NEW_EMPLOYMENT = "new_employment", _("Federation of workers in new forms of employment")
    CHAIN = "chain", _("Business chain federation")
    FLEXIBLE = "flexible", _("Joint union of workers in flexible employment")
    VILLAGE = "village", _("Joint union of a village or community")
    PLATFORM = "platform", _("Union of a platform or of its partner firms")
    POOL = "pool", _("Holding pool")


#: Kinds that a village's or township's workers without a unionized employer may join directly.
LOCAL_KINDS = frozenset({UnionKind.JOINT, UnionKind.FLEXIBLE, UnionKind.VILLAGE, UnionKind.AREA})
#: Kinds that answer for their region whether or not they admit anybody directly.
ALWAYS_KINDS = frozenset({UnionKind.FEDERATION, UnionKind.POOL})
#: Kinds of the area that count only with an admission rule in force.
ADMITTING_KINDS = LOCAL_KINDS | {UnionKind.INDUSTRY, UnionKind.NEW_EMPLOYMENT, UnionKind.CHAIN}


class EmployerScope(models.TextChoices):
    """Whose workers an admission rule covers."""

    COVERED = "covered", _("Workers of the employers that the union covers")
    UNCOVERED = "uncovered", _("Workers whose employer has no union, or who have none")
    ANY = "any", _("All workers of the area")


class CoverageBasis(models.TextChoices):
    """Why a union covers an employer."""

    OWN = "own", _("Union of this employer")
    JOINT = "joint", _("Member of a joint union")
    PARTNER = "partner", _("Partner firm of a platform")


#: Kinds that may cover employers; federations and pools stand above them.
COVERING_KINDS = frozenset(UnionKind.values) - {UnionKind.FEDERATION, UnionKind.POOL}


class DoorKind(models.TextChoices):
    """Where somebody stands who comes in through a door."""

    H5 = "h5", _("Page in WeChat or a browser")
    ACCOUNT_MENU = "account_menu", _("Menu of an official account")
    GOV_APP = "gov_app", _("Government app")
    DINGTALK = "dingtalk", _("DingTalk")
    STATION_POSTER = "station_poster", _("Poster of a station")
    UNION_POSTER = "union_poster", _("Poster of a union")
    COUNTER = "counter", _("Counter")
    PLATFORM_APP = "platform_app", _("App of a platform")
    MINI_PROGRAM = "mini_program", _("Mini-program")
    API = "api", _("API")
    ROSTER = "roster", _("Employer's roster")


#: Kinds whose app may sign what it knows of the person whom it brings.
SIGNING_KINDS = frozenset({DoorKind.GOV_APP, DoorKind.DINGTALK, DoorKind.PLATFORM_APP, DoorKind.MINI_PROGRAM})
#: Kinds whose doors are links that anybody may open; the others are used by a cadre or a machine.
LINKED_KINDS = SIGNING_KINDS | {
    DoorKind.H5,
    DoorKind.ACCOUNT_MENU,
    DoorKind.STATION_POSTER,
    DoorKind.UNION_POSTER,
}


class PartnerKind(models.TextChoices):
    """What kind of house a partner keeps."""

    STATION = "station", _("Station for workers")
    SHOP = "shop", _("Shop")
    GYM = "gym", _("Gym or sports ground")
    CINEMA = "cinema", _("Cinema or theater")
    HOSPITAL = "hospital", _("Hospital")
    CLINIC = "clinic", _("Check-up provider")
    OFFICE = "office", _("The union's own counter")
    OTHER = "other", _("Something else")


class ScanKind(models.TextChoices):
    """What a counter may do for a member whose code it has scanned."""

    CHECK_UP = "check_up", _("Check-ups")
    RECUPERATION = "recuperation", _("Recuperation and outings")
    EVENT = "event", _("Events")
    COUPON = "coupon", _("Coupons")
    PACK = "pack", _("Welcome packs")
