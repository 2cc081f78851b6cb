"""Build the demo city: everything by COPY, in one transaction, once."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from django.db import transaction

from demo import cadres as cadres_of
from demo.applications import Applications
from demo.cadres import Cadres, ensure_roles
from demo.check import Figures, read_figures
from demo.checkups import Checkups
from demo.coupons import Coupons
from demo.deliveries import Deliveries
from demo.draws import Draws
from demo.enterprises import Firms
from demo.erasures import erase_what_was_due
from demo.guests import Guests
from demo.identities import People
from demo.insurance import Insurance
from demo.loading import Row, analyze, copy_in
from demo.members import Members
from demo.objections import Objections
from demo.offers import make_offers
from demo.partners import Partners
from demo.places import CITY, read_places
from demo.second_factor import authenticator_rows
from demo.seeds import SEED, Seed
from demo.services import budget_rows, service_rows, target_rows
from demo.sign_ins import sign_ins
from demo.unions import Size, Tree, house_rules, union_rows
from nuanxin.access.models import Absence, Account, LinkedIdentity, Post
from nuanxin.catalog.actions import recount
from nuanxin.catalog.actions.seed import seed_catalog_lists
from nuanxin.catalog.models import Budget, Delivery, Service, Target
from nuanxin.insight.actions import count_assurance, load_tallies, recount_doors
from nuanxin.insight.actions.doors import SETTLING_DAYS
from nuanxin.insight.models import TallyDay, TallyTotal
from nuanxin.kernel.clock import local_day
from nuanxin.members.models import (
    Application,
    ApplicationAct,
    Card,
    Consent,
    Contest,
    Lapse,
    Membership,
    MembershipEntry,
    PhoneRelease,
    TransferRequest,
    Worker,
)
from nuanxin.organizations.actions.seed import seed_code_lists
from nuanxin.organizations.models import AdmissionRule, Coverage, DatedRule, Enterprise, EnterprisePlatform, Union
from nuanxin.records.models import Attachment, AuditEntry
from nuanxin.regions.models import Region

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.db import models

__all__ = ["Report", "build", "sign_ins", "verify"]


@dataclass(frozen=True)
class Report:
    """What building came to: rows by table, and seconds by step; both empty when the city stood already."""

    rows: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


class _Counts:
    """Adds up what changes the tallies, so that they are loaded as sums and not one by one."""

    def __init__(self) -> None:
        self.sums: dict[tuple[date, str, str, str, str], list[int]] = {}

    def __call__(self, day: date, path: str, region: str, group: str, door: str, *changes: int) -> None:
        key = (day, path, region, group, door)
        known = self.sums.get(key)
        self.sums[key] = [a + b for a, b in zip(known, changes, strict=True)] if known else list(changes)


def build(now: datetime, *, scale: float = 1.0, seed: int = SEED, serves: bool = True) -> Report:
    """Make the demo city, unless it stands; the same seed on the same day makes the same city.

    Needs the regions of Liaocheng. Figures of the full city are checked at the end.

    :param scale: share of the full city; tests build a small one.
    :param serves: with partners, offers, coupons, draws, a bus and insurance; most tests look at none of them.
    """
    if not Region.objects.filter(code=CITY).exists():
        return Report()
    report = Report()
    with transaction.atomic():
        seed_code_lists(now)
        seed_catalog_lists()
        ensure_roles()
        chance = Seed(local_day(now), seed)
        if cadres_of.is_taken():
            return report
        _build(chance, scale, report)
        if serves:
            _enliven(report, now)
    analyze(Union, Enterprise, Coverage, Account, Post, Worker, Membership, MembershipEntry, Card, Application)
    analyze(ApplicationAct, AdmissionRule, TallyDay, TallyTotal, AuditEntry)
    count_assurance(now=now)
    recount_doors(since=local_day(now) - timedelta(days=SETTLING_DAYS), until=local_day(now))
    return report


def _enliven(report: Report, now: datetime) -> None:
    """Let the city's union work: whatever members can fetch, book, draw, redeem and claim."""
    report.rows["partner_places"] = Partners(now).make()
    report.rows["offer_bookings"] = make_offers(now)
    report.rows["coupons"] = Coupons(now).make()
    report.rows["draw_tickets"] = Draws(now).make()
    report.rows["bus_days"] = Checkups(now).make()
    report.rows["policies"] = Insurance(now).make()


