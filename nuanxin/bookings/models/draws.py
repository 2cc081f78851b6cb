"""Draws: what was promised before, who took part, what was published when, and what came of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from nuanxin.access.models import Account
from nuanxin.bookings.models.booking import Waiting
from nuanxin.bookings.models.offer import Offer
from nuanxin.bookings.states import DrawState, PagePart
from nuanxin.kernel.ids import new_id


class Draw(models.Model):
    """The one draw of an offer whose places are given by lot.

    What decides is fixed step by step, each step published before the next can be known: the seed's digest before
    anybody enters, the list before the hour of the public value, the seed after it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="draw")
    state = models.CharField(max_length=9, choices=DrawState.choices, default=DrawState.ANNOUNCED)
    sealed_seed = models.BinaryField()
    #: SHA-256 of the seed.
    commitment = models.BinaryField(max_length=32)
    #: Shares in the order in which they are filled, as announced: code, name, name_en, kind, id.
    shares = models.JSONField()
    #: The public value that is mixed in: what it is, where it is read, and the hour before which nobody can know it.
    source = models.CharField(max_length=200)
    source_en = models.CharField(max_length=300, blank=True)
    source_link = models.URLField(max_length=300)
    value_at = models.DateTimeField()
    #: Hours announced before this one, which passed before the list was published: source, link, value_at, until.
    earlier = models.JSONField(default=list)
    announced_at = models.DateTimeField()
    announced_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    frozen_at = models.DateTimeField(null=True)
    #: SHA-256 of the list's lines.
    list_digest = models.BinaryField(max_length=32, null=True)
    tickets = models.PositiveIntegerField(default=0)
    #: Places when the list was frozen: share, session (by its short code), places, pool; sessions in order of time.
    places = models.JSONField(default=list)
    sessions = models.JSONField(default=list)

    value = models.CharField(max_length=200, blank=True)
    value_link = models.URLField(max_length=300, blank=True)
    value_entered_at = models.DateTimeField(null=True)
    value_entered_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    value_confirmed_at = models.DateTimeField(null=True)
    value_confirmed_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    #: The seed in hexadecimal, once it is revealed; empty with `by_value_alone`.
    seed = models.CharField(max_length=64, blank=True)
    by_value_alone = models.BooleanField(default=False)
    revealed_at = models.DateTimeField(null=True)
    drawn_at = models.DateTimeField(null=True)
    winners = models.PositiveIntegerField(default=0)
    #: How many of the list, in its order, have been told.
    told = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=DrawState.ANNOUNCED) | Q(frozen_at__isnull=False, list_digest__isnull=False),
                name="draw_frozen",
            ),
            models.CheckConstraint(
                condition=Q(value_confirmed_by=None) | ~Q(value_confirmed_by=F("value_entered_by")),
                name="draw_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(DrawState.REVEALED, DrawState.DRAWN))
                | Q(by_value_alone=True, seed="")
                | Q(by_value_alone=False) & ~Q(seed=""),
                name="draw_revealed",
            ),
            models.CheckConstraint(condition=~Q(state=DrawState.DRAWN) | ~Q(drawn_at=None), name="draw_drawn"),
        ]
        indexes = [models.Index(fields=["state", "id"], name="draw_state")]


class Entry(models.Model):
    """One ticket: random, known to whoever holds it, and derived from nothing. Whose it is, the wish behind it says."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="entries", db_index=False)
    waiting = models.OneToOneField(Waiting, on_delete=models.PROTECT, related_name="entry")
    ticket = models.CharField(max_length=12, unique=True)
    #: Its place in the drawn order, and the share whose place it won.
    position = models.PositiveIntegerField(null=True)
    won = models.CharField(max_length=30, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draw", "position"], name="entry_position_once")]
        indexes = [models.Index(fields=["draw", "ticket"], name="entry_of_draw")]


class DrawPage(models.Model):
    """Some thousand lines of what was published: the frozen list, then the winners. Never changed."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="pages", db_index=False)
    part = models.CharField(max_length=7, choices=PagePart.choices)
    nth = models.PositiveIntegerField()
    lines = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draw", "part", "nth"], name="draw_page_once")]
