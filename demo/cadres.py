"""Accounts and posts: cadres at each level, reviewers of every union, people offices of firms, a partner's counter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.hashers import make_password

from demo import names
from nuanxin.access.actions.identities import subject_digest
from nuanxin.access.models import Account, Role
from nuanxin.access.states import ROLES, Platform
from nuanxin.organizations.states import UnionKind

if TYPE_CHECKING:
    from datetime import datetime

    from demo.loading import Row
    from demo.unions import Node, Tree

#: Every demo account has this one; the tour prints it, and it is only ever set in a demo city.
PASSWORD = "nuanxin-demo-2026"

#: Kinds of which the city has one.
_SINGLE = (UnionKind.POOL, UnionKind.NEW_EMPLOYMENT)


@dataclass(frozen=True)
class Office:
    """The post in whose name a union acts."""

    account_id: UUID
    post_id: UUID


class Cadres:
    """Makes accounts and posts; all have one password, hashed once, for hashing it two thousand times takes minutes."""

    def __init__(self, tree: Tree) -> None:
        self.tree, self.seed = tree, tree.seed
        self.accounts: list[Row] = []
        self.posts: list[Row] = []
        self.offices: dict[UUID, Office] = {}
        self.since: datetime = self.seed.midnight - timedelta(days=1150)
        self._hash = make_password(PASSWORD)

    def appoint(self) -> None:
        """Give every union that receives applications a reviewer, and the federations the posts of the tour."""
        tree = self.tree
        for node in tree.nodes:
            if node.kind != UnionKind.FEDERATION:
                self._post(reviewer_name(node), "reviewer", node, "入会审核员")
        for code, node in tree.townships.items():
            self._post(f"street-{code}", "reviewer", node, "街道（乡镇）工会干事")
        for code, node in tree.counties.items():
            self._post(f"county-{code}", "reviewer", node, "区县工会基层工作部")
            self._more(f"county-{code}", "registrar", node, "区县工会基层工作部")
            self._more(f"county-{code}", "organizer", node, "区县工会组织部")
        self._post("shandong", "leader", tree.province, "省总工会基层工作部")
        self._post("liaocheng", "administrator", tree.city, "市总工会系统管理员")
        self._post("liaocheng-review", "reviewer", tree.city, "市总工会基层工作部")
        self._post("liaocheng-registrar", "registrar", tree.city, "市总工会会籍管理员")
        self._post("liaocheng-leader", "leader", tree.city, "市总工会分管领导")
        self._post("liaocheng-services", "services", tree.city, "市总工会权益保障部")
        self._post("liaocheng-audit", "auditor", tree.city, "市总工会经审委员会")

    def people_office(self, username: str, firm: Row) -> None:
        """Give an enterprise's people office an account."""
        account = self._account(username)
        self.posts.append(self._row(account, "hr", "人力资源部", enterprise_id=firm["id"]))

    def absences(self) -> list[Row]:
        """Let one reviewer be away this week, with a delegate in the post's name."""
        away = next(row for row in self.accounts if row["username"] == "food-delivery-rider-371502")
        delegate = next(row for row in self.accounts if row["username"] == "courier-371502")
        post = next(row for row in self.posts if row["account_id"] == away["id"])
        return [
            {
                "id": self.seed.id_at(self.seed.midnight - timedelta(days=2)),
                "post_id": post["id"],
                "delegate_id": delegate["id"],
                "starts_at": self.seed.midnight - timedelta(days=1),
                "ends_at": self.seed.midnight + timedelta(days=6),
                "note": "外出培训",
            }
        ]

    def links(self) -> list[Row]:
        """Link one reviewer's account to DingTalk, as somebody who works with it every day has it."""
        account = next(row for row in self.accounts if row["username"] == "courier-371502")
        linked_at = self.seed.midnight - timedelta(days=60, hours=-9)
        return [
            {
                "id": self.seed.id_at(linked_at),
                "account_id": account["id"],
                "platform": Platform.DINGTALK,
                "subject_digest": subject_digest(Platform.DINGTALK, f"demo {account['id']}"),
                "for_desk": True,
                "linked_at": linked_at,
                "last_used_at": self.seed.midnight - timedelta(days=1, hours=-8),
            }
        ]

    def _post(self, username: str, role: str, node: Node, title: str) -> None:
        account = self._account(username)
        row = self._row(account, role, title, union_id=node.id)
        self.posts.append(row)
        self.offices.setdefault(node.id, Office(account["id"], row["id"]))

    def _more(self, username: str, role: str, node: Node, title: str) -> None:
        account = next(row for row in self.accounts if row["username"] == username)
        self.posts.append(self._row(account, role, title, union_id=node.id))

    def _account(self, username: str) -> Row:
        sex = self.seed.one(("M", "F"))
        row: Row = {
            "id": self.seed.id_at(self.since),
            "username": username,
            "password": self._hash,
            "name": names.person(self.seed, sex=sex, born=1982),
            "created_at": self.since,
        }
        self.accounts.append(row)
        return row

    def _row(self, account: Row, role: str, title: str, **place: UUID) -> Row:
        return {
            "id": self.seed.id_at(self.since),
            "account_id": account["id"],
            "role_id": role,
            "title": title,
            "valid_from": self.since,
            **place,
        }


def reviewer_name(node: Node) -> str:
    """Return the sign-in name of a union's reviewer: one that can be remembered where the tour needs it."""
    if node.kind == UnionKind.INDUSTRY and node.trade:
        return f"{node.trade.group.replace('_', '-')}-{node.region}"
    return f"{node.kind}-{node.region}" if node.kind in _SINGLE else f"u-{node.code.lower()}"


def ensure_roles() -> None:
    """Make the roles of a fresh installation where set-up has not."""
    Role.objects.bulk_create(
        [
            Role(code=code, name=name, name_en=english, permissions=sorted(permissions))
            for code, (name, english, permissions) in ROLES.items()
        ],
        ignore_conflicts=True,
    )


def is_taken() -> bool:
    """Tell whether the demo accounts are there already."""
    return Account.objects.filter(username="liaocheng").exists()
