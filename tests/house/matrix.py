"""Who may open what: every address of every door, and how five people are answered there.

`V` is what a post must include; the person without it has every other permission at the same place. A list shows
everybody their own rows, so that the cadre of another union is a right person there; a thing of another union is 404.
"""

from __future__ import annotations

from typing import Any

from nuanxin.access.states import Permission as P

from .cases import _CONTEST, _ENTERPRISE, _MEMBER, _NUMBER, _UNION, BOTH, POST, Case, of
from .matrix_checkups import bus, checkups, own_checkups, recuperation
from .matrix_draws import desk_draws, open_draws
from .matrix_insurance import calendars, events, insurance, own
from .matrix_outside import api, worker
from .matrix_partners import counter, coupons, packs, partners


def _organizations() -> dict[str, Case]:
    see, unions, firms, rules = P.VIEW_ORGANIZATIONS, P.EDIT_UNIONS, P.EDIT_ENTERPRISES, P.EDIT_RULES
    root: dict[str, Any] = {"verb": rules, "at": "root", "methods": BOTH, "stranger": 404}
    return {
        **{
            name: Case(see) for name in ("unions", "unions_excel", "enterprises", "enterprises_excel", "rules", "lists")
        },
        "union_search": Case(see, query="?q=工会"),
        "start": Case(unions, methods=BOTH),
        **{name: Case(see, things=_UNION, without=404) for name in ("union", "poster", "poster_png")},
        "union_children": Case(see, things=_UNION, without=404, get=302),
        **{name: Case(unions, things=_UNION, methods=BOTH) for name in ("new_union", "edit_union", "move_union")},
        "close_union": Case(unions, things=_UNION, methods=BOTH),
        "dissolve_union": Case(unions, things=_UNION, methods=BOTH),
        "reopen_union": Case(unions, things=_UNION, methods=POST),
        "new_admission": Case(rules, things=_UNION, methods=BOTH),
        "change_admission": Case(rules, things=_UNION | {"rule_id": of("rule")}, methods=BOTH),
        "end_admission": Case(rules, things=_UNION | {"rule_id": of("rule")}, methods=BOTH),
        "new_enterprise": Case(firms, methods=BOTH),
        "enterprise": Case(see, also=P.REGISTER_CONTACT, things=_ENTERPRISE, without=404),
        **{
            name: Case(firms, things=_ENTERPRISE, methods=BOTH)
            for name in ("edit_enterprise", "cover", "uncover", "link_platform", "close_enterprise")
        },
        "unlink_platform": Case(firms, things=_ENTERPRISE | {"code": "meituan"}, methods=BOTH),
        "new_rule": Case(rules, methods=BOTH, query="?name=members.accept_days"),
        "new_list_row": Case(**root, things={"kind": "groups"}),
        "edit_list_row": Case(**root, things={"kind": "groups", "code": "courier"}),
        "close_list_row": Case(**root, things={"kind": "platforms", "code": "sf"}),
        "set_groups": Case(**root, things={"code": of("occupation_set")}),
        "import": Case(unions, things={"kind": "unions"}, methods=BOTH, stranger=200),
        "import_template": Case(unions, things={"kind": "unions"}, stranger=200),
        "import_keep": Case(unions, things={"kind": "unions"}, methods=POST, stranger=200),
    }


