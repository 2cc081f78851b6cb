"""Asking outside sources about members: on request, and again when their word has grown old."""

from __future__ import annotations

from itertools import islice
from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from nuanxin.members.actions.assurance import VERIFY_PERSON, answered, identity_of
from nuanxin.members.models import Worker
from nuanxin.members.queries.assurance import union_of, verified_long_ago, verifier_is_set
from nuanxin.members.tasks.verifiers import VerifierError, verifier

#: Persons about whom is asked in one night: a bureau's patience, and its price.
A_NIGHT = 2000


@app.task(name=VERIFY_PERSON, retry=RetryStrategy(max_attempts=8, exponential_wait=5, retry_exceptions={VerifierError}))
def verify_person(*, worker_id: str) -> None:
    """Ask the verifier about a person, and write its answer."""
    bureau = verifier()
    identity = identity_of(UUID(worker_id))
    if bureau and identity:
        match = bureau.matches(*identity)
        worker = Worker.objects.get(pk=UUID(worker_id))
        answered(worker_id=worker.pk, source=bureau.name, match=match, union=union_of(worker), now=timezone.now())


@app.periodic(cron="15 2 * * *")
@app.task(name="members.reverify", queueing_lock="members.reverify", pass_context=False)
def reverify(timestamp: int) -> None:
    """Queue, each night, the question about those whose proof is too old by the rule of their union."""
    if not verifier_is_set():
        return
    for worker, _union in islice(verified_long_ago(now=timezone.now()), A_NIGHT):
        verify_person.configure(queueing_lock=f"{VERIFY_PERSON} {worker.pk}").defer(worker_id=str(worker.pk))
