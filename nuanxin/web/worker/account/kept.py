"""Why something is kept although somebody wants it erased, in words: the rule, its source, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from nuanxin.members.rules.erasure import Kept
from nuanxin.web.kit.templatetags.kit import date_cn

if TYPE_CHECKING:
    from nuanxin.members.rules.erasure import Holding


#: The page on which somebody may end what is in the way.
_LEADS_TO = {Kept.MEMBER: "worker:leave"}


def kept_in_words(holding: Holding) -> dict[str, str]:
    """Return title, sentence and source for one thing that is kept."""
    period, number = holding.period, holding.number
    title, sentence = {
        Kept.MEMBER: (
            _("You are a member"),
            _("As long as you are one, the union needs to know you. Leave first, then come back here."),
        ),
        Kept.ENDED: (
            _("Records of your ended membership"),
            _("They are kept, and nothing else is done with them, until %(day)s. Then they are erased by themselves.")
            % {"day": date_cn(holding.until)},
        ),
        Kept.OPEN_APPLICATION: (
            _("Application %(number)s") % {"number": number},
            _("It is still open or in question. Withdraw it, or wait for the answer; then it can be erased at once."),
        ),
        Kept.CADRE: (
            _("You hold a post of the union"),
            _("Acts of the union carry your name while you hold the post. It must end first."),
        ),
    }[holding.why]
    source = _("By the rule: %(note)s") % {"note": period.source_note} if period and holding.until else ""
    return {"title": title, "sentence": sentence, "source": source, "leads_to": _LEADS_TO.get(holding.why, "")}
