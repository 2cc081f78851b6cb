"""How far it is proved who somebody is, in words: the same to the worker and to the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from nuanxin.members.actions.assurance import DESK
from nuanxin.members.rules.assurance import reaches
from nuanxin.members.states import Assurance, ProofAct
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from nuanxin.members.models import AssuranceProof
    from nuanxin.members.queries.assurance import Proofs


def rungs(proofs: Proofs) -> list[dict[str, Any]]:
    """Return every level with whether it is reached, on what it rests, and whether that is too long ago."""
    rests_on = {
        Assurance.REGISTERED: _("In the registry"),
        Assurance.PHONE: _("A code sent to the phone came back"),
        Assurance.WELLFORMED: _("The number has the right form and check digit; that says nothing of whose it is"),
        Assurance.VERIFIED: _("A source outside the union says that name and number belong together"),
        Assurance.SEEN: _("Somebody of the union saw the person with the document"),
    }
    if proofs.level == Assurance.SEEN and all(line.source == DESK for line in proofs.lines):
        rests_on[Assurance.VERIFIED] = _("Being seen in person holds for this too")
    found = []
    for level, why in rests_on.items():
        reached = proofs.phone_proved if level == Assurance.PHONE else reaches(proofs.level, level)
        own_day = level == proofs.level
        found.append(
            {
                "level": level,
                "label": level.label,
                "why": why,
                "reached": reached,
                "at": proofs.at if own_day else None,
                "is_old": proofs.is_old and own_day,
            }
        )
    return found


def proof_line(line: AssuranceProof) -> dict[str, Any]:
    """Return one proof as a line: when, what it did, by whom."""
    where = local_name(line.union) if line.union else ""
    source = _("At the desk of %(union)s") % {"union": where} if line.source == DESK else _("Outside source")
    return {
        "at": line.at,
        "level": Assurance(line.level).label,
        "act": ProofAct(line.act).label,
        "source": source,
        "evidence": line.evidence,
    }
