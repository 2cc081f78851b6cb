"""Of which kind a notice is, by which ways each kind goes, and which ways somebody may choose or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nuanxin.messages.states import Channel, Kind

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(frozen=True, slots=True)
class Ways:
    """How one kind of notice goes out.

    :param always: cannot be switched off: the law or the person's safety needs them.
    :param usual: what somebody has who chose nothing; the first of them that works is taken.
    :param offered: what may be chosen besides.
    :param is_urgent: goes out at night too.
    """

    always: tuple[Channel, ...]
    usual: tuple[Channel, ...] = ()
    offered: tuple[Channel, ...] = ()
    is_urgent: bool = False


#: Ways to one person outside the app, the one that costs nothing and is read soonest first.
ORDER = (Channel.WEIXIN, Channel.SMS, Channel.EMAIL)
_LEGAL = (Channel.APP, Channel.SMS)

#: Decisions on an application and acts upon a membership start limits for corrections and objections: whoever they
#: concern must hear of them. Of what touches the safety of an account, too, even at night.
WAYS: dict[Kind, Ways] = {
    Kind.CODE: Ways((Channel.SMS,), is_urgent=True),
    Kind.SECURITY: Ways(_LEGAL, offered=(Channel.WEIXIN, Channel.EMAIL), is_urgent=True),
    Kind.APPLICATION: Ways(_LEGAL, offered=(Channel.WEIXIN, Channel.EMAIL)),
    Kind.MEMBERSHIP: Ways(_LEGAL, offered=(Channel.WEIXIN, Channel.EMAIL)),
    Kind.PROGRESS: Ways((Channel.APP,), usual=(Channel.WEIXIN, Channel.SMS), offered=ORDER),
    Kind.WORK: Ways((Channel.APP,), usual=(Channel.WEIXIN, Channel.EMAIL), offered=ORDER),
}

_EXACT = {
    "application.accepted": Kind.PROGRESS,
    "application.withdrawn": Kind.PROGRESS,
    "membership.resumed": Kind.PROGRESS,
}
_FAMILIES = {
    "code": Kind.CODE,
    "email": Kind.CODE,
    "application": Kind.APPLICATION,
    "contest": Kind.APPLICATION,
    "phone": Kind.SECURITY,
    "name": Kind.SECURITY,
    "device": Kind.SECURITY,
    "identity": Kind.SECURITY,
    "card": Kind.SECURITY,
    "post": Kind.WORK,
    "chat": Kind.WORK,
    "cells": Kind.WORK,
    "formation": Kind.WORK,
    "invitation": Kind.WORK,
    "roster": Kind.WORK,
    "booking": Kind.PROGRESS,
    "pack": Kind.PROGRESS,
    "coupon": Kind.PROGRESS,
    "insurance": Kind.PROGRESS,
    "checkup": Kind.PROGRESS,
}
#: What a cadre is asked to do ends so; it holds no name, and may be told to the chat of the union's cadres.
_WAITING = ".waiting"


def kind_of(template: str) -> Kind:
    """Return the kind of a template: by its own name, or its family's; what nobody placed cannot be switched off."""
    if template.endswith(_WAITING):
        return Kind.WORK
    return _EXACT.get(template) or _FAMILIES.get(template.split(".", maxsplit=1)[0], Kind.MEMBERSHIP)


def for_chats(template: str) -> bool:
    """Answer whether a union's cadres are told in their chats too."""
    return template.endswith(_WAITING)


def may_choose(kind: Kind) -> tuple[Channel, ...]:
    """Return the ways that somebody may switch on and off for a kind."""
    return WAYS[kind].offered


def chosen_or_usual(kind: Kind, chosen: Collection[str] | None) -> frozenset[str]:
    """Return the ways beside those that always go: what was chosen, or what is usual."""
    return frozenset(WAYS[kind].usual if chosen is None else chosen) & frozenset(WAYS[kind].offered)


def first_ways(kind: Kind, chosen: Collection[str] | None, has: Collection[str]) -> tuple[Channel, ...]:
    """Return by which ways outside the app a notice goes at first.

    Every way that always goes, and the first of the chosen ones; nobody's phone rings three times for one fact.

    :param chosen: what the person chose for this kind; None when they chose nothing.
    :param has: the ways by which this person can be reached at all.
    """
    always = tuple(way for way in WAYS[kind].always if way in has and way != Channel.APP)
    others = [way for way in ORDER if way in chosen_or_usual(kind, chosen) and way in has and way not in always]
    return always + tuple(others[:1])


def next_way(kind: Kind, chosen: Collection[str] | None, has: Collection[str], used: Collection[str]) -> Channel | None:
    """Return the way to try when one has failed for good; None when there is no other.

    What the person switched off is taken only for kinds that somebody must hear of.
    """
    must = any(way != Channel.APP for way in WAYS[kind].always)
    allowed = set(ORDER) if must else chosen_or_usual(kind, chosen)
    return next((way for way in ORDER if way in allowed and way in has and way not in used), None)
