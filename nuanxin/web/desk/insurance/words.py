"""How gifted insurance is said at the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nuanxin.benefits.rules.insurance import read_checks
from nuanxin.benefits.states.insurance import BatchState, ClaimState, DifferenceState
from nuanxin.members.states import MembershipState
from nuanxin.organizations.queries.lists import open_groups
from nuanxin.web.kit.masks import mask_id, mask_name
from nuanxin.web.kit.templatetags.kit import date_cn, local_name

if TYPE_CHECKING:
    from nuanxin.benefits.models import InsuranceBatch
    from nuanxin.benefits.queries.insurance import Sides

BATCH_TONES: Final[dict[str, str]] = {
    BatchState.DRAFT: "",
    BatchState.FREEZING: "info",
    BatchState.FROZEN: "wait",
    BatchState.SENDING: "info",
    BatchState.SENT: "wait",
    BatchState.RETURNED: "wait",
    BatchState.SETTLED: "good",
    BatchState.CANCELLED: "",
}
CLAIM_TONES: Final[dict[str, str]] = {
    ClaimState.SENT: "wait",
    ClaimState.RETURNED: "wait",
    ClaimState.FORWARDED: "info",
    ClaimState.APPROVED: "good",
    ClaimState.PAID: "good",
    ClaimState.REFUSED: "bad",
    ClaimState.WITHDRAWN: "",
}
DIFFERENCE_TONES: Final = {DifferenceState.OPEN: "bad", DifferenceState.MENDED: "good", DifferenceState.SETTLED: ""}
#: Why a file of policies could not be read, by code.
_NOTHING: Final = gettext_lazy("There is no policy in this file. Please ask the insurer for the right one.")
FAILURES: Final = {
    "no_rows": _NOTHING,
    "empty_file": _NOTHING,
    "columns_missing": gettext_lazy(
        "Titles are missing: it needs policy number, name, ID number, cover from, cover until and sum insured."
    ),
}


def failure_of(code: str) -> str:
    """Say why a file of policies could not be read."""
    return str(FAILURES.get(code) or _("This is not a table that can be read. Please save it as .xlsx and try again."))


def checks_of(batch: InsuranceBatch) -> list[tuple[str, str]]:
    """Say who is eligible for a batch, condition by condition."""
    checks = read_checks(batch.checks)
    groups = open_groups(batch.on)
    said = [
        (_("Members of"), _("%(union)s and below") % {"union": local_name(batch.union)}),
        (_("Standing of membership"), "、".join(str(MembershipState(each).label) for each in checks.states)),
        (
            _("Occupation groups"),
            "、".join(local_name(groups[each]) if each in groups else each for each in checks.groups) or _("all"),
        ),
        (_("Judged by the day"), date_cn(batch.on)),
    ]
    if checks.least_age is not None or checks.most_age is not None:
        said.append((_("Age"), f"{checks.least_age or ''}–{checks.most_age or ''}"))
    if checks.uninsured:
        said.append((_("Only"), _("people who have no gifted insurance in that time")))
    if checks.welcome:
        said.append((_("Only"), _("new members to whom the welcome pack gives insurance")))
    if batch.most:
        said.append((_("At most"), _("%(count)s people, those who are members longest") % {"count": batch.most}))
    return said


def flow_of(batch: InsuranceBatch) -> list[dict[str, Any]]:
    """Return the steps of a batch, with the one at hand."""
    order = (BatchState.DRAFT, BatchState.FROZEN, BatchState.SENT, BatchState.RETURNED, BatchState.SETTLED)
    labels = (_("Prepared"), _("List frozen"), _("With the insurer"), _("Policies back"), _("Agrees to the unit"))
    moments = (batch.made_at, batch.frozen_at, batch.sent_at, None, batch.settled_at)
    stand = {BatchState.FREEZING: BatchState.DRAFT, BatchState.SENDING: BatchState.FROZEN}
    at = stand.get(BatchState(batch.state), BatchState(batch.state))
    here = order.index(at) if at in order else 0
    return [
        {
            "label": label,
            "at": moments[place],
            "done": place < here or at == BatchState.SETTLED,
            "now": place == here and at != BatchState.SETTLED,
        }
        for place, label in enumerate(labels)
    ]


def line_of(sides: Sides) -> dict[str, Any]:
    """Return a difference as the desk shows it: names and ID numbers masked, and what differs in words."""
    each, ours, theirs = sides.difference, sides.ours, sides.theirs
    return {
        "difference": each,
        "kind": each.get_kind_display(),
        "state": {"label": each.get_state_display(), "tone": DIFFERENCE_TONES[DifferenceState(each.state)]},
        "who": mask_name(ours.get("name") or theirs.get("name") or "") or _("erased"),
        "line": ours.get("line"),
        "union": local_name(ours["union"]) if ours else "",
        "policy_number": theirs.get("policy_number", ""),
        "ours": _side(each.kind, ours),
        "theirs": _side(each.kind, theirs),
    }


def _side(kind: str, side: dict[str, Any]) -> str:
    if not side:
        return "—"
    match kind:
        case "name":
            return mask_name(side["name"]) or _("erased")
        case "id":
            return mask_id(side["id_number"]) or "—"
        case "dates":
            return f"{date_cn(side['cover_from']) or '?'} – {date_cn(side['cover_until']) or '?'}"
        case "sum":
            return f"{side['sum_insured']:,.2f}" if side["sum_insured"] is not None else "?"
        case "doubled_number" | "doubled_person":
            return str(side.get("policy_number") or "") or _("line %(line)s") % {"line": side["line"]}
        case _:
            return mask_id(side["id_number"]) or "—"
