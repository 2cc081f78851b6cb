"""Insurers and their plans, and preparing a batch of gifted insurance."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.actions import issue_client_token
from nuanxin.access.models import ApiClient
from nuanxin.access.states import Permission, Scope
from nuanxin.benefits.models import InsuranceBatch, InsurancePlan, Insurer
from nuanxin.benefits.rules.insurance import (
    MOST_PEOPLE,
    Checks,
    amount,
    check_cover,
    check_service,
    cover_until,
    read_checks,
)
from nuanxin.benefits.states.insurance import BATCH_MOVES, BatchState
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.ids import application_number
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.kernel.rows import insert
from nuanxin.kernel.secrets import PersonKey, seal
from nuanxin.kernel.states import move
from nuanxin.kernel.text import check_text
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import Union

_SECRET_BYTES = 32
_MOST_MONTHS = 60


@dataclass(frozen=True, slots=True)
class NewInsurer:
    """An insurer, and the secret by which both sides sign, shown this once; empty where files go by hand."""

    insurer: Insurer
    secret: str


@transaction.atomic
def register_insurer(
    *,
    actor: Actor,
    name: object,
    name_en: object = "",
    hotline: object = "",
    address: object = "",
    with_key: bool = False,
    now: datetime,
) -> NewInsurer:
    """Write down an insurer; with a key its service and ours send each other signed messages.

    :param address: of the service that takes rolls, `https://…`; empty where they go as files.
    :raises NotAllowed: without `benefits.insure`; for a key without `access.manage_keys` at the root of the tree.
    :raises Invalid: no name, or an address that is none.
    :raises Conflict: there is one of this name.
    """
    actor.require(Permission.INSURE)
    label, url = check_text(name, field="name", most=60), check_text(address, field="address", most=200).rstrip("/")
    if not label:
        raise Invalid("missing", _("Please fill this in."), field="name")
    check_service(url)
    secret, client = "", None
    if url or with_key:
        issue_client_token(name=label, scopes=[Scope.SEND_POLICIES], actor=actor, now=now)
        client = ApiClient.objects.get(name=label, revoked_at=None)
        secret = base64.urlsafe_b64encode(os.urandom(_SECRET_BYTES)).decode().rstrip("=")
    insurer = Insurer(
        name=label,
        name_en=check_text(name_en, field="name_en", most=120),
        hotline=check_text(hotline, field="hotline", most=40),
        address=url,
        client=client,
        sealed_secret=seal(secret) if secret else b"",
        created_at=now,
    )
    try:
        with transaction.atomic():
            insert(insurer)
    except IntegrityError:
        raise Conflict("known_insurer", _("There is an insurer of this name already.")) from None
    record(actor, "benefits.insurer_registered", insurer, now=now, with_key=bool(secret))
    return NewInsurer(insurer, secret)


@transaction.atomic
def make_plan(
    *, actor: Actor, union: Union, insurer: Insurer, fields: Mapping[str, Any], now: datetime
) -> InsurancePlan:
    """Write down what is given: cover, sum, premium, term, and from when to when it is offered.

    :param fields: `code, name, name_en, cover, cover_en, sum_insured, premium, months, valid_from, valid_until`.
    :raises NotAllowed: without `benefits.insure` there.
    :raises Invalid: something is missing or cannot be.
    :raises Conflict: the code is taken.
    """
    actor.require(Permission.INSURE, at=union)
    texts = {
        name: check_text(fields.get(name) or "", field=name, most=most)
        for name, most in (("code", 30), ("name", 60), ("name_en", 120), ("cover", 500), ("cover_en", 1000))
    }
    for name in ("code", "name", "cover"):
        if not texts[name]:
            raise Invalid("missing", _("Please fill this in."), field=name)
    months = int(fields["months"])
    if not 1 <= months <= _MOST_MONTHS:
        raise Invalid("bad_months", _("A term is between 1 and 60 months."), field="months")
    if fields.get("valid_until") and fields["valid_until"] < fields["valid_from"]:
        raise Invalid("dates", _("The end lies before the beginning."), field="valid_until")
    plan = InsurancePlan(
        insurer=insurer,
        union=union,
        sum_insured=amount(fields["sum_insured"], field="sum_insured"),
        premium=amount(fields["premium"], field="premium", zero=True),
        months=months,
        valid_from=fields["valid_from"],
        valid_until=fields.get("valid_until"),
        created_at=now,
        **texts,
    )
    try:
        with transaction.atomic():
            insert(plan)
    except IntegrityError:
        raise Conflict("known_plan", _("This code is taken by another plan.")) from None
    record(actor, "benefits.plan_made", plan, now=now, union_path=union.path, code=plan.code)
    return plan


@transaction.atomic
def prepare_batch(
    *,
    actor: Actor,
    plan: InsurancePlan,
    union: Union,
    name: object,
    on: date,
    cover_from: date,
    checks: Checks,
    most: int | None = None,
    now: datetime,
) -> InsuranceBatch:
    """Say who is to be given a plan: nobody is on a list yet.

    :param union: the members at and below it; `on` the day by which eligibility is judged.
    :param most: at most so many people, those who are members longest.
    :raises NotAllowed: without `benefits.insure` there.
    :raises Invalid: no name, days that cannot be, a plan that is not offered when the cover begins.
    """
    actor.require(Permission.INSURE, at=union)
    label = check_text(name, field="name", most=60)
    if not label:
        raise Invalid("missing", _("Please fill this in."), field="name")
    check_cover(on, cover_from, local_day(now))
    if cover_from < plan.valid_from or (plan.valid_until and cover_from > plan.valid_until):
        raise Invalid("plan_not_offered", _("This plan is not offered on that day."), field="cover_from")
    _check_most(most)
    read_checks(checks.stored())
    batch = InsuranceBatch(
        number=application_number(local_day(now)),
        plan=plan,
        union=union,
        name=label,
        on=on,
        cover_from=cover_from,
        cover_until=cover_until(cover_from, plan.months),
        checks=checks.stored(),
        most=most,
        sealed_key=PersonKey.new().sealed,
        made_by_id=actor.account_id,
        post_id=actor.post_id,
        made_at=now,
        beat_at=now,
    )
    insert(batch)
    record(
        actor, "benefits.batch_prepared", batch, now=now, union_path=union.path,
        number=batch.number, plan=plan.code, checks=batch.checks,
    )  # fmt: skip
    return batch


def _check_most(most: int | None) -> None:
    if most is not None and not 1 <= most <= MOST_PEOPLE:
        raise Invalid("bad_most", _("Please write a number of people, or nothing for everybody."), field="most")


@transaction.atomic
def give_up_batch(*, actor: Actor, batch: InsuranceBatch, now: datetime) -> InsuranceBatch:
    """Give a batch up before the insurer has it; whoever was on its list may be on another one.

    :raises Moved: the insurer has it already, or somebody was quicker.
    """
    actor.require(Permission.INSURE, at=batch.union)
    move(batch, BATCH_MOVES, BatchState.CANCELLED, beat_at=now)
    record(actor, "benefits.batch_given_up", batch, now=now, union_path=batch.union.path, number=batch.number)
    return batch