def _access() -> dict[str, Case]:
    grant, keys, further = P.GRANT_POSTS, P.MANAGE_KEYS, P.REACH_FURTHER
    account: dict[str, Any] = {"pk": of("account")}
    own: dict[str, Any] = {"stranger": 200, "without": 200}
    return {
        **{name: Case(grant) for name in ("posts", "posts_excel", "accounts")},
        **{name: Case(grant, methods=BOTH) for name in ("new_post", "new_account")},
        "end_post": Case(grant, things={"pk": of("post")}, methods=BOTH, without=404),
        "account": Case(grant, things=account),
        **{name: Case(grant, things=account, methods=BOTH) for name in ("reset_password", "switch_account")},
        "absences": Case(**own),
        "new_absence": Case(**own, methods=BOTH),
        "end_absence": Case(grant, things={"pk": of("absence")}, methods=POST, without=404),
        "staff_session": Case(further, methods=BOTH),
        "close_staff_session": Case(further, things={"pk": of("nothing")}, methods=POST, without=404, right=(404,)),
        "clients": Case(keys, at="root"),
        "new_client": Case(keys, at="root", methods=BOTH),
        "revoke_client": Case(keys, at="root", things={"pk": of("client")}, methods=BOTH, without=404),
        "devices": Case(keys),
        "new_device": Case(keys, methods=BOTH),
        "renew_enrollment": Case(keys, things={"pk": of("device")}, methods=POST, without=404),
        "revoke_device": Case(keys, things={"pk": of("device")}, methods=BOTH, without=404),
        "me": Case(**own),
        "my_language": Case(**own, methods=POST),
        "prove": Case(**own, things={"what": "passkeys"}, methods=BOTH),
        "passkey_options": Case(**own, methods=POST, right=(302,)),
        "remove_passkey": Case(**own, things={"pk": 7}, methods=POST, right=(302,)),
        **{name: Case(**own, get=302) for name in ("my_link", "my_link_back")},
        "my_passkeys": Case(**own, methods=BOTH, right=(302,)),
        "my_links": Case(**own),
        "unlink": Case(things={"pk": of("nothing")}, methods=POST, without=404, right=(404,)),
        **{name: Case(**own, methods=BOTH) for name in ("my_password", "my_recovery_codes", "my_sessions")},
        "new_token": Case(things={"pk": of("post")}, methods=POST, without=404, right=(404,)),
        "revoke_token": Case(things={"pk": of("nothing")}, methods=POST, without=404, right=(404,)),
        "audit": Case(P.READ_AUDIT),
    }


def _review() -> dict[str, Case]:
    return {
        "queue": Case(P.VIEW_MEMBERS),
        "queue_excel": Case(P.VIEW_MEMBERS),
        "batch": Case(P.REVIEW, methods=POST, body={"decision": "approve"}),
        "batch_decide": Case(P.REVIEW, methods=POST, body={"decision": "approve"}),
        "batch_result": Case(P.REVIEW, get=302),
        "releases": Case(P.RELEASE_PHONES),
        "releases_excel": Case(P.RELEASE_PHONES),
        "contests": Case(P.REVIEW),
        "contests_excel": Case(P.REVIEW),
        "contest": Case(P.REVIEW, things=_CONTEST, methods=BOTH, without=404),
        "contest_file": Case(P.REVIEW, things=_CONTEST | {"file_pk": of("contest_file")}, without=404),
        "lapses": Case(P.VIEW_TALLIES),
        "lapses_excel": Case(P.VIEW_TALLIES),
        "lapses_of": Case(P.VIEW_MEMBERS, things=_UNION),
        "release": Case(P.RELEASE_PHONES, things={"pk": of("release")}, methods=BOTH, without=404),
        "application": Case(P.VIEW_MEMBERS, things=_NUMBER, without=404),
        "reveal": Case(P.REVEAL, things=_NUMBER | {"what": "phone"}, methods=BOTH),
        "decide": Case(P.REVIEW, things=_NUMBER | {"decision": "approve"}, methods=BOTH),
        "registration_form": Case(P.REVIEW, things=_NUMBER),
    }


def _people() -> dict[str, Case]:
    return {
        "members": Case(P.VIEW_MEMBERS),
        "members_excel": Case(P.EXPORT_MEMBERS, methods=POST),
        "member": Case(P.VIEW_MEMBERS, things=_MEMBER, without=404),
        "file": Case(P.VIEW_MEMBERS, things=_MEMBER | {"pk": of("nothing")}, without=404, get=404),
        "reveal": Case(P.REVEAL, things=_MEMBER | {"what": "phone"}, methods=BOTH),
        "print_card": Case(P.ISSUE_CARDS, things=_MEMBER, methods=BOTH),
        "act": Case(P.CHANGE_MEMBERSHIP, things=_MEMBER | {"verb": "suspend"}, methods=BOTH),
    }


def _transfers() -> dict[str, Case]:
    return {
        "transfers": Case(P.REVIEW),
        "transfers_excel": Case(P.REVIEW),
        "ask": Case(P.REVIEW, methods=BOTH),
        "transfer": Case(P.REVIEW, things={"pk": of("transfer")}, methods=BOTH, without=404),
        "filings": Case(P.CHANGE_MEMBERSHIP),
        "filings_excel": Case(P.CHANGE_MEMBERSHIP),
        "filing": Case(P.CHANGE_MEMBERSHIP, things={"pk": of("filing")}, methods=BOTH, without=404, right=(302,)),
    }


def _cells() -> dict[str, Case]:
    nothing: dict[str, Any] = {"pk": of("nothing")}
    return {
        "transfers": Case(P.VIEW_MEMBERS),
        "transfer": Case(P.VIEW_MEMBERS, things=nothing, methods=BOTH, without=404, get=404, right=(404,)),
    }


