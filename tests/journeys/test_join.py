"""A courier scans a poster, joins in three steps at 375×812, and sees where the application stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from nuanxin.members.actions.review import decide
from nuanxin.members.models import Application
from nuanxin.members.rules.cards import parse_code
from nuanxin.web.desk.organizations.posters import poster_png
from tests.factories.access import actor_for
from tests.factories.members import make_fields
from tests.journeys import steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.factories.organizations import Tree

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_from_the_poster_to_the_progress_page(phone: Callable[..., Page], tree: Tree, javascript: bool) -> None:
    page, fields = phone(javascript=javascript), make_fields(region_code="371502001")
    steps.scan(page, poster_png(tree.couriers))
    expect(page.locator("h2").first).to_have_text(tree.couriers.name)
    steps.join(page, fields, "古楼", javascript=javascript)
    application = Application.objects.get()
    assert (application.state, application.union_id, application.door_id) == (
        "submitted",
        tree.couriers.pk,
        "poster",
    )
    expect(page.locator(".nx-story h2")).to_contain_text(tree.couriers.name)
    expect(page.get_by_text(application.number).first).to_be_visible()


def test_what_was_typed_comes_back_with_the_back_button(phone: Callable[..., Page], tree: Tree) -> None:
    page, fields = phone(), make_fields(region_code="371502001")
    page.goto("/join/")
    steps.say_who(page, fields)
    steps.say_where(page, fields, "古楼")
    page.go_back()
    expect(page.locator("input[value=courier]")).to_be_checked()
    expect(page.locator("[data-region-value]")).to_have_value("371502001")
    page.go_back()
    expect(page.locator("[name=id_number]")).to_have_value(fields["id_number"])


def test_an_approved_courier_signs_in_and_shows_a_code(phone: Callable[..., Page], tree: Tree) -> None:
    page, fields = phone(), make_fields(region_code="371502001")
    page.goto(f"/u/{tree.couriers.code}")
    progress = steps.join(page, fields, "古楼")
    application = Application.objects.get()
    decide(
        actor=actor_for("reviewer", union=tree.couriers),
        number=application.number,
        decision="approve",
        now=timezone.now(),
    )
    page.goto(progress)
    expect(page.locator(".nx-story h2")).to_contain_text("欢迎您")
    steps.sign_in(page, fields["phone"], fields["id_number"][-6:])
    digits = steps.show_code(page)
    assert parse_code(steps.read_code(page.locator(".nx-qr").screenshot())) == digits
