"""A province of unions and employers for a crowd to join: 16 cities, their counties, townships, trades and firms."""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from bench.crowd.population import SEED, Firm, Place
from demo.identities import credit_code
from demo.loading import copy_in
from demo.seeds import Seed
from demo.trades import BRANDS, TRADES
from nuanxin.kernel.clock import local_day
from nuanxin.organizations.models import Coverage, Enterprise, Union
from nuanxin.organizations.states import UnionKind, UnionLevel
from nuanxin.regions.models import Region
from nuanxin.regions.rules.pinyin import read_name

if TYPE_CHECKING:
    from uuid import UUID

HOME = "37"
#: The county whose cadre asks: Dongchangfu District, and its city.
COUNTY, CITY = "371502", "3715"
#: So many of the largest employers have a union of their own; the others are covered by their trade's in the county.
OWN_UNIONS = 2000
MOMENT = datetime(2023, 1, 1, tzinfo=UTC)


@dataclass
class Province:
    """What people are drawn into."""

    today: date
    places: list[Place] = field(default_factory=list)
    firms: list[Firm] = field(default_factory=list)
    counties: list[str] = field(default_factory=list)
    home: str = HOME

    @classmethod
    def build(cls, *, firms: int) -> Province:
        """Make the unions where they are missing, and so many employers anew."""
        made = cls(today=local_day(datetime.now(tz=UTC)))
        made.counties = list(Region.objects.filter(level=3).order_by("code").values_list("code", flat=True))
        maker = _Maker(made)
        maker.unions()
        maker.employers(firms)
        return made

    @classmethod
    def known(cls) -> Province:
        """Return the province as it was made before, with the unions but without employers."""
        made = cls(today=local_day(datetime.now(tz=UTC)))
        made.counties = list(Region.objects.filter(level=3).order_by("code").values_list("code", flat=True))
        _Maker(made).unions()
        return made


