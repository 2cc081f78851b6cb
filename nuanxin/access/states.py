"""Permissions, scopes and purposes: the named verbs that code asks for. Roles, reach and keys are rows."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(models.TextChoices):
    """What a post may include."""

    VIEW_ORGANIZATIONS = "organizations.view", _("See unions and enterprises")
    EDIT_UNIONS = "organizations.edit_unions", _("Create, edit and move unions")
    EDIT_ENTERPRISES = "organizations.edit_enterprises", _("Create and edit enterprises and who covers them")
    EDIT_RULES = "organizations.edit_rules", _("Edit admission rules and other dated rules")
    REGISTER_CONTACT = "organizations.register_contact", _("Register the enterprise's contact")
    EDIT_PARTNERS = "organizations.edit_partners", _("Look after partners: contracts, places, devices, people")
    GRANT_POSTS = "access.grant_posts", _("Grant and end posts, register absences")
    MANAGE_KEYS = "access.manage_keys", _("Manage API clients and partner devices")
    REACH_FURTHER = "access.reach_further", _("Open a time-limited session beyond one's own subtree")
    VIEW_MEMBERS = "members.view", _("See applications and members, masked")
    ENTER = "members.enter", _("Enter an application for somebody at the counter")
    REVIEW = "members.review", _("Decide on applications")
    REVEAL = "members.reveal", _("Reveal an ID number or a phone, with a reason")
    ASSURE = "members.assure", _("Confirm that a member was seen with the ID document")
    CORRECT = "members.correct", _("Correct a member's name or phone with proof")
    ENROLL_ROSTERS = "members.enroll_rosters", _("Enroll people by a roster")
    CHANGE_MEMBERSHIP = "members.change_membership", _("Suspend, resume or end a membership")
    ISSUE_CARDS = "members.issue_cards", _("Print and replace cards")
    RELEASE_PHONES = "members.release_phones", _("Release a phone that another person holds")
    MERGE = "members.merge", _("Decide whether two records are one person")
    EXPORT_MEMBERS = "members.export", _("Export lists of people")
    CONFIRM_EMPLOYMENT = "members.confirm_employment", _("Confirm or deny that a person works here")
    FORM_UNIONS = "formation.manage", _("See what licensing systems report, invite enterprises")
    VIEW_SERVICES = "catalog.view", _("See services, yearly targets and how far they are")
    EDIT_SERVICES = "catalog.edit", _("Enter and change services, budgets and yearly targets")
    RECORD_DELIVERIES = "catalog.deliver", _("See who was served, write deliveries down, take them back, export them")
    VIEW_BOOKINGS = "bookings.view", _("See offers, who has booked and who waits")
    EDIT_OFFERS = "bookings.edit", _("Make offers, divide their places, open, close and cancel them")
    BOOK = "bookings.book", _("Book and cancel for members, also for groups")
    CHECK_IN = "bookings.check_in", _("Check people in who come")
    EXPORT_BOOKINGS = "bookings.export", _("Export lists of who booked")
    VIEW_TALLIES = "insight.view", _("See dashboards")
    VIEW_NOTICES = "notices.view", _("See what was sent to whom, masked")
    MANAGE_NOTICES = "notices.manage", _("Send again what failed, name chats of cadres, watch the gateways")
    MANAGE_PACKS = "benefits.manage_packs", _("Look after welcome packs and their stock")
    INSURE = "benefits.insure", _("Give insurance: plans, lists, rolls to insurers and the policies that come back")
    HANDLE_CLAIMS = "benefits.handle_claims", _("Read and handle members' claims on insurance")
    MANAGE_COUPONS = "benefits.manage_coupons", _("Make coupons and their stock, see and take back redemptions")
    SETTLE_COUPONS = "benefits.settle_coupons", _("Close what partners are paid for coupons, month by month")
    READ_AUDIT = "records.read_audit", _("Read the audit")


#: What the enterprise's own people office may do, at its one enterprise.
ENTERPRISE_PERMISSIONS = frozenset(
    {Permission.CONFIRM_EMPLOYMENT, Permission.REGISTER_CONTACT, Permission.ENROLL_ROSTERS}
)

#: Of these, what no cadre holds.
ENTERPRISE_ALONE = ENTERPRISE_PERMISSIONS - {Permission.ENROLL_ROSTERS}

#: What a staff session never carries beyond one's own subtree: nobody gives posts or keys away on a visit.
STAY_HOME_PERMISSIONS = frozenset({Permission.GRANT_POSTS, Permission.MANAGE_KEYS, Permission.REACH_FURTHER})


class Scope(models.TextChoices):
    """What an API key may be used for."""

    APPLY = "applications.create", _("Send applications through its own door")
    PROVE_PHONES = "applications.prove_phone", _("Its door proves phones itself")
    READ_APPLICATIONS = "applications.read", _("Read the applications of its own door")
    TRANSFER = "members.transfer", _("Ask for a transfer on a member's behalf")
    ISSUE_CODES = "cards.issue_codes", _("Ask for card codes on a member's behalf")
    VERIFY_CARDS = "cards.verify", _("Check card codes")
    ENROLL_ROSTERS = "rosters.write", _("Enroll people by rosters")
    SEND_PERMITS = "permits.write", _("Report permits and qualifications, signed")
    SEND_POLICIES = "insurance.write", _("Report policies of gifted insurance, signed")
    READ_MEMBERS = "members.read", _("Read a member's standing")
    BOOK = "bookings.write", _("Book and cancel on a member's behalf")
    READ_TALLIES = "tallies.read", _("Read numbers")


class CodePurpose(models.TextChoices):
    """What a code sent by text message proves the phone for."""

    SIGN_IN = "sign_in", _("sign in")
    APPLICATION = "application", _("join the union")
    PROGRESS = "progress", _("see an application")
    NEW_PHONE = "new_phone", _("change the phone number")


class Platform(models.TextChoices):
    """Where else a person is known, and may prove it to sign in."""

    WEIXIN = "weixin", _("WeChat")
    DINGTALK = "dingtalk", _("DingTalk")


#: Roles of a fresh installation: code → (Chinese name, English name, permissions).
ROLES: dict[str, tuple[str, str, frozenset[str]]] = {
    "administrator": ("系统管理员", "Administrator", frozenset(Permission.values) - ENTERPRISE_ALONE),
    "organizer": (
        "组织干部",
        "Organizer",
        frozenset(
            {
                Permission.VIEW_ORGANIZATIONS,
                Permission.EDIT_UNIONS,
                Permission.EDIT_ENTERPRISES,
                Permission.EDIT_RULES,
                Permission.GRANT_POSTS,
                Permission.VIEW_MEMBERS,
                Permission.FORM_UNIONS,
                Permission.VIEW_SERVICES,
                Permission.VIEW_BOOKINGS,
                Permission.BOOK,
                Permission.VIEW_TALLIES,
                Permission.VIEW_NOTICES,
                Permission.MANAGE_NOTICES,
            }
        ),
    ),
    "reviewer": (
        "入会审核员",
        "Reviewer",
        frozenset(
            {
                Permission.VIEW_ORGANIZATIONS,
                Permission.VIEW_MEMBERS,
                Permission.ENTER,
                Permission.REVIEW,
                Permission.REVEAL,
                Permission.ASSURE,
                Permission.ISSUE_CARDS,
                Permission.VIEW_TALLIES,
            }
        ),
    ),
    "registrar": (
        "会籍管理员",
        "Registrar",
        frozenset(
            {
                Permission.VIEW_ORGANIZATIONS,
                Permission.VIEW_MEMBERS,
                Permission.ENTER,
                Permission.REVEAL,
                Permission.ASSURE,
                Permission.CORRECT,
                Permission.ENROLL_ROSTERS,
                Permission.CHANGE_MEMBERSHIP,
                Permission.ISSUE_CARDS,
                Permission.RELEASE_PHONES,
                Permission.MERGE,
                Permission.EXPORT_MEMBERS,
                Permission.VIEW_TALLIES,
                Permission.VIEW_NOTICES,
            }
        ),
    ),
    "services": (
        "服务干部",
        "Service officer",
        frozenset(
            {
                Permission.VIEW_ORGANIZATIONS,
                Permission.VIEW_MEMBERS,
                Permission.VIEW_SERVICES,
                Permission.EDIT_SERVICES,
                Permission.RECORD_DELIVERIES,
                Permission.VIEW_TALLIES,
                Permission.EDIT_PARTNERS,
                Permission.MANAGE_PACKS,
                Permission.INSURE,
                Permission.HANDLE_CLAIMS,
                Permission.MANAGE_COUPONS,
                Permission.SETTLE_COUPONS,
                Permission.VIEW_BOOKINGS,
                Permission.EDIT_OFFERS,
                Permission.BOOK,
                Permission.CHECK_IN,
                Permission.EXPORT_BOOKINGS,
            }
        ),
    ),
    "leader": (
        "工会领导",
        "Leader",
        frozenset({Permission.VIEW_ORGANIZATIONS, Permission.VIEW_SERVICES, Permission.VIEW_TALLIES}),
    ),
    "auditor": ("审计员", "Auditor", frozenset({Permission.READ_AUDIT, Permission.VIEW_ORGANIZATIONS})),
    "hr": ("企业人事", "Enterprise HR", ENTERPRISE_PERMISSIONS),
}
