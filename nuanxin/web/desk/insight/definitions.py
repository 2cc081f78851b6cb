"""What each number counts, in words: the drawer on the page and the last sheet of the workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from nuanxin.insight.queries import ScopeView


def definitions(scope: ScopeView) -> list[tuple[str, str]]:
    """Return the name of each number with its unit, and what it counts."""
    where = (
        _("The union itself and every union below it in the tree as it stands today.")
        if scope.kind == "union"
        else _("People by the place they gave as theirs, whatever union they belong to; open cases by union.")
    )
    return [
        (_("Scope"), where),
        (
            _("Active members (persons)"),
            _("Memberships that are neither suspended nor ended, as of the time shown."),
        ),
        (
            _("Applications (cases)"),
            _(
                "Applications with a proved phone, on the day and at the union they first came to. "
                "Passing on or correcting counts no second time; a person who applies again counts again."
            ),
        ),
        (_("Admissions (persons)"), _("Memberships that began on these days, however they began.")),
        (_("Refusals (cases)"), _("Applications refused on these days, at the union that refused.")),
        (
            _("Approval rate (%)"),
            _(
                "Admissions divided by admissions and refusals of the same days. "
                "Returned or withdrawn ones are not in it."
            ),
        ),
        (
            _("Waiting now (cases)"),
            _(
                "Applications a reviewer has yet to decide, at this moment. "
                "Those waiting for the applicant are not in it."
            ),
        ),
        (
            _("Compared with before"),
            _("The same number of days that end the day before the period begins."),
        ),
        (
            _("By occupation group and by door"),
            _(
                "The group and the door at the time of the act. "
                "A group or door that never counted anything is left out."
            ),
        ),
        (_("How fresh"), _("Every number on the page is of one moment and holds every act that was finished by then.")),
    ]