def _build(seed: Seed, scale: float, report: Report) -> None:
    clock = _Stopwatch(report.seconds)
    tree = Tree(seed, read_places(), Size.of(scale))
    tree.grow()
    firms = Firms(tree)
    firms.found()
    _copy(report, Union, union_rows(tree))
    _copy(report, AdmissionRule, [rule for node in tree.nodes for rule in node.rules])
    _copy(report, DatedRule, house_rules(tree))
    _copy(report, Enterprise, firms.rows)
    _copy(report, EnterprisePlatform, firms.links)
    _copy(report, Coverage, firms.coverages)
    clock.lap("organizations")
    counts = _Counts()
    cadres = Cadres(tree)
    cadres.appoint()
    members = Members(firms, cadres, People(seed))
    guests = Guests(members)
    guests.invite(counts)
    members.join(counts)
    clock.lap("people")
    applications = Applications(members, scale)
    applications.send(counts)
    objections = Objections(applications)
    objections.raise_all()
    clock.lap("applications")
    _copy(report, Account, cadres.accounts)
    _copy(report, Authenticator, authenticator_rows(cadres.accounts, cadres.since))
    _copy(report, Post, cadres.posts)
    _copy(report, Absence, cadres.absences())
    guests.enroll_counter()
    _copy(report, Worker, members.rows.workers)
    _copy_applications(report, applications, objections)
    _copy(report, LinkedIdentity, cadres.links())
    erase_what_was_due(applications)
    clock.lap("copies")
    _serve(report, members, firms, scale)
    clock.lap("services")
    report.rows["tallies"] = load_tallies((*key, *changes) for key, changes in counts.sums.items())  # type: ignore[misc]
    clock.lap("tallies")


def _serve(report: Report, members: Members, firms: Firms, scale: float) -> None:
    """Enter services, budgets and targets, let the year's deliveries happen, and count them."""
    deliveries = Deliveries(members, firms, scale)
    deliveries.give()
    _copy(report, Service, service_rows(members.tree))
    _copy(report, Budget, budget_rows(members.seed))
    _copy(report, Target, target_rows(members.tree, scale))
    _copy(report, Delivery, deliveries.rows)
    analyze(Delivery)
    recount()


def _copy_applications(report: Report, applications: Applications, objections: Objections) -> None:
    """Copy in what hangs on applications, each table after those that it names."""
    people, rows, raised = applications.members.rows, applications.rows, objections.rows
    _copy(report, Application, rows.applications)
    _copy(report, Membership, people.memberships)
    _copy(report, MembershipEntry, people.entries)
    _copy(report, Card, people.cards)
    _copy(report, ApplicationAct, rows.acts)
    _copy(report, Consent, rows.consents)
    _copy(report, PhoneRelease, rows.releases)
    _copy(report, TransferRequest, rows.transfers)
    _copy(report, AuditEntry, rows.audit)
    _copy(report, Contest, raised.contests)
    _copy(report, Lapse, raised.lapses)
    _copy(report, Attachment, raised.attachments)


def verify() -> Figures:
    """Count the city as it stands; `Figures.faults` names what differs from the promised figures."""
    return read_figures()


def _copy(report: Report, model: type[models.Model], rows: list[Row]) -> None:
    report.rows[model._meta.label_lower] = copy_in(model, rows)


class _Stopwatch:
    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds, self._last = seconds, time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] = round(now - self._last, 2)
        self._last = now
