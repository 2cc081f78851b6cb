"""What went wrong at a few applications: limits that unions let pass, and routings and refusals that were contested."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from demo.applications import REFUSALS
from nuanxin.kernel.secrets import PersonKey, keyring
from nuanxin.members.actions.review import make_step
from nuanxin.members.states import Act, ApplicationState, ContestKind, ContestState
from nuanxin.records.documents import render_png

if TYPE_CHECKING:
    from datetime import datetime

    from demo.applications import Applications
    from demo.loading import Row
    from demo.unions import Node

#: What applicants say to each of the refusals, in their order.
_REFUSAL_WORDS = (
    "我每天都在东昌府区跑单，平台后台能查到接单记录。附上站长开的在岗证明，请再看看。",
    "我没有离职，上个月只是换了班组，人事系统还没来得及更新。附上站长开的在岗证明。",
    "原籍那边的会籍去年就转出来了，当时没给我发通知，麻烦帮忙核对一下。",
)
_ROUTING_WORDS = (
    "我是送外卖的，住得离这家工会很远，想去离站点近的那家，办事方便。",
    "我们片区的骑手都在行业工会，我一个人被分到别处，听不到活动通知。",
)
_UPHELD = "已与用工单位和当事人分别核实，原决定依据充分。找到新工作后可随时重新申请，我们会优先办理。"
_SENT_BACK = "劳动合同仍在有效期内，请原工会另派人员重新审核。"


@dataclass
class ObjectionRows:
    """What is copied in, table by table."""

    contests: list[Row] = field(default_factory=list)
    lapses: list[Row] = field(default_factory=list)
    attachments: list[Row] = field(default_factory=list)


class Objections:
    """Goes on with applications that were made already; their number and states stay as they are promised."""

    def __init__(self, applications: Applications) -> None:
        self.applications, self.seed, self.tree = applications, applications.seed, applications.tree
        self.calendar, self.rows = applications.calendar, ObjectionRows()
        self._nodes = {node.id: node for node in self.tree.nodes}

    def raise_all(self) -> None:
        """Let limits pass, and let some applicants say that it is not right."""
        for row in self.applications.late:
            self._let_pass(row)
        refused = self._with_state(ApplicationState.REFUSED)
        couriers = self.tree.industries["courier", "371502"]
        refused.sort(key=lambda row: (row["union_id"] != couriers.id, self._nodes[row["union_id"]].kind != "industry"))
        for order, row in enumerate(refused[:5]):
            self._contest_refusal(row, order)
        waiting = [row for row in self._with_state(ApplicationState.SUBMITTED) if not row.get("came_at")]
        for row, words in zip(waiting[-2:], _ROUTING_WORDS, strict=False):
            self._contest_routing(row, words)
        if len(waiting) > 8:
            self._sent_back(waiting[0])

    def _with_state(self, state: str) -> list[Row]:
        return [row for row in self.applications.recent if row["state"] == state]

    def _let_pass(self, row: Row) -> None:
        """Move an application up, as the clock does, as often as its limit has passed."""
        while row["due_at"] < self.seed.midnight and (upper := self._nodes[row["union_id"]].parent):
            node, late = self._nodes[row["union_id"]], row["due_at"]
            at = late + timedelta(minutes=1)
            self.rows.lapses.append(
                {
                    "id": self.seed.id_at(at),
                    "at": at,
                    "application_id": row["id"],
                    "union_id": node.id,
                    "limit_at": late,
                }
            )
            self.applications.act(row, at, Act.ESCALATED, to_union_id=upper.id, basis="members.accept_days")
            step = make_step("escalated", node, upper, due=f"{late:%Y-%m-%d %H:%M}")  # type: ignore[arg-type]
            row |= {"union_id": upper.id, "came_at": at, "reasons": [*row["reasons"], step]}
            row["due_at"] = self.calendar.due(at, 1)

    def _contest_refusal(self, row: Row, order: int) -> None:
        """Contest a refusal; the second one has been answered, the others wait, one of them with a file."""
        at = max(row["closed_at"] + timedelta(hours=3), self.seed.midnight - timedelta(days=1, hours=6 + order))
        answered = order == 1
        if answered:
            at = row["closed_at"] + timedelta(hours=2)
        contest = self._contest(row, ContestKind.REFUSAL, at, self._words(row))
        if order == 0:
            self._attach(contest, row, at)
        if answered:
            self._answer(row, contest, ContestState.UPHELD, Act.CONTEST_UPHELD, _UPHELD)

    def _contest_routing(self, row: Row, words: str) -> None:
        """Contest where an application went, naming another union."""
        wanted = self.tree.industries["food_delivery_rider", "371502"]
        other = wanted.id if wanted.id != row["union_id"] else self.tree.pool.id
        at = self.seed.midnight - timedelta(hours=2, minutes=int(self.seed.random.random() * 60))
        self._contest(row, ContestKind.ROUTING, at, words, wanted_id=other)

    def _sent_back(self, row: Row) -> None:
        """Let an application that waits have been refused and contested before: somebody else decides anew."""
        waits_since, due = row["confirmed_at"], row["due_at"]
        closed = waits_since + timedelta(minutes=40)
        self.applications.act(row, closed, Act.REFUSED, office=True, reason=REFUSALS[1])
        contest = self._contest(row, ContestKind.REFUSAL, closed + timedelta(minutes=25), _REFUSAL_WORDS[1])
        at = contest["asked_at"] + timedelta(minutes=90)
        self._answer(row, contest, ContestState.SENT_BACK, Act.CONTEST_SENT_BACK, _SENT_BACK, at=at)
        row |= {"came_at": at, "due_at": due, "barred_account_id": self._office(row["union_id"])}

    def _contest(self, row: Row, kind: str, at: datetime, words: str, **more: Any) -> Row:
        decider = self._decider(self._nodes[row["union_id"]])
        contest: Row = {
            "id": self.seed.id_at(at),
            "application_id": row["id"],
            "kind": kind,
            "state": ContestState.OPEN,
            "sealed_words": PersonKey(row["sealed_key"]).seal(words),
            "against_id": row["union_id"],
            "union_id": decider.id,
            "asked_at": at,
            "due_at": self.calendar.due(at, 5),
            **more,
        }
        self.rows.contests.append(contest)
        self.applications.act(row, at, Act.CONTESTED, to_union_id=decider.id, basis="members.contest_days")
        return contest

    def _answer(self, row: Row, contest: Row, state: str, act: str, reason: str, *, at: datetime | None = None) -> None:
        """Answer a contest in the name of the union above, before today."""
        at = at or min(contest["asked_at"] + timedelta(hours=20), self.seed.midnight - timedelta(hours=7))
        contest |= {"state": state, "decided_at": at, "decided_by_id": self._office(contest["union_id"])}
        self.applications.act(row, at, act, union_id=contest["union_id"], office=True, reason=reason, basis="contest")

    def _decider(self, node: Node) -> Node:
        """Return the nearest union above where somebody decides, as `decider_above` finds it."""
        upper = node.parent
        while upper and upper.id not in self.applications.members.cadres.offices:
            upper = upper.parent
        return upper or node

    def _office(self, union_id: Any) -> Any:
        post = self.applications.members.cadres.offices.get(union_id)
        return post.account_id if post else None

    def _words(self, row: Row) -> str:
        """Return what somebody says to the reason that the union gave."""
        reasons = {act["reason"] for act in self.applications.rows.acts if act["application_id"] == row["id"]}
        return next((words for reason, words in zip(REFUSALS, _REFUSAL_WORDS, strict=True) if reason in reasons), "")

    def _attach(self, contest: Row, row: Row, at: datetime) -> None:
        """Give the paper of which the applicant speaks: one of the product's own, as a picture."""
        content = render_png("application_form", _paper(row), dots_per_inch=72)
        self.rows.attachments.append(
            {
                "id": self.seed.id_at(at),
                "subject_type": "members.contest",
                "subject_id": contest["id"],
                "name": f"{row['number']}-refusal.image",
                "media_type": "image/png",
                "size": len(content),
                "sha256": hashlib.sha256(content).digest(),
                "sealed_content": keyring().seal(content),
                "uploaded_at": at,
            }
        )


def _paper(row: Row) -> dict[str, Any]:
    """Return what a site's certificate says; at the foot, that it is none."""
    return {
        "lang": "zh",
        "title": "在岗证明",
        "issuer": "演示网点",
        "subtitle": "",
        "pledge": f"兹证明{row['name']}系我网点在岗人员，自今年三月起从事派送工作，至今未离职。特此证明。",
        "pledge_translation": "",
        "signature": [{"label": "单位", "value": "演示网点（盖章）"}, {"label": "负责人", "value": "孙站长"}],
        "note": "本件为演示城市的虚构材料，不证明任何事实。",
        "footer": "演示材料",
    }
