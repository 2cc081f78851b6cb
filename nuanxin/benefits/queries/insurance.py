"""Gifted insurance as cadres and workers see it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, Q

from nuanxin.access.states import Permission, Scope
from nuanxin.benefits.models import (
    Claim,
    ClaimStep,
    Difference,
    InsuranceBatch,
    InsurancePlan,
    Insurer,
    Policy,
    PolicyReturn,
    RollFile,
    RollPart,
)
from nuanxin.benefits.rules.claims import TIMES, due_on, has_stood_since
from nuanxin.benefits.states.insurance import BatchState, ClaimState, DifferenceKind, DifferenceState, Settlement
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotFound, NotSignedIn
from nuanxin.kernel.secrets import PersonKey
from nuanxin.organizations.queries.rules import RuleMissing, dated_rule
from nuanxin.records.models import Attachment
from nuanxin.records.queries import working_calendar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor


def _under(actor: Actor, permission: str, name: str = "union__path") -> Q:
    reach = Q(pk__in=[])
    for path in actor.reach(permission):
        reach |= Q(**{f"{name}__startswith": path})
    return reach


def visible_batches(actor: Actor) -> QuerySet[InsuranceBatch]:
    """Return the batches of the unions where the actor may give insurance, the newest first."""
    rows = InsuranceBatch.objects.filter(_under(actor, Permission.INSURE))
    return rows.select_related("plan__insurer", "union", "made_by").order_by("-pk")


def get_batch(actor: Actor, number: str) -> InsuranceBatch:
    """Return one batch that the actor may see; 404 otherwise."""
    found: InsuranceBatch | None = visible_batches(actor).filter(number=number).first()
    if found is None:
        raise NotFound
    return found


def insurers() -> QuerySet[Insurer]:
    """Return every insurer by name; who insures is no secret."""
    return Insurer.objects.select_related("client").order_by("name", "pk")


def plans_for(actor: Actor) -> QuerySet[InsurancePlan]:
    """Return the plans that the actor may give: those of the unions in reach and of the unions above them."""
    reach = _under(actor, Permission.INSURE)
    for path in actor.reach(Permission.INSURE):
        codes = [code for code in path.strip("/").split("/") if code]
        reach |= Q(union__code__in=codes)
    return InsurancePlan.objects.filter(reach).select_related("insurer", "union").order_by("-valid_from", "-pk")


def find_insurer(key: str) -> Insurer | None:
    """Return the insurer with a key that counts; none when it is unknown or its client was revoked."""
    try:
        pk = UUID(key)
    except ValueError:
        return None
    rows = Insurer.objects.filter(pk=pk, client__revoked_at=None, client__scopes__contains=[Scope.SEND_POLICIES])
    return rows.exclude(sealed_secret=b"").first()


def batch_of_insurer(insurer: Insurer, number: str) -> InsuranceBatch:
    """Return a batch of a plan of an insurer; 404 otherwise."""
    rows = InsuranceBatch.objects.select_related("plan__insurer", "union")
    found: InsuranceBatch | None = rows.filter(number=number, plan__insurer=insurer).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Balance:
    """What became of everybody on a list: `people = issued + dropped + open`, to the unit."""

    people: int
    issued: int
    #: Left out by the union's own decision.
    dropped: int
    premium: Decimal
    #: Differences by kind: open, settled, mended.
    kinds: dict[str, tuple[int, int, int]]

    @property
    def open(self) -> int:
        """Tell how many people have neither a policy nor been left out."""
        return self.people - self.issued - self.dropped

    @property
    def open_differences(self) -> int:
        """Tell how many differences wait to be settled."""
        return sum(each[0] for each in self.kinds.values())


def balance_of(batch: InsuranceBatch) -> Balance:
    """Return the figures of a batch, by three statements."""
    counts: dict[str, list[int]] = {}
    places = {DifferenceState.OPEN: 0, DifferenceState.SETTLED: 1, DifferenceState.MENDED: 2}
    rows = Difference.objects.filter(batch=batch)
    for kind, state, count in rows.values_list("kind", "state").annotate(Count("pk")).order_by():
        counts.setdefault(kind, [0, 0, 0])[places[state]] = count
    left_out = rows.filter(settlement__in=[Settlement.DROP, Settlement.REFUSE]).exclude(insured=None)
    left_out = left_out.exclude(kind__in=[DifferenceKind.DOUBLED_PERSON, DifferenceKind.UNREADABLE])
    without = left_out.exclude(insured__in=Policy.objects.filter(batch=batch).values("insured"))
    issued = Policy.objects.filter(batch=batch).count()
    return Balance(
        people=batch.people,
        issued=issued,
        dropped=without.values("insured").distinct().count(),
        premium=issued * batch.plan.premium,
        kinds={kind: (each[0], each[1], each[2]) for kind, each in counts.items()},
    )


def parts_sent(batch: InsuranceBatch) -> tuple[int, int]:
    """Return how many parts of a roll the insurer has, of how many."""
    told = RollPart.objects.filter(batch=batch).aggregate(all=Count("pk"), sent=Count("sent_at"))
    return int(told["sent"]), int(told["all"])


def returns_of(batch: InsuranceBatch) -> QuerySet[PolicyReturn]:
    """Return what came back, the newest first."""
    return PolicyReturn.objects.filter(batch=batch).select_related("by").defer("sealed_content").order_by("-number")


def is_at_work(batch: InsuranceBatch) -> bool:
    """Answer whether the background has something to do for a batch."""
    if batch.state in (BatchState.FREEZING, BatchState.SENDING):
        return True
    if RollFile.objects.filter(batch=batch, sealed_content=b"").exists():
        return True
    rows = PolicyReturn.objects.filter(batch=batch, is_last=True)
    return rows.filter(Q(state="reading") | Q(state="done", reconciled_at=None)).exists()


def differences_of(batch: InsuranceBatch, *, kind: str = "", state: str = "") -> QuerySet[Difference]:
    """Return the differences of a batch with both sides of each."""
    rows = Difference.objects.filter(batch=batch)
    rows = rows.filter(kind=kind) if kind else rows
    rows = rows.filter(state=state) if state else rows
    return rows.select_related("insured__union", "insured__worker", "row", "settled_by")


@dataclass(frozen=True, slots=True)
class Sides:
    """A difference in plain: what the list says and what the insurer says. ID numbers are for masking on pages."""

    difference: Difference
    ours: dict[str, Any]
    theirs: dict[str, Any]


def sides_of(batch: InsuranceBatch, differences: list[Difference]) -> list[Sides]:
    """Return differences with both sides unsealed; the caller has fetched what it may see."""
    key, plan = PersonKey(batch.sealed_key), batch.plan
    found = []
    for each in differences:
        ours: dict[str, Any] = {}
        theirs: dict[str, Any] = {}
        if (insured := each.insured) is not None:
            own = PersonKey(insured.worker.sealed_key)
            ours = {
                "line": insured.line,
                "name": insured.name,
                "number": insured.number,
                "union": insured.union,
                "id_number": "" if own.is_destroyed else own.unseal(insured.sealed_id),
                "cover_from": batch.cover_from,
                "cover_until": batch.cover_until,
                "sum_insured": plan.sum_insured,
            }
        if (row := each.row) is not None:
            theirs = {
                "line": row.line,
                "name": row.name,
                "policy_number": row.policy_number,
                "id_number": key.unseal(row.sealed_id),
                "cover_from": row.cover_from,
                "cover_until": row.cover_until,
                "sum_insured": row.sum_insured,
            }
        found.append(Sides(each, ours, theirs))
    return found


def my_policies(actor: Actor) -> QuerySet[Policy]:
    """Return the signed-in worker's policies, the one that ends last first.

    :raises NotSignedIn: no worker is signed in.
    """
    if actor.worker_id is None:
        raise NotSignedIn
    rows = Policy.objects.filter(Q(worker=actor.worker_id) | Q(worker__merged_into=actor.worker_id))
    return rows.select_related("batch__plan__insurer", "batch__union", "insured", "worker").order_by(
        "-cover_until", "-pk"
    )


def my_policy(actor: Actor, pk: UUID) -> Policy:
    """Return one policy of the signed-in worker; 404 otherwise."""
    found: Policy | None = my_policies(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def _claims() -> QuerySet[Claim]:
    return Claim.objects.select_related("policy__batch__plan__insurer", "policy__insured", "worker", "union")


def my_claims(actor: Actor) -> QuerySet[Claim]:
    """Return the signed-in worker's claims, the newest first.

    :raises NotSignedIn: no worker is signed in.
    """
    if actor.worker_id is None:
        raise NotSignedIn
    own = Q(worker=actor.worker_id) | Q(worker__merged_into=actor.worker_id)
    return _claims().filter(own).order_by("-pk")


def my_claim(actor: Actor, number: str) -> Claim:
    """Return one claim of the signed-in worker; 404 otherwise."""
    found: Claim | None = my_claims(actor).filter(number=number).first()
    if found is None:
        raise NotFound
    return found


def visible_claims(actor: Actor, text: str = "") -> QuerySet[Claim]:
    """Return the claims of the unions whose claims the actor handles; nobody else's post opens them.

    :param text: only with this number, policy number, or part of a name; empty for all.
    """
    rows, text = _claims().filter(_under(actor, Permission.HANDLE_CLAIMS)), text.strip()
    if not text:
        return rows
    return rows.filter(Q(number=text) | Q(policy__number=text) | Q(worker__name__icontains=text))


def claims_to_handle(actor: Actor) -> QuerySet[Claim]:
    """Return the claims that wait for the actor's unions: not for the member, and not for the insurer."""
    return visible_claims(actor).filter(state=ClaimState.SENT)


