"""Rosters: files of people as they come out of Excel."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import xlsxwriter

from nuanxin.kernel.ids import application_number
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.actions.rosters import upload_roster, work_off
from nuanxin.members.models import Roster
from nuanxin.members.queries.rosters import Place
from nuanxin.members.states import RosterState
from tests.factories import NOW
from tests.factories.members import make_id_number, make_phone

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nuanxin.access.actors import Actor
    from nuanxin.organizations.models import Enterprise, Union

HEADERS = ("姓名", "身份证号", "手机号", "职业群体", "工作地区", "单位名称", "平台")


def make_person(
    name: str = "王小芳",
    *,
    id_number: str | None = None,
    phone: str | None = None,
    group: str = "courier",
    region: str = "371502001001",
    employer: str = "",
    platform: str = "",
) -> tuple[str, ...]:
    """Return one row of a roster, another person each time."""
    return (name, id_number or make_id_number(), phone or make_phone(), group, region, employer, platform)


def make_xlsx(rows: Iterable[Sequence[Any]], headers: Sequence[str] = HEADERS) -> bytes:
    """Return rows under their titles as an .xlsx file; everything is text."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate([headers, *rows]):
            for column, cell in enumerate(row):
                sheet.write_string(line, column, str(cell))
    return file.getvalue()


def hand_in(
    actor: Actor,
    rows: Iterable[Sequence[Any]],
    *,
    union: Union,
    enterprise: Enterprise | None = None,
    headers: Sequence[str] = HEADERS,
    check: bool = True,
    **fields: Any,
) -> Roster:
    """Hand a roster in, and have it checked in this thread."""
    made = upload_roster(
        actor=actor,
        place=Place(union, enterprise),
        name="花名册.xlsx",
        content=make_xlsx(rows, headers),
        **{"now": NOW} | fields,
    )
    if check:
        work_off(made.pk)
    return fresh(made)


def make_roster(*, union: Union, state: str = RosterState.CHECKED, **fields: Any) -> Roster:
    """Make a roster without rows, as if its file had been checked."""
    made = Roster(
        number=application_number(NOW.date()),
        state=state,
        union=union,
        sealed_key=PersonKey.new().sealed,
        file_name="花名册.xlsx",
        file_size=1,
        file_digest=b"",
        headers=list(HEADERS),
        uploaded_at=NOW,
        beat_at=NOW,
        **fields,
    )
    made.save(force_insert=True)
    return made


def fresh(roster: Roster) -> Roster:
    """Return a roster as it stands now."""
    return Roster.objects.select_related("union", "enterprise").get(pk=roster.pk)
