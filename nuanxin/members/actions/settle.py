"""Where an application with a proved phone goes: to a union, to the county, or to an offer of transfer."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.clock import local_day
from nuanxin.kernel.events import announce
from nuanxin.kernel.refusals import Conflict
from nuanxin.kernel.rows import insert
from nuanxin.members.actions.events import ApplicationRouted, Where
from nuanxin.members.models import Application, ApplicationAct, PhoneRelease, TransferRequest
from nuanxin.members.queries.persons import Standing, standing
from nuanxin.members.rules.routing import Applicant, Route, route
from nuanxin.members.states import Act, ApplicationState
from nuanxin.organizations.queries.routing import candidates_for
from nuanxin.organizations.queries.rules import dated_rule
from nuanxin.organizations.states import UnionKind
from nuanxin.records.queries import working_calendar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import Union
    from nuanxin.organizations.rules.facts import UnionFacts


class UnionClosed(Conflict):
    """The union that an application was just to go to has closed meanwhile."""

    def __init__(self) -> None:
        super().__init__("union_closed", _("This union has just closed. Please choose another one."), field="to_union")


@contextmanager
def minding_closed() -> Iterator[None]:
    """Refuse, with `UnionClosed`, what writes an application to a union that has closed meanwhile.

    Whoever routes reads the union as open; the statement that writes it looks again (`Application.written_as`).
    """
    try:
        yield
    except IntegrityError as error:
        if "application_with_a_union" in str(error):
            raise UnionClosed from None
        raise


@dataclass(frozen=True, slots=True)
class Settlement:
    """Where an application goes, decided but not yet written."""

    state: ApplicationState
    route: Route
    standing: Standing
    county_id: UUID
    due_at: datetime | None

    def changes(self, now: datetime) -> dict[str, Any]:
        """Return the columns to write together with the new state."""
        routed = self.state == ApplicationState.SUBMITTED
        return {
            "union_id": self.route.union.id if routed else None,
            "reasons": self.route.as_rows(),
            "worker": self.standing.worker,
            "confirmed_at": now,
            "due_at": self.due_at,
        }


def settle(application: Application, *, scanned_code: str, now: datetime) -> Settlement:
    """Decide where an application with a proved phone goes. Reads only; `carry_out` writes.

    A member is offered a transfer; a phone that another person holds goes to the county first; all others are routed.
    """
    day = local_day(now)
    candidates = candidates_for(
        region_code=application.region_id,
        employer_id=application.employer_id,
        platform=application.platform_id or "",
        group_code=application.occupation_group_id,
        scanned_code=scanned_code,
        on=day,
    )
    applicant = Applicant(
        group=application.occupation_group_id,
        region_code=application.region_id,
        platform=application.platform_id or "",
        employer_name=application.employer_name,
    )
    chosen = route(applicant, candidates)
    known = standing(of_id=bytes(application.id_digest), of_phone=bytes(application.phone_digest))
    if known.membership:
        state, due = ApplicationState.KNOWN_MEMBER, None
    elif known.phone_holder:
        state, due = ApplicationState.PHONE_HELD, limit(chosen.union, "members.release_days", now)
    else:
        state, due = ApplicationState.SUBMITTED, limit(chosen.union, "members.accept_days", now)
    return Settlement(state, chosen, known, _county(candidates.unions, chosen.union).id, due)


def limit(union: UnionFacts | Union, name: str, now: datetime) -> datetime:
    """Return the end of a limit in working days, as the dated rule for the union says."""
    days = dated_rule(name, union=union, on=local_day(now)).value
    return working_calendar().due(now, int(days))


def _county(unions: tuple[UnionFacts, ...], chosen: UnionFacts) -> UnionFacts:
    """Return the federation that looks into held phones: the county's, or the next one above it."""
    federations = [u for u in unions if u.kind == UnionKind.FEDERATION and len(u.region_code) <= 6]
    return min(federations, key=lambda u: (-len(u.region_code), u.code), default=chosen)


def carry_out(actor: Actor, application: Application, settlement: Settlement, *, now: datetime) -> None:
    """Write what follows from a settlement whose state and columns are in the application already."""
    acts = {
        ApplicationState.SUBMITTED: Act.SUBMITTED,
        ApplicationState.PHONE_HELD: Act.PHONE_HELD,
        ApplicationState.KNOWN_MEMBER: Act.KNOWN_MEMBER,
    }
    insert(
        ApplicationAct(
            application=application,
            at=now,
            act=acts[settlement.state],
            union_id=application.union_id,
            basis=settlement.route.steps[-1].rule,
        )
    )
    member = settlement.standing.membership
    if settlement.state == ApplicationState.KNOWN_MEMBER and member:
        insert(
            TransferRequest(
                membership=member,
                from_union_id=member.union_id,
                door_id=application.door_id,
                application=application,
                to_union_id=settlement.route.union.id,
                reasons=settlement.route.as_rows(),
                offered_at=now,
            )
        )
    elif settlement.state == ApplicationState.PHONE_HELD:
        insert(
            PhoneRelease(
                application=application,
                holder=settlement.standing.phone_holder,
                phone_digest=application.phone_digest,
                union_id=settlement.county_id,
                asked_at=now,
                due_at=settlement.due_at or now,
            )
        )
    else:
        announce(ApplicationRouted(where_of(application, settlement.route.union.path, now), application))


def where_of(application: Application, union_path: str, now: datetime) -> Where:
    """Return where facts about an application count."""
    return Where(
        day=local_day(now),
        union_path=union_path,
        region_code=application.region_id,
        group_code=application.occupation_group_id,
        door_code=application.door_id,
    )