def get_claim(actor: Actor, number: str) -> Claim:
    """Return one claim that the actor handles; 404 otherwise."""
    found: Claim | None = visible_claims(actor).filter(number=number).first()
    if found is None:
        raise NotFound
    return found


def due_days(claims: Sequence[Claim]) -> dict[UUID, date]:
    """Return by when whoever has each open claim should do the next thing, where a dated rule says so."""
    steps: dict[UUID, list[tuple[str, datetime]]] = {}
    rows = ClaimStep.objects.filter(claim__in=[each.pk for each in claims]).order_by("at", "pk")
    for claim_id, act, at in rows.values_list("claim", "act", "at"):
        steps.setdefault(claim_id, []).append((act, at))
    calendar, found = working_calendar(), {}
    for each in claims:
        since = has_stood_since(steps.get(each.pk, []))
        name, _working = TIMES.get(ClaimState(each.state), ("", False))
        with suppress(RuleMissing):
            if name and since is not None:
                days = dated_rule(name, union=each.union, on=local_day(since)).value
                found[each.pk] = due_on(each.state, since, days, calendar)
    return found


@dataclass(frozen=True, slots=True)
class Told:
    """One step of a claim in plain."""

    step: ClaimStep
    words: str


def steps_of(claim: Claim) -> list[Told]:
    """Return the steps of a claim, the oldest first; the caller has fetched what it may see."""
    key = PersonKey(claim.worker.sealed_key)
    rows = ClaimStep.objects.filter(claim=claim).select_related("account").order_by("at", "pk")
    return [Told(each, "" if key.is_destroyed else key.unseal(each.sealed_words)) for each in rows]


def opened_claim(claim: Claim) -> tuple[str, str]:
    """Return what happened and the bank account in plain: for the worker, and for whoever handles the claim."""
    key = PersonKey(claim.worker.sealed_key)
    return key.unseal(claim.sealed_words), key.unseal(claim.sealed_account)


def files_of(claim: Claim) -> QuerySet[Attachment]:
    """Return the documents of a claim, without their contents, the oldest first."""
    return Attachment.objects.filter(subject_id=claim.pk).defer("sealed_content").order_by("pk")


def file_of(claim: Claim, pk: UUID) -> Attachment:
    """Return one document of a claim; 404 otherwise."""
    found = Attachment.objects.filter(subject_id=claim.pk, pk=pk).first()
    if found is None:
        raise NotFound
    return found
