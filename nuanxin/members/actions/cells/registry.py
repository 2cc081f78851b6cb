"""Which cells there are: written at the directory by its keeper, and copied by every cell from the directory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.envelopes import Forged, cell_keys, decode, encode, read, write
from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.remember import forget
from nuanxin.kernel.signing import PublicKey
from nuanxin.members.models import Cell
from nuanxin.members.queries.cells import own_code
from nuanxin.members.rules.cells.messages import DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


def introduction(*, name: str) -> str:
    """Return what a cell gives the keeper of the directory: code, name, address and both public keys, signed.

    Nothing in it is secret; the keeper must be sure whom it came from.
    """
    keys = cell_keys()
    card = {
        "code": own_code(),
        "name": name,
        "address": settings.NUANXIN_BASE_URL,
        "signing": keys.signing.public().compressed().hex(),
        "sealing": keys.sealing.public().compressed().hex(),
    }
    return write(card, keys.signing)


def directory_point() -> str:
    """Return the public key by which cells know this installation when it answers as the directory."""
    return encode(cell_keys().signing.public().compressed())


def directory_key() -> PublicKey:
    """Return the directory's public key, as the settings name it.

    :raises Forged: they name none.
    """
    try:
        return PublicKey.read(decode(settings.NUANXIN_DIRECTORY_POINT))
    except ValueError:
        raise Forged("NUANXIN_DIRECTORY_POINT is no point") from None


@transaction.atomic
def register_cell(*, introduction: str) -> Cell:
    """Let a cell take part, or take part with other keys or another address; by the keeper of the directory.

    :raises Invalid: it is no introduction, or was not signed with the key that it names.
    """
    try:
        opened = read(introduction.strip())
        card = opened.verify(PublicKey.read(bytes.fromhex(str(opened.message["signing"]))))
        PublicKey.read(bytes.fromhex(str(card["sealing"])))
        code = str(card["code"])
    except (Forged, KeyError, ValueError):
        raise Invalid("no_introduction", _("This is no introduction of a cell.")) from None
    if code == DIRECTORY or not code or len(code) > 20:
        raise Invalid("bad_code", _("A cell cannot be called so."))
    return _keep([{**card, "closed": False}])[0]


@transaction.atomic
def close_cell(*, code: str, now: datetime) -> None:
    """Believe a cell no more; what it holds stays written as its own until it is handed over by its keeper."""
    if not Cell.objects.filter(code=code, closed_at=None).update(closed_at=now):
        raise Invalid("unknown_cell", _("There is no such cell."))
    forget("cells.")


def keep_cells(*, answer: Mapping[str, Any], now: datetime) -> int:
    """Copy the directory's list of cells; return how many. The installation that is the directory has the original."""
    if settings.NUANXIN_DIRECTORY:
        return 0
    return len(_keep(answer["cells"], now))


def _keep(cards: Iterable[Mapping[str, Any]], now: datetime | None = None) -> list[Cell]:
    rows = [
        Cell(
            code=str(card["code"])[:20],
            name=str(card["name"])[:100],
            address=str(card["address"]).rstrip("/")[:200],
            signing_point=bytes.fromhex(str(card["signing"])),
            sealing_point=bytes.fromhex(str(card["sealing"])),
            closed_at=now if card["closed"] else None,
        )
        for card in cards
    ]
    Cell.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "address", "signing_point", "sealing_point", "closed_at"],
    )
    forget("cells.")
    return rows


def cells_as_text() -> str:
    """Return the known cells for the keeper to read."""
    rows = Cell.objects.order_by("code")
    return json.dumps(
        [{"code": row.code, "name": row.name, "address": row.address} for row in rows], ensure_ascii=False
    )
