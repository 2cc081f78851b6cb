"""Fixed wordings that are agreed to, as data with their sources: the application sentence and the consent texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from nuanxin.members.rules.applicants import CONSENT_VERSION
from nuanxin.members.states import ConsentKind

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


@dataclass(frozen=True, slots=True)
class Pledge:
    """One wording of the sentence with which one applies; the Chinese one is binding."""

    text: str
    english: str
    source: str


#: The wording of the national form 《中华全国总工会入会申请书》 as printed before 2018.
PLEDGE_BEFORE_2018: Final = Pledge(
    "我自愿加入中华全国总工会，遵守工会章程，执行工会决议，积极参加工会活动，"
    "为把我国建设成为富强、民主、文明、和谐的社会主义现代化国家而努力奋斗。",
    "I join the All-China Federation of Trade Unions of my own free will. I will keep to the union's charter, carry "
    "out its resolutions, take an active part in its activities, and strive to build our country into a prosperous, "
    "democratic, culturally advanced and harmonious modern socialist country.",
    "《中华全国总工会入会申请书》, form of the national federation, confirmed by two prints",
)
#: The wording of later prints, after the charter of 2018 took up “beautiful” and “great modern socialist country”.
PLEDGE_SINCE_2018: Final = Pledge(
    "我自愿加入中华全国总工会，遵守工会章程，执行工会决议，积极参加工会活动，"
    "为把我国建设成为富强民主文明和谐美丽的社会主义现代化强国而努力奋斗。",
    "I join the All-China Federation of Trade Unions of my own free will. I will keep to the union's charter, carry "
    "out its resolutions, take an active part in its activities, and strive to build our country into a great modern "
    "socialist country that is prosperous, democratic, culturally advanced, harmonious and beautiful.",
    "《中华全国总工会入会申请书》, later prints; general knowledge of the trade, to be compared with the local form",
)
#: The one that applicants agree to.
PLEDGE: Final = PLEDGE_SINCE_2018


@dataclass(frozen=True, slots=True)
class ConsentText:
    """What one consent says: its short sentence beside the box, and the whole text behind it."""

    kind: str
    label: _StrOrPromise
    needed: bool
    paragraphs: tuple[_StrOrPromise, ...]
    version: str = CONSENT_VERSION


#: Source of the paragraphs: personal information protection law, articles 13-17, 23, 29, 44-47.
CONSENTS: Final = (
    ConsentText(
        ConsentKind.PROCESSING,
        _("I agree that the union uses what I filled in to handle my joining"),
        True,
        (
            _(
                "What: your name, mobile number, occupation group, place of work, and your employer or platform if you "
                "name one."
            ),
            _(
                "What for: to find the union that answers for you, to decide on your application, to tell you about "
                "it, and to issue your member card. For nothing else, and never for advertising."
            ),
            _(
                "Who sees it: the reviewers of the union your application is with and of the unions above it. Names "
                "and numbers are masked; each full look needs a reason and is recorded."
            ),
            _(
                "How long: an application that is not sent is deleted after one day. What you sent is kept while you "
                "are a member and as long after as the law on union records asks."
            ),
            _(
                "Your rights: you may see and export everything held about you, have it corrected, and take this "
                "consent back at any time: tell your union or call 12351."
            ),
        ),
    ),
    ConsentText(
        ConsentKind.IDENTITY,
        _("I agree separately that the union uses my ID number, which is sensitive information"),
        True,
        (
            _(
                "Why it is needed: one person may be a member once only, and benefits are for the person who is meant. "
                "Your ID number is how the union tells two people of the same name apart."
            ),
            _(
                "How it is protected: it is stored encrypted under a key of your own, shown only in part, and each "
                "full look needs a reason and is recorded. Counters that check your card never see it."
            ),
            _("Without this consent your application cannot be sent. You can still get help by calling 12351."),
        ),
    ),
    ConsentText(
        ConsentKind.EMPLOYER,
        _("I agree that the union asks my employer whether I work there (you may leave this empty)"),
        False,
        (
            _(
                "If you named an employer that is in the register, its people office may be asked one question: does "
                "this person work here? It sees your name and a masked phone number, nothing more."
            ),
            _("This can make the decision faster. If you say no, your application is handled all the same."),
        ),
    ),
)