class _Maker:
    def __init__(self, province: Province) -> None:
        self.province = province
        self.chance = random.Random(SEED)
        self.seed = Seed(province.today, SEED)
        regions = Region.objects.filter(code__startswith=HOME, closed_on=None).order_by("code")
        self.names: dict[str, str] = dict(regions.values_list("code", "name"))
        self.villages: dict[str, list[str]] = {}
        for code in self.names:
            if len(code) == 12:
                for size in (4, 6, 9):
                    self.villages.setdefault(code[:size], []).append(code)
        self.kept: dict[str, tuple[UUID, str]] = {
            code: (pk, path) for pk, code, path in Union.objects.values_list("pk", "code", "path")
        }
        self.fresh: list[dict[str, Any]] = []

    def unions(self) -> None:
        """Make a federation per region down to the townships, and the unions of the trades."""
        root = Union.objects.get(parent=None)
        self.kept[root.code] = (root.pk, root.path)
        self._union("C37", "山东省总工会", HOME, root.code, UnionKind.FEDERATION, UnionLevel.PROVINCE)
        for code, name in self.names.items():
            if len(code) == 4:
                self._union(f"C{code}", f"{name}总工会", code, "C37", UnionKind.FEDERATION, UnionLevel.CITY)
                self._union(
                    f"N{code}",
                    f"{name}新就业形态工会联合会",
                    code,
                    f"C{code}",
                    UnionKind.NEW_EMPLOYMENT,
                    UnionLevel.CITY,
                )
            elif len(code) == 6:
                self._union(f"C{code}", f"{name}总工会", code, f"C{code[:4]}", UnionKind.FEDERATION, UnionLevel.COUNTY)
                for number, trade in enumerate(TRADES):
                    key = f"T{code}{number}"
                    title = f"{name}{trade.union}工会联合会"
                    self._union(key, title, code, f"C{code}", UnionKind.INDUSTRY, UnionLevel.COUNTY, trade.group)
            elif len(code) == 9:
                title = f"{name}灵活就业人员工会"
                self._union(f"F{code}", title, code, f"C{code[:6]}", UnionKind.FLEXIBLE, UnionLevel.TOWNSHIP, "*")
        copy_in(Union, self.fresh)
        self.fresh.clear()

    def _union(self, code: str, name: str, region: str, above: str, kind: str, level: str, group: str = "") -> None:
        if code not in self.kept:
            parent, path = self.kept[above]
            pk, own = self.seed.id_at(MOMENT), f"{path}{code}/"
            row = {"id": pk, "code": code, "name": name, "path": own, "pinyin": " ".join(read_name(name))}
            row |= {"kind": kind, "level": level, "parent_id": parent, "region_id": region, "created_at": MOMENT}
            self.fresh.append(row)
            self.kept[code] = (pk, own)
        villages = self.villages.get(region)
        if group and villages:
            pk, path = self.kept[code]
            self.province.places.append(Place(str(pk), path, region, villages, group.strip("*")))

    def employers(self, count: int) -> None:
        """Make employers; the first ones, where most people work, have unions of their own."""
        by_trade = {(place.region, place.group): place for place in self.province.places if place.group}
        counties = sorted({region for region, _group in by_trade})
        rows, coverages = [], []
        for number in range(count):
            trade = self.chance.choices(TRADES, weights=[each.share for each in TRADES])[0]
            county = self.chance.choice(counties)
            place = by_trade[county, trade.group]
            brand = self.chance.choice(BRANDS) + self.chance.choice(BRANDS)
            name = f"{self.names[county[:4]]}{brand}{self.chance.choice(trade.firms)}"
            pk = self.seed.id_at(MOMENT)
            if number < OWN_UNIONS:
                code = f"E{number:05d}"
                self._union(code, f"{name}工会", county, place.path.strip("/").split("/")[-1], UnionKind.ENTERPRISE,
                            UnionLevel.BASIC)  # fmt: skip
                union, path = self.kept[code]
                place = Place(str(union), path, county, place.villages, trade.group)
            rows.append(
                {
                    "id": pk,
                    "credit_code": credit_code(self.seed, kind="91", area=county),
                    "name": name,
                    "pinyin": " ".join(read_name(name)),
                    "region_id": county,
                    "headcount": 30_000 // (number + 8) + 3,
                    "created_at": MOMENT,
                }
            )
            row = {"id": self.seed.id_at(MOMENT), "enterprise_id": pk, "union_id": place.id, "basis": "own"}
            coverages.append(row | {"valid_from": MOMENT.date()})
            self.province.firms.append(Firm(str(pk), county, trade.group, place))
        copy_in(Union, self.fresh)
        copy_in(Enterprise, rows)
        copy_in(Coverage, coverages)


def cadre(name: str) -> str:
    """Make the sign-in of a cadre of the stand and return the cookie of an open session.

    :param name: `province`, `city`, `county` (registrars), `auditor` (of the province) or `leader` (of the nation).
    """
    from allauth.mfa.totp.internal.auth import TOTP
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.utils import timezone

    from nuanxin.access.actions.session_store import BEGAN, SEEN, SessionStore
    from nuanxin.access.models import Account, Post, Role
    from nuanxin.access.states import ROLES
    from nuanxin.web.kit.sessions import PASSWORD

    account = Account.objects.filter(username=f"bench-{name}").first()
    if account is None:
        code = {"city": f"C{CITY}", "county": f"C{COUNTY}"}.get(name, f"C{HOME}")
        role = name if name in {"auditor", "leader"} else "registrar"
        union = Union.objects.get(parent=None) if name == "leader" else Union.objects.get(code=code)
        title, title_en, permissions = ROLES[role]
        held, _new = Role.objects.get_or_create(
            code=role, defaults={"name": title, "name_en": title_en, "permissions": sorted(permissions)}
        )
        account = Account(username=f"bench-{name}", name="压测", created_at=timezone.now())
        account.set_unusable_password()
        account.save(force_insert=True)
        TOTP.activate(account, secrets.token_hex(16).upper().translate(str.maketrans("0189", "ABCD")))
        Post.objects.create(account=account, role=held, union=union, valid_from=MOMENT)
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(account.pk), PASSWORD
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session[BEGAN] = session[SEEN] = int(timezone.now().timestamp())
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