def _bookings() -> dict[str, Case]:
    see, edit = P.VIEW_BOOKINGS, P.EDIT_OFFERS
    none: dict[str, Any] = {"things": {"number": "NONE"}, "get": 404, "without": 404, "right": (404,), "stranger": 404}
    thing: dict[str, Any] = none | {"things": {"number": "NONE", "pk": of("nothing")}}
    return {
        "offers": Case(see),
        "offers_excel": Case(see),
        "new": Case(edit, methods=BOTH),
        "preview": Case(edit, methods=POST, right=(200,)),
        **{name: Case(see, **none) for name in ("offer", "reached", "bookings", "waiting")},
        **{name: Case(P.EXPORT_BOOKINGS, **none, methods=POST) for name in ("bookings_excel", "waiting_excel")},
        **{name: Case(edit, **none, methods=BOTH) for name in ("edit", "places")},
        "places_check": Case(edit, **none, methods=POST),
        "act": Case(edit, **(none | {"things": {"number": "NONE", "verb": "close"}}), methods=BOTH),
        **{name: Case(edit, **thing, methods=BOTH) for name in ("resize", "release", "session_cancel", "session_move")},
        "sessions": Case(edit, **(none | {"things": {"number": "NONE", "verb": "cancel"}}), methods=BOTH),
        **{name: Case(P.BOOK, **none, methods=BOTH) for name in ("group", "member")},
        "came": Case(P.CHECK_IN, **(none | {"things": {"booking": "NONE"}}), methods=POST),
        "booking_cancel": Case(P.BOOK, **(none | {"things": {"booking": "NONE"}}), methods=BOTH),
    }


def _enterprise() -> dict[str, Case]:
    hr: dict[str, Any] = {"verb": P.CONFIRM_EMPLOYMENT, "at": "enterprise"}
    return {
        "employees": Case(**hr),
        "employees_excel": Case(**hr),
        "preview": Case(**hr, methods=POST, body={"says": "yes"}),
        "answer": Case(**hr, methods=POST, body={"says": "yes"}),
        "contact": Case(P.REGISTER_CONTACT, at="enterprise", things=_ENTERPRISE, methods=BOTH, without=404),
        "applicant": Case(**hr, things=_NUMBER, methods=BOTH, body={"says": "yes"}),
    }


def _rosters() -> dict[str, Case]:
    one: dict[str, Any] = {"things": {"number": of("roster")}}
    return {
        "rosters": Case(P.ENROLL_ROSTERS),
        "upload": Case(P.ENROLL_ROSTERS, methods=BOTH),
        "template": Case(P.ENROLL_ROSTERS),
        "roster": Case(P.ENROLL_ROSTERS, **one),
        "progress": Case(P.ENROLL_ROSTERS, **one, get=204),
        "columns": Case(P.ENROLL_ROSTERS, **one, methods=BOTH),
        **{name: Case(P.ENROLL_ROSTERS, **one, methods=BOTH, get=(200, 302)) for name in ("enroll", "undo")},
        "errors": Case(P.ENROLL_ROSTERS, **one),
    }


def _insight() -> dict[str, Case]:
    see = P.VIEW_TALLIES
    region: dict[str, Any] = {"code": "3715"}
    return {
        "dashboard": Case(see, get=302),
        "union": Case(see, things=_UNION, without=404),
        "union_excel": Case(see, things=_UNION, without=404),
        "assurance_home": Case(see, get=302),
        "assurance": Case(see, things=_UNION, without=404),
        "nation": Case(see, at="root", without=404, stranger=404),
        "nation_excel": Case(see, at="root", without=404, stranger=404),
        "region": Case(see, things=region, without=404),
        "region_excel": Case(see, things=region, without=404),
    }


def _routing() -> dict[str, Case]:
    rules, firms = P.EDIT_RULES, P.EDIT_ENTERPRISES
    rule: dict[str, Any] = {"things": _UNION | {"rule_id": of("rule")}, "methods": BOTH, "get": 302}
    firm: dict[str, Any] = {"things": _ENTERPRISE, "methods": BOTH, "get": 302}
    return {
        "cases": Case(rules, methods=BOTH),
        **{name: Case(rules) for name in ("health", "health_excel")},
        "try_new": Case(rules, things=_UNION, methods=BOTH, get=302),
        **{name: Case(rules, **rule) for name in ("try_change", "try_end")},
        **{name: Case(firms, **firm) for name in ("try_cover", "try_uncover")},
    }


