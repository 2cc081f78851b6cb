"""The card on paper: its QR code reads as the static code."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from PIL import Image

from nuanxin.access.actors import system
from nuanxin.members.actions.cards import print_card, verify
from nuanxin.members.queries.papers import _card, card_pdf
from nuanxin.members.rules.cards import parse_code
from nuanxin.records.documents import render_png
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.members import make_member
from tests.factories.organizations import make_tree

pytestmark = pytest.mark.django_db


def test_the_paper_is_read_by_a_scanner() -> None:
    tree = make_tree()
    member = make_member(union=tree.couriers, name="王小芳")
    printed = print_card(actor=actor_for("registrar", union=tree.county), number=member.number, now=NOW)
    pdf = card_pdf(printed.membership, printed.code, printed.printed_at)
    assert pdf.startswith(b"%PDF-")
    picture = Image.open(io.BytesIO(render_png("member_card", _card(printed.membership, printed.code, NOW))))
    read = zxingcpp.read_barcodes(picture)
    assert [parse_code(found.text) for found in read] == [printed.code]
    assert verify(actor=system(), code=read[0].text, now=NOW).surname == "王**"
