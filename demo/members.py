"""57,768 active members, and those who have left or are suspended: person, membership, entries, card."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import accumulate
from typing import TYPE_CHECKING
from zlib import crc32

from demo import names
from demo.identities import Identity, People
from demo.rhythm import joining_moments
from demo.trades import BY_GROUP, OTHER_SHARE, TRADES
from nuanxin.kernel.clock import local_day
from nuanxin.members.rules.assurance import words_of_level
from nuanxin.members.rules.terms import terms, words_of
from nuanxin.members.states import Assurance, EndReason, MembershipAct, MembershipState
from nuanxin.organizations.states import UnionKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from demo.cadres import Cadres
    from demo.enterprises import Firms
    from demo.guests import Guest
    from demo.loading import Row
    from demo.unions import Node

#: Share of the members that came through each door.
DOORS = {"poster": 44, "h5": 17, "wechat": 14, "platform_app": 11, "counter": 8, "gov_app": 4, "dingtalk": 2}
#: Of a hundred members, this many were verified by an outside source when they joined.
_VERIFIED = 9
#: Members of the last days, whose applications are still in the books.
LATEST = 300
#: Share of the members in each kind of union.
_CHANNELS = {
    UnionKind.ENTERPRISE: 33,
    UnionKind.PLATFORM: 26,
    UnionKind.INDUSTRY: 20,
    UnionKind.JOINT: 8,
    UnionKind.FLEXIBLE: 12,
    UnionKind.POOL: 1,
}
_ENDS = (
    (EndReason.LEFT, "本人申请退会，已谈话确认"),
    (EndReason.LEFT_AUTOMATICALLY, "连续六个月未参加组织生活，经教育后仍无改变"),
    (EndReason.DECEASED, "本人去世，家属告知"),
)


@dataclass
class Rows:
    """What is copied in, table by table."""

    workers: list[Row] = field(default_factory=list)
    memberships: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    cards: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Member:
    """One member with what later rows need: who, where, and the union."""

    identity: Identity
    worker: Row
    membership: Row
    node: Node
    moment: datetime


class Members:
    """Makes people and lets them join, in order of time."""

    def __init__(self, firms: Firms, cadres: Cadres, people: People) -> None:
        self.firms, self.cadres, self.people = firms, cadres, people
        self.tree, self.seed, self.places = firms.tree, firms.seed, firms.places
        self.rows = Rows()
        self.latest: list[Member] = []
        self._groups = [trade.group for trade in TRADES] + ["other"]
        self._group_weights = list(accumulate([trade.share for trade in TRADES] + [OTHER_SHARE]))
        self._doors, self._door_weights = list(DOORS), list(accumulate(DOORS.values()))

    def join(self, count_up: Callable[..., None]) -> None:
        """Let everybody join; `count_up` hears what each act changed."""
        active = self.tree.size.members
        still_to_join = active - len(self.rows.workers)
        suspended, ended = max(3, active // 140), max(5, active // 45)
        total = still_to_join + suspended + ended
        fates = [""] * still_to_join + [MembershipState.SUSPENDED] * suspended + [MembershipState.ENDED] * ended
        self.seed.random.shuffle(fates)
        for moment, node, fate in zip(joining_moments(self.seed, total), self._unions(total), fates, strict=True):
            # too young a membership has no fate yet: it swaps with nobody, it began a week earlier
            start = min(moment, self.seed.midnight - timedelta(days=200)) if fate else moment
            member = self._admit(start, node, count_up)
            if fate:
                self._fate(member, fate, count_up)
            else:
                self.latest.append(member)
        del self.latest[:-LATEST]

    def _unions(self, count: int) -> list[Node]:
        """Draw the union of each member: by kind, then by the union's own size."""
        shares: dict[str, list[tuple[Node, float]]] = {kind: [] for kind in _CHANNELS}
        for node in self.tree.nodes:
            rules = node.rules or node.kind == UnionKind.POOL
            if node.kind in shares and rules:
                grown = self.seed.random.lognormvariate(0, 0.8)
                shares[node.kind].append((node, grown * (6 if node.platform else 1)))
        nodes, weights = [], []
        for kind, share in _CHANNELS.items():
            whole = sum(weight for _, weight in shares[kind]) or 1
            nodes += [node for node, _ in shares[kind]]
            weights += [share * weight / whole for _, weight in shares[kind]]
        return self.seed.random.choices(nodes, cum_weights=list(accumulate(weights)), k=count)

    def group_for(self, node: Node) -> str:
        """Return the occupation group of somebody who joins a union: mostly its trade."""
        if node.trade and (node.kind == UnionKind.INDUSTRY or self.seed.random.random() < 0.93):
            return node.trade.group
        return self.seed.random.choices(self._groups, cum_weights=self._group_weights)[0]

    def person(self, node: Node, group: str, *, phone: str = "") -> tuple[Identity, Row]:
        """Invent a person who works where the union is; return the identity and what an application asks besides."""
        seed = self.seed
        trade = BY_GROUP.get(group)
        identity = self.people.invent(women=trade.women if trade else 0.4, phone=phone)
        employer: Row | None = seed.one(node.employers) if node.employers else None
        region = self.places.work_place(seed, employer["region_id"] if employer else node.region)
        platform = node.platform or None
        if platform is None and trade and trade.platforms and node.kind != UnionKind.PLATFORM:
            platform = seed.one(trade.platforms) if seed.random.random() < 0.35 else None
        named = None
        if employer is None and node.kind != UnionKind.PLATFORM and seed.random.random() < 0.25:
            named = self._open_firm(group, region)
        return identity, {
            "occupation_group_id": group,
            "region_id": region,
            "employer_id": (employer or named or {}).get("id"),
            "platform_id": platform,
        }

    def _open_firm(self, group: str, region: str) -> Row | None:
        firms = self.firms.open.get((group, region[:6]))
        return self.seed.one(firms) if firms else None

    def admit(self, moment: datetime, node: Node, count_up: Callable[..., None], *, guest: Guest) -> Member:
        """Let somebody join whom the tour names."""
        identity = Identity(guest.name, guest.sex, guest.birth_on, guest.number, guest.phone)
        return self._admit(moment, node, count_up, identity=identity)

    def _admit(
        self, moment: datetime, node: Node, count_up: Callable[..., None], *, identity: Identity | None = None
    ) -> Member:
        seed = self.seed
        invented, work = self.person(node, self.group_for(node))
        identity = identity or invented
        door = seed.random.choices(self._doors, cum_weights=self._door_weights)[0]
        worker = self._worker(identity, work, moment) | _proved(identity, door, moment)
        day = local_day(moment)
        membership: Row = {
            "id": seed.id_at(moment),
            "number": seed.member_number("3715"),
            "worker_id": worker["id"],
            "union_id": node.id,
            "door_id": door,
            "began_on": day,
            "state": MembershipState.ACTIVE,
            "terms": _terms(worker, identity, node),
        }
        self.rows.workers.append(worker)
        self.rows.memberships.append(membership)
        self._entry(membership, node, moment, MembershipAct.ADMITTED, evidence="入会申请书")
        self.rows.cards.append({"id": seed.id_at(moment), "membership_id": membership["id"], "issued_at": moment})
        count_up(day, node.path, work["region_id"], work["occupation_group_id"], door, 1, 1, 0, 1)
        return Member(identity, worker, membership, node, moment)

    def _worker(self, identity: Identity, work: Row, moment: datetime) -> Row:
        spelled, initials = names.pinyin(identity.name)
        return {
            "id": self.seed.id_at(moment),
            "pinyin": spelled,
            "initials": initials,
            "birth_on": identity.birth_on,
            "sex": identity.sex,
            "created_at": moment,
            **identity.sealed(),
            **work,
        }

    def _entry(self, membership: Row, node: Node, moment: datetime, act: str, **words: str) -> None:
        office = self.cadres.offices[node.id]
        self.rows.entries.append(
            {
                "id": self.seed.id_at(moment),
                "membership_id": membership["id"],
                "at": moment,
                "effective_on": local_day(moment),
                "act": act,
                "union_id": node.id,
                "account_id": office.account_id,
                "post_id": office.post_id,
                **words,
            }
        )

    def _fate(self, member: Member, fate: str, count_up: Callable[..., None]) -> None:
        """Suspend or end a membership, some months after it began."""
        seed = self.seed
        room = (seed.midnight - member.moment).days - 20
        moment = member.moment + timedelta(days=15 + int(seed.random.random() * room), hours=2)
        membership, work = member.membership, member.worker
        membership["state"] = fate
        membership["terms"] += terms([f"s:{fate}"])
        day = local_day(moment)
        if fate == MembershipState.ENDED:
            reason, words = seed.random.choices(_ENDS, weights=(7, 4, 1))[0]
            membership["ended_on"], membership["end_reason"] = day, reason
            self._entry(membership, member.node, moment, MembershipAct.ENDED, reason=words, evidence="谈话记录")
            for card in reversed(self.rows.cards):
                if card["membership_id"] == membership["id"]:
                    card["revoked_at"], card["revoked_reason"] = moment, "会籍终止"
                    break
        else:
            self._entry(
                membership,
                member.node,
                moment,
                MembershipAct.SUSPENDED,
                reason="长期外出务工，本人申请保留会籍",
                evidence="本人申请",
            )
        count_up(
            day, member.node.path, work["region_id"], work["occupation_group_id"], membership["door_id"], 0, 0, 0, -1
        )


def _proved(identity: Identity, door: str, moment: datetime) -> Row:
    """Return how far it is proved who somebody is: for a few an outside source has said so; rosters prove no phone.

    By the number, not by chance: who is invented next stays the same.
    """
    verified = crc32(identity.number.encode()) % 100 < _VERIFIED
    return {
        "assurance": Assurance.VERIFIED if verified else Assurance.WELLFORMED,
        "assured_at": moment if verified else None,
        "phone_proved": door != "roster",
    }


def _terms(worker: Row, identity: Identity, node: Node) -> list[int]:
    return terms(
        words_of(
            name=identity.name,
            pinyin=worker["pinyin"],
            initials=worker["initials"],
            phone=identity.phone,
            group=worker["occupation_group_id"],
            region=worker["region_id"],
            employer_id=worker["employer_id"],
            union_path=node.path,
            state=MembershipState.ACTIVE,
            proved=words_of_level(worker["assurance"], phone_proved=worker["phone_proved"]),
        )
    )