def _erasures() -> dict[str, Case]:
    names = ("erasures", "erasures_excel", "dry_run", "register", "register_excel")
    due = Case(P.READ_AUDIT, things={"rule": "members.keep_closed_days"}, stranger=200)
    return {name: Case(P.READ_AUDIT) for name in names} | {"due": due, "due_excel": due}


def _doors() -> dict[str, Case]:
    see, rules = P.VIEW_TALLIES, P.EDIT_RULES
    one: dict[str, Any] = {"things": {"code": of("door")}}
    return {
        "doors": Case(see),
        "new": Case(rules, methods=BOTH),
        "door": Case(see, **one, without=404),
        **{name: Case(rules, **one, methods=BOTH, without=404) for name in ("edit", "switch", "secret", "public_key")},
        **{name: Case(see, **one, without=404) for name in ("picture", "poster")},
        "entry": Case(P.ENTER, methods=BOTH),
        "entry_code": Case(P.ENTER, things=_NUMBER, methods=BOTH, get=404, right=(404,)),
        "entry_resend": Case(P.ENTER, things=_NUMBER, methods=POST, right=(404,)),
    }


def _duplicates() -> dict[str, Case]:
    one: dict[str, Any] = {"things": {"pk": of("duplicate")}, "without": 404}
    return {
        **{name: Case(P.MERGE) for name in ("duplicates", "excel")},
        "search": Case(P.MERGE, methods=BOTH, right=(302,)),
        "distinct": Case(P.MERGE, methods=POST, right=(409,)),
        "pair": Case(P.MERGE, **one, methods=BOTH),
        "undo": Case(P.MERGE, **one, methods=POST),
    }


def _notices() -> dict[str, Case]:
    see, manage = P.VIEW_NOTICES, P.MANAGE_NOTICES
    own: dict[str, Any] = {"stranger": 200, "without": 200}
    nothing: dict[str, Any] = {"things": {"pk": of("nothing")}, "methods": POST, "without": 404, "right": (404,)}
    return {
        "inbox": Case(**own),
        "open": Case(**nothing),
        "ways": Case(**own, methods=BOTH, right=(302,)),
        "email": Case(**own, methods=POST),
        "remove_email": Case(**own, methods=POST),
        **{name: Case(see) for name in ("sent", "in_app")},
        "again": Case(manage, things={"pk": of("text")}, methods=POST, without=404, right=(302,)),
        **{name: Case(manage) for name in ("gateways", "chats")},
        "new_chat": Case(manage, methods=BOTH),
        "try_chat": Case(manage, things={"pk": of("chat")}, methods=POST, without=404, right=(302,)),
        "remove_chat": Case(manage, things={"pk": of("chat")}, methods=POST, without=404, right=(302,)),
    }


def _formation() -> dict[str, Case]:
    form, keys = P.FORM_UNIONS, P.MANAGE_KEYS
    permit: dict[str, Any] = {"things": {"pk": of("permit")}, "without": 404}
    invitation: dict[str, Any] = {"things": {"number": of("invitation")}}
    return {
        **{name: Case(form) for name in ("permits", "permits_excel", "invitations")},
        "permit": Case(form, **permit),
        "again": Case(form, **permit, methods=POST),
        "invitation": Case(form, **invitation, without=404),
        "people_office": Case(P.GRANT_POSTS, **invitation, methods=BOTH),
        "sources": Case(keys),
        "new_source": Case(keys, methods=BOTH),
    }


def _catalog() -> dict[str, Case]:
    see, edit, record = P.VIEW_SERVICES, P.EDIT_SERVICES, P.RECORD_DELIVERIES
    service: dict[str, Any] = {"things": {"code": of("service")}}
    target: dict[str, Any] = {"things": {"pk": of("target")}}
    delivery: dict[str, Any] = {"things": {"pk": of("delivery")}, "without": 404}
    root: dict[str, Any] = {"verb": edit, "at": "root", "methods": BOTH, "stranger": 404}
    return {
        **{name: Case(see) for name in ("progress", "services", "services_excel", "targets", "targets_excel", "lists")},
        "new_row": Case(**root, things={"kind": "areas"}),
        "edit_row": Case(**root, things={"kind": "classes", "code": "law"}),
        "remove_row": Case(**root | {"methods": POST, "right": (409,)}, things={"kind": "areas", "code": "health"}),
        "progress_of": Case(see, things=_UNION),
        **{name: Case(edit, methods=BOTH) for name in ("new_service", "new_target")},
        "service": Case(see, **service, without=404),
        **{name: Case(edit, **service, methods=BOTH) for name in ("edit_service", "end_service")},
        "target": Case(see, **target, without=404),
        **{name: Case(edit, **target, methods=BOTH) for name in ("edit_target", "drop_target")},
        "deliveries": Case(record),
        "deliveries_excel": Case(record, methods=POST),
        "new_delivery": Case(record, methods=BOTH),
        "delivery": Case(record, **delivery),
        "take_back": Case(record, **delivery, methods=BOTH),
    }


