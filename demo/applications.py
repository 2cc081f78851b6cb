"""Applications in every state, routed by the product's own rules: 300 that wait, and some decided in the last days."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from demo.guests import firms_with_office
from nuanxin.kernel.clock import WorkingCalendar, local_day
from nuanxin.kernel.documents import Identity as Document
from nuanxin.members.queries.applications import progress_digest, progress_token
from nuanxin.members.rules.applicants import CONSENT_VERSION
from nuanxin.members.rules.routing import Applicant, Route, route
from nuanxin.members.states import Act, ApplicationState, ConsentKind, EmployerSays
from nuanxin.organizations.actions.seed import RULES
from nuanxin.organizations.queries.routing import candidates_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.identities import Identity
    from demo.loading import Row
    from demo.members import Member, Members

A = ApplicationState
_LIMITS = {name: value for name, value, _note in RULES}
#: How many there are in each state; the first five make the 300 that wait for somebody.
WAITING = {A.UNCONFIRMED: 24, A.PHONE_HELD: 16, A.SUBMITTED: 140, A.ACCEPTED: 72, A.RETURNED: 48}
#: Of those sent, how many were let lie, and over how many days.
LATE, OLDER = 12, 4
#: Days since what is kept for a year was closed: erased on nights that are past, due today, due in the weeks to come.
ERASED, DUE = (389, 383, 378, 375, 371, 368), (366,) * 8
TO_COME = (364, 362, 359, 355, 350, 345, 339, 332)
DECIDED = {A.APPROVED: 60, A.REFUSED: 24, A.WITHDRAWN: 14, A.LAPSED: 12, A.KNOWN_MEMBER: 10}
RETURNS = (
    "姓名与身份证号码不一致，请核对后重新提交",
    "请补充您实际工作的站点或网点名称",
    "单位名称填写不完整，请写明营业执照上的全称",
)
REFUSALS = (
    "经核实，您尚未在本市实际从业，请在从业地申请",
    "与用工单位核实后，单位表示您已离职；找到新工作后欢迎再次申请",
    "您已在原籍工会保留会籍，请先办理会籍接转",
)


@dataclass
class ApplicationRows:
    """What is copied in, table by table."""

    applications: list[Row] = field(default_factory=list)
    acts: list[Row] = field(default_factory=list)
    consents: list[Row] = field(default_factory=list)
    releases: list[Row] = field(default_factory=list)
    transfers: list[Row] = field(default_factory=list)
    audit: list[Row] = field(default_factory=list)


class Applications:
    """Lets people apply in the last days, and unions act upon it."""

    def __init__(self, members: Members, scale: float) -> None:
        self.members, self.seed, self.tree = members, members.seed, members.tree
        self.scale = scale
        self.rows = ApplicationRows()
        #: What was sent in the last days, what has waited beyond its limit, and what was closed long ago.
        self.recent: list[Row] = []
        self.late: list[Row] = []
        self.old: list[Row] = []
        self.calendar = WorkingCalendar()
        self._offices = firms_with_office(members.firms)
        self._nodes = {node.id: node for node in self.tree.nodes}

    def send(self, count_up: Callable[..., None]) -> None:
        """Make the applications of every state."""
        for state, full in {**WAITING, **DECIDED}.items():
            for order in range(max(2, round(full * self.scale))):
                if state == A.APPROVED:
                    self._approved()
                elif state == A.SUBMITTED and order < max(1, round(LATE * self.scale)):
                    moment = self._moment(state) - timedelta(days=1 + order % OLDER)
                    self.late.append(self._one(state, moment, count_up))
                else:
                    self.recent.append(self._one(state, self._moment(state), count_up))
        for order, days in enumerate((*ERASED, *DUE, *TO_COME)):
            moment = self.seed.midnight - timedelta(days=days + 1, hours=-9 - order % 8)
            self.old.append(self._one((A.REFUSED, A.REFUSED, A.WITHDRAWN)[order % 3], moment, count_up))

    def _one(self, state: str, moment: datetime, count_up: Callable[..., None]) -> Row:
        held: Member | None = None
        if state in (A.PHONE_HELD, A.KNOWN_MEMBER):
            held = self.seed.one(self.members.latest)
        group = self.members.group_for(self.tree.pool)
        node = self.seed.one(self._receiving)
        identity, work = self.members.person(node, group, phone=held.identity.phone if held else "")
        if self.seed.random.random() < 0.12:
            firm = self.seed.one(self._offices)
            work |= {
                "employer_id": firm["id"],
                "region_id": self.members.places.work_place(self.seed, firm["region_id"]),
            }
        if held and state == A.KNOWN_MEMBER:
            identity = held.identity
        scanned = node.code if self.seed.random.random() < 0.4 else ""
        chosen = self._route(work, scanned, local_day(moment))
        row = self._application(state, identity, work, moment, chosen, scanned_id=node.id if scanned else None)
        self._go_on(row, moment, chosen, held, count_up)
        return row

    @property
    def _receiving(self) -> list[Any]:
        """Return unions near which people apply: the trades' first, so that the tour's reviewers have work."""
        tree = self.tree
        busy = [node for (group, area), node in tree.industries.items() if area.startswith("371502") and node.rules]
        return busy * 3 + tree.flexible[:40] + [*tree.platforms.values(), tree.pool]

    def _moment(self, state: str) -> datetime:
        """Return when somebody applied: so lately that the limit of what waits ends today or later."""
        midnight = self.seed.midnight
        if state == A.UNCONFIRMED:
            return midnight - timedelta(minutes=1 + int(self.seed.random.random() * 240))
        back = 1
        while not self.calendar.is_working(self.seed.days_ago(back)):
            back += 1
        if state in DECIDED:
            back += 3 + int(self.seed.random.random() * 6)
        elif state in (A.ACCEPTED, A.RETURNED):
            back += 1
        hours = 8 + self.seed.random.random() * 13
        return midnight - timedelta(days=back) + timedelta(hours=hours)

    def _route(self, work: Row, scanned: str, on: Any) -> Route:
        candidates = candidates_for(
            region_code=work["region_id"],
            employer_id=work["employer_id"],
            platform=work["platform_id"] or "",
            group_code=work["occupation_group_id"],
            scanned_code=scanned,
            on=on,
        )
        return route(Applicant(work["occupation_group_id"], work["region_id"], work["platform_id"] or ""), candidates)

    def _application(
        self, state: str, identity: Identity, work: Row, moment: datetime, chosen: Route, *, scanned_id: Any
    ) -> Row:
        proved = state != A.UNCONFIRMED
        routed = proved and state not in (A.PHONE_HELD, A.KNOWN_MEMBER)
        key = self.seed.id_at(moment)
        row: Row = {
            "id": key,
            "number": self.seed.application_number(local_day(moment)),
            "state": state,
            "door_id": "poster" if scanned_id else self.seed.one(("h5", "wechat", "gov_app")),
            "scanned_union_id": scanned_id,
            "union_id": chosen.union.id if routed else None,
            "reasons": chosen.as_rows() if proved else [],
            "progress_digest": progress_digest(progress_token(key)),
            "started_at": moment,
            "confirmed_at": moment + timedelta(seconds=40) if proved else None,
            **identity.sealed(),
            **Document(identity.kind, identity.number, identity.birth_on, identity.sex).asked,
            **work,
        }
        self.rows.applications.append(row)
        kinds = [ConsentKind.PROCESSING, ConsentKind.IDENTITY, *([ConsentKind.EMPLOYER] if work["employer_id"] else [])]
        self.rows.consents += [
            {
                "id": self.seed.id_at(moment),
                "application_id": key,
                "kind": kind,
                "version": CONSENT_VERSION,
                "given_at": moment,
            }
            for kind in kinds
        ]
        return row

    def _go_on(
        self, row: Row, moment: datetime, chosen: Route, held: Member | None, count_up: Callable[..., None]
    ) -> None:
        """Do to an application what its state says was done."""
        state, basis = row["state"], chosen.steps[-1].rule
        proved = moment + timedelta(seconds=40)
        if state == A.UNCONFIRMED:
            return
        if state == A.PHONE_HELD and held:
            row["due_at"] = self._due(proved, "members.release_days")
            self.act(row, proved, Act.PHONE_HELD, basis=basis)
            self._release(row, proved, held)
            return
        if state == A.KNOWN_MEMBER and held:
            row["worker_id"] = held.worker["id"]
            self.act(row, proved, Act.KNOWN_MEMBER, basis=basis)
            self._transfer(row, proved, held, chosen)
            return
        self.act(row, proved, Act.SUBMITTED, basis=basis)
        row["due_at"] = self._due(proved, "members.accept_days")
        day = local_day(proved)
        where = (chosen.union.path, row["region_id"], row["occupation_group_id"], row["door_id"])
        count_up(day, *where, 1, 0, 0, 0)
        later = datetime.combine(day, self.calendar.opens, tzinfo=proved.tzinfo) + timedelta(
            days=1, minutes=int(self.seed.random.random() * 480)
        )
        if row["employer_id"] and state != A.WITHDRAWN and row["employer_id"] != self._offices[0]["id"]:
            said = self.seed.one((EmployerSays.CONFIRMED, EmployerSays.CONFIRMED, EmployerSays.NOTHING))
            row["employer_says"] = said
            if said:
                self.act(row, proved + timedelta(hours=1), Act.EMPLOYER_CONFIRMED)
        if state == A.ACCEPTED:
            self.act(row, later, Act.ACCEPTED, office=True)
            row["due_at"] = self._due(later, "members.decide_days")
        elif state == A.RETURNED:
            self.act(row, later, Act.RETURNED, office=True, reason=self.seed.one(RETURNS))
            row["due_at"] = self._due(later, "members.correct_days")
        elif state != A.SUBMITTED:
            self._close(row, later, count_up, where)

    def _close(self, row: Row, later: datetime, count_up: Callable[..., None], where: tuple[str, ...]) -> None:
        row["due_at"], row["closed_at"] = None, later
        if row["state"] == A.REFUSED:
            self.act(row, later, Act.REFUSED, office=True, reason=self.seed.one(REFUSALS))
            count_up(local_day(later), *where, 0, 0, 1, 0)
        elif row["state"] == A.WITHDRAWN:
            self.act(row, later, Act.WITHDRAWN)
        else:
            row["closed_at"] = later + timedelta(days=2)
            self.act(row, later, Act.RETURNED, office=True, reason=self.seed.one(RETURNS))
            self.act(row, row["closed_at"], Act.LAPSED, basis="members.correct_days")

    def _approved(self) -> None:
        """Give one of the latest members the application that led to the membership."""
        while True:
            member = self.members.latest.pop(int(self.seed.random.random() * len(self.members.latest)))
            work = {
                name: member.worker[name] for name in ("occupation_group_id", "region_id", "employer_id", "platform_id")
            }
            moment = member.moment - timedelta(hours=3)
            chosen = self._route(work, member.node.code, local_day(moment))
            if chosen.union.id == member.node.id or not self.members.latest:
                break
        row = self._application(A.APPROVED, member.identity, work, moment, chosen, scanned_id=member.node.id)
        row["worker_id"], row["closed_at"] = member.worker["id"], member.moment
        row["door_id"] = member.membership["door_id"]
        member.membership["application_id"] = row["id"]
        self.act(row, moment + timedelta(seconds=40), Act.SUBMITTED, basis=chosen.steps[-1].rule)
        self.act(row, member.moment, Act.APPROVED, office=True)

    def _due(self, start: datetime, limit: str) -> datetime:
        return self.calendar.due(start, int(_LIMITS[limit]))

    def act(
        self,
        row: Row,
        at: datetime,
        act: str,
        *,
        office: bool = False,
        reason: str = "",
        basis: str = "reviewed",
        union_id: Any = None,
        to_union_id: Any = None,
    ) -> None:
        """Write an act and its audit entry; `office` says that the union's reviewer did it.

        :param union_id: the union that acts, where it is not the one that has the application.
        """
        union_id = union_id or row["union_id"]
        post = self.members.cadres.offices.get(union_id) if office else None
        who = {"account_id": post.account_id, "post_id": post.post_id} if post else {}
        self.rows.acts.append(
            {
                "id": self.seed.id_at(at),
                "application_id": row["id"],
                "at": at,
                "act": act,
                "union_id": union_id,
                "to_union_id": to_union_id,
                "reason": reason,
                "basis": basis,
                **who,
            }
        )
        node = self._nodes.get(union_id)
        self.rows.audit.append(
            {
                "id": self.seed.id_at(at),
                "at": at,
                "action": f"members.application_{act}",
                "subject_type": "members.application",
                "subject_id": row["id"],
                "union_path": node.path if node else "",
                "actor_kind": "cadre" if post else "anonymous",
                "detail": {"basis": basis},
                **who,
            }
        )

    def _release(self, row: Row, at: datetime, held: Member) -> None:
        county = self.tree.counties.get(row["region_id"][:6], self.tree.city)
        self.rows.releases.append(
            {
                "id": self.seed.id_at(at),
                "application_id": row["id"],
                "holder_id": held.worker["id"],
                "phone_digest": row["phone_digest"],
                "union_id": county.id,
                "asked_at": at,
                "due_at": row["due_at"],
            }
        )

    def _transfer(self, row: Row, at: datetime, held: Member, chosen: Route) -> None:
        self.rows.transfers.append(
            {
                "id": self.seed.id_at(at),
                "membership_id": held.membership["id"],
                "application_id": row["id"],
                "from_union_id": held.membership["union_id"],
                "to_union_id": chosen.union.id,
                "reasons": chosen.as_rows(),
                "offered_at": at,
            }
        )