def _ceremonies() -> dict[str, Case]:
    hold = P.REVIEW
    one: dict[str, Any] = {"things": {"number": of("ceremony")}, "without": 404}
    return {
        "ceremonies": Case(hold),
        "new": Case(hold, methods=BOTH),
        **{name: Case(hold, **one) for name in ("ceremony", "screen", "numbers", "minutes")},
        **{name: Case(hold, **one, methods=POST) for name in ("open", "approve", "kit")},
        "close": Case(hold, **one, methods=BOTH),
    }


def _desk() -> dict[str, Case]:
    all_in: dict[str, Any] = {"stranger": 200, "without": 200}
    return {
        "home": Case(**all_in),
        "read_notices": Case(**all_in, methods=POST),
        "sign_in": Case(at="anybody", methods=BOTH, get=(200, 302)),
        "second_factor": Case(at="anybody", methods=BOTH, get=302),
        "passkey": Case(at="anybody", methods=POST),
        "passkey_options": Case(at="anybody", methods=POST),
        "platform": Case(at="anybody", things={"platform": "dingtalk"}, get=404),
        "platform_back": Case(at="anybody", things={"platform": "dingtalk"}, get=302),
        "first_password": Case(**all_in, methods=BOTH),
        "bind_second_factor": Case(**all_in, methods=BOTH),
        "sign_out": Case(**all_in, methods=POST, nobody=302, worker=302),
    }


def _named(prefix: str, cases: dict[str, Case]) -> dict[str, Case]:
    return {f"{prefix}:{name}": case for name, case in cases.items()}


CASES: dict[str, Case] = {
    **_named("desk:organizations", _organizations()),
    **_named("desk:access", _access()),
    **_named("desk:review", _review()),
    **_named("desk:people", _people()),
    **_named("desk:transfers", _transfers()),
    **_named("desk:cells", _cells()),
    **_named("desk:enterprise", _enterprise()),
    **_named("desk:bookings", _bookings()),
    **_named("desk:rosters", _rosters()),
    **_named("desk:insurance", insurance()),
    **_named("desk:events", events()),
    **_named("desk:formation", _formation()),
    **_named("desk:ceremonies", _ceremonies()),
    **_named("desk:catalog", _catalog()),
    **_named("desk:partners", partners()),
    **_named("desk:packs", packs()),
    **_named("desk:coupons", coupons()),
    **_named("desk:checkups", checkups()),
    **_named("desk:recuperation", recuperation()),
    **_named("desk:draws", desk_draws()),
    **_named("desk:insight", _insight()),
    **_named("desk:doors", _doors()),
    **_named("desk:routing", _routing()),
    **_named("desk:erasures", _erasures()),
    **_named("desk:duplicates", _duplicates()),
    **_named("desk:notices", _notices()),
    **_named("desk", _desk()),
    **_named("worker", worker() | own_checkups()),
    **_named("worker", own()),
    **_named("open", calendars()),
    **_named("api", api()),
    **_named(
        "open", {name: Case(at="anybody") for name in ("healthz", "states", "service_worker", "offline", "manifest")}
    ),
    **_named("open", open_draws()),
    "open:receipts": Case(at="anybody", methods=POST),
    "open:receipts_secret": Case(at="anybody", things={"key": "guessed"}, methods=POST),
    "open:email": Case(at="anybody", things={"token": "guessed"}, methods=BOTH, get=404),
    "open:invited": Case(at="anybody", methods=BOTH),
    "open:invitation_typed": Case(at="anybody", methods=BOTH, get=302),
    "open:invitation": Case(at="anybody", things={"token": "guessed"}, methods=BOTH, get=404),
    "open:readyz": Case(at="anybody", get=(200, 503)),
    "open:tour": Case(at="anybody", get=404),  # there is none outside a demonstration
    **_named("kit", {name: Case(at="anybody", methods=POST) for name in ("elder", "language")}),
    "kit:proof": Case(at="anybody"),
    **_named("counter", counter() | bus()),
}
