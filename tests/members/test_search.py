"""Finding members: by what is typed, against a plain filter in Python, inside one's reach, page by page to the end."""

from __future__ import annotations

import string
from datetime import date, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nuanxin.kernel.refusals import Invalid, NotFound
from nuanxin.members.actions.corrections import correct_name, correct_phone
from nuanxin.members.actions.memberships import resume, suspend
from nuanxin.members.actions.searching import list_members, terms_of
from nuanxin.members.models import Membership
from nuanxin.members.queries import fitting
from nuanxin.members.queries.memberships import get_member
from nuanxin.members.queries.searching import Filters, search
from nuanxin.members.rules.searching import read_search
from nuanxin.members.rules.terms import later_pinyin, squeezed, terms
from nuanxin.organizations.actions import move_union
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.members import make_id_number, make_member
from tests.factories.organizations import make_enterprise
from tests.members.statements import statements

if TYPE_CHECKING:
    from nuanxin.access.actors import Actor
    from tests.factories.organizations import Tree

pytestmark = pytest.mark.django_db
#: Surnames and given names that meet: as whole, as beginning, inside, in pinyin and in initials.
NAMES = (
    "王伟 王伟民 张伟 张伟伟 张小伟 韦小宝 卫伟 欧阳伟 魏王 单于丹 李 阿卜杜拉·买买提 古丽·伟 扎西次仁 吕布 王 王a "
    "JohnSmith 张_伟 王%民"
).split()


def everyone(actor: Actor, filters: Filters, most: int = 3) -> list[Any]:
    """Return all that a search finds, page by page; forwards and back again must be the same people."""
    pages, cursor = [], ""
    while True:
        found = search(actor, filters, cursor=cursor, most=most)
        pages.append([row.pk for row in found.items])
        if not found.next:
            break
        cursor = found.next
    back = []
    while found.previous:
        found = search(actor, filters, cursor=found.previous, most=most)
        back.append([row.pk for row in found.items])
    assert back == pages[-2::-1]
    return [pk for page in pages for pk in page]


def test_members_are_found_by_what_is_typed(tree: Tree) -> None:
    id_number = make_id_number()
    # numbers are random where none is given: two may begin with the same five digits
    member = make_member(
        union=tree.couriers, name="刘小洋", id_number=id_number, phone="15400000077", number="37151234567897"
    )
    make_member(union=tree.couriers, name="李娜", phone="15400000088", number="37152123456788")
    clerk = actor_for("registrar", union=tree.county)
    for text in ("刘", "刘小", "小洋", "liux", "LXY", "xiaoyang", id_number, "154 0000 0077", member.number):
        assert [row.pk for row in search(clerk, Filters(text=text)).items] == [member.pk], text
    for text in (member.number[:13], member.number[:5], "0077", "刘 0077", "0077 liu", "ＬＸＹ", "刘 xiao", " 刘小洋 "):
        assert [row.pk for row in search(clerk, Filters(text=text)).items] == [member.pk], text
    for text in ("洋", "15400000078", "赵", "liuyang", "%", "_", "刘%", "刘_洋", "0078", "刘 0088", "yan", "\\"):
        assert search(clerk, Filters(text=text)).items == [], text


def test_names_of_many_scripts_are_found(tree: Tree) -> None:
    clerk = actor_for("registrar", union=tree.county)
    made = {name: make_member(union=tree.couriers, name=name).pk for name in ("阿卜杜拉·买买提", "John Smith", "吕布")}
    for text, name in [
        ("阿卜杜拉·买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("买买提", "阿卜杜拉·买买提"),
        ("杜拉买买", "阿卜杜拉·买买提"),
        ("maimaiti", "阿卜杜拉·买买提"),
        ("smith", "John Smith"),
        ("john smith", "John Smith"),
        ("JohnS", "John Smith"),
        ("lvbu", "吕布"),
        ("lübu", "吕布"),
    ]:
        assert [row.pk for row in search(clerk, Filters(text=text)).items] == [made[name]], text


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("王小", ""),
        ("阿依·买", ""),
        ("wxf", ""),
        ("３７１５", ""),
        ("37150", "number_prefix"),
        ("15400000001", "phone"),
        ("37150219900315123x", "document"),
        ("21500000000001", "number_prefix"),
        ("H12345678", "document"),
        ("10000000000008", "number"),
    ],
)
def test_what_is_typed_tells_how_to_look(text: str, exact: str) -> None:
    wanted = read_search(text)
    assert wanted is not None
    assert wanted.exact == exact
    assert bool(wanted.exact) != bool(wanted.words or wanted.letters)


def test_nothing_typed_is_no_search() -> None:
    assert read_search("") is read_search("  ") is read_search("　") is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1", "search_digits"),
        ("12", "search_digits"),
        ("123", "search_digits"),
        ("王 123", "search_digits"),
        ("王12345", "search_digits"),
        ("·", "search_short"),
        ("' .", "search_short"),
        ("王" * 51, "too_long"),
        ("王\x00", "bad_characters"),
        ("王\ud800", "bad_characters"),
        ("\u202e王", "bad_characters"),
    ],
)
def test_what_says_too_little_is_refused(tree: Tree, text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        search(actor_for("registrar", union=tree.county), Filters(text=text))
    assert (refused.value.code, refused.value.field) == (code, "q")


def fits(member: Membership, typed: str) -> bool:
    """Answer whether a member fits what was typed, in plain words: the meaning that search must have."""
    worker, name = member.worker, squeezed(member.worker.name)
    for word in squeezed_words(typed):
        if word.isascii() and word.isalpha():
            later = later_pinyin(worker.name)
            if not (
                worker.pinyin.startswith(word)
                or (1 < len(word) < 6 and worker.initials.startswith(word))
                or (len(word) > 1 and any(start.startswith(word) for start in later))
            ):
                return False
        elif len(word) == 1:
            if not name.startswith(word):
                return False
        elif word not in name:
            return False
    return True


def squeezed_words(typed: str) -> list[str]:
    """Cut what was typed at blanks and at the edges of Latin letters."""
    words: list[str] = []
    for part in typed.lower().split():
        run = ""
        for char in squeezed(part):
            latin = char in string.ascii_lowercase
            if run and latin != (run[-1] in string.ascii_lowercase):
                words.append(run)
                run = ""
            run += char
        words += [run] if run else []
    return words


PIECES = st.one_of(
    st.sampled_from(
        [name[at:end] for name in NAMES for at in range(len(name)) for end in range(at + 1, len(name) + 1)]
    ),
    st.sampled_from(
        "w wa wang wei wangw wangwei zw zww zhangwei xiao xiaow ouyang oy ouyangw mai dan danyudan a".split()
    ),
    st.text(alphabet="王伟张小民·%_ awz'", min_size=1, max_size=4),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    typed=st.lists(PIECES, min_size=1, max_size=2).map(" ".join),
    group=st.sampled_from(["", "courier", "truck_driver"]),
    state=st.sampled_from(["", "active", "suspended", "ended"]),
    scope=st.sampled_from(["", "couriers", "village"]),
    region=st.sampled_from(["", "37", "3715", "371502", "371502001", "371502001002"]),
    asker=st.sampled_from(["county", "township", "couriers"]),
    walk=st.booleans(),
    likely=st.booleans(),
)
def test_search_finds_whom_a_plain_filter_finds(
    crowd: Crowd, typed: str, group: str, state: str, scope: str, region: str, asker: str, walk: bool, likely: bool
) -> None:
    path = getattr(crowd.tree, scope).path if scope else ""
    reach = getattr(crowd.tree, asker).path
    filters = Filters(text=typed, group=group, state=state, union_path=path, region=region)
    expected = [
        row.pk
        for row in crowd.members
        if row.union.path.startswith(reach)
        and row.union.path.startswith(path)
        and fits(row, typed)
        and group in ("", row.worker.occupation_group_id)
        and state in ("", row.state)
        and row.worker.region_id.startswith(region)
    ]
    with pytest.MonkeyPatch.context() as patch:
        if walk:
            # as if there were too many to know: walked through, and sorted where the walk is too short
            patch.setattr(fitting, "MOST_COUNTED", 2)
            patch.setattr(fitting, "WALK", 4)
        if likely:
            # as if the planner took everything to be frequent
            patch.setattr(fitting, "SURELY", 0)
            patch.setattr(fitting, "MANY", 0)
        try:
            found = everyone(crowd.clerks[asker], filters)
        except Invalid:
            assert not squeezed_words(typed)
            return
    assert found == expected


class Crowd:
    """Members of many names in several unions, newest first, and clerks with different reach."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        places = (tree.couriers, tree.village, tree.township)
        states = ("active", "active", "suspended", "ended")
        regions = ("371502001001", "371502001002", "371502")
        groups = ("courier", "truck_driver")
        made = [
            make_member(
                union=places[at % 3], name=name, state=states[at % 4], region=regions[at % 3], group=groups[at % 2]
            )
            for at, name in enumerate(NAMES * 2)
        ]
        self.members = sorted(made, key=lambda row: row.pk, reverse=True)
        self.clerks = {
            name: actor_for("registrar", union=getattr(tree, name)) for name in ("county", "township", "couriers")
        }


@pytest.fixture
def crowd(tree: Tree) -> Crowd:
    return Crowd(tree)


def test_filters_take_away_and_reach_is_never_left(tree: Tree) -> None:
    firm = make_enterprise()
    courier = make_member(union=tree.couriers, employer=firm)
    resting = make_member(union=tree.couriers, state="suspended", group="truck_driver")
    villager = make_member(union=tree.village, region="371502001002")
    clerk = actor_for("registrar", union=tree.county)

    def found(**filters: Any) -> set[Any]:
        return {row.pk for row in search(clerk, Filters(**filters)).items}

    assert found() == {courier.pk, resting.pk, villager.pk}
    assert found(union_path=tree.couriers.path) == {courier.pk, resting.pk}
    assert found(union_path="/") == {courier.pk, resting.pk, villager.pk}
    assert found(group="truck_driver") == found(state="suspended") == {resting.pk}
    assert found(region="371502001002") == {villager.pk}
    assert found(employer_id=firm.pk) == {courier.pk}
    outsider = actor_for("registrar", union=tree.township)
    assert {row.pk for row in search(outsider, Filters()).items} == {villager.pk}
    with pytest.raises(NotFound):
        get_member(outsider, courier.number)
    assert search(actor_for("leader", union=tree.county), Filters()).items == []


def test_terms_alone_never_show_anybody_out_of_reach(tree: Tree) -> None:
    inside = make_member(union=tree.village)
    outside = make_member(union=tree.couriers)
    Membership.objects.filter(pk=outside.pk).update(terms=inside.terms)
    found = search(actor_for("registrar", union=tree.township), Filters())
    assert [row.pk for row in found.items] == [inside.pk]


@pytest.mark.parametrize("walk", [False, True])
def test_long_lists_come_page_by_page(tree: Tree, monkeypatch: pytest.MonkeyPatch, walk: bool) -> None:
    clerk = actor_for("registrar", union=tree.county)
    made = [make_member(union=tree.couriers).pk for _ in range(7)]
    if walk:
        monkeypatch.setattr(fitting, "MOST_COUNTED", 2)
        monkeypatch.setattr(fitting, "WALK", 3)
    assert everyone(clerk, Filters(), most=2) == made[::-1]
    with statements(4 if walk else 3):
        first = search(clerk, Filters(), most=2)
    assert (first.count, first.more) == ((2, True) if walk else (7, False))
    assert not first.previous
    with pytest.raises(Invalid):
        search(clerk, Filters(), cursor="nonsense")


def test_many_are_not_counted_but_estimated(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    clerk = actor_for("registrar", union=tree.county)
    made = [make_member(union=tree.couriers).pk for _ in range(4)]
    monkeypatch.setattr(fitting, "SURELY", 0)
    monkeypatch.setattr(fitting, "MANY", 0)
    with statements(3):
        found = search(clerk, Filters(), most=2)
    assert ([row.pk for row in found.items], found.about, found.more) == (made[:1:-1], True, False)
    monkeypatch.setattr(fitting, "MANY", 3000)
    found = search(clerk, Filters(), most=2)
    assert (found.count, found.about, found.more) == (4, False, False)


def test_a_page_that_has_emptied_starts_again(tree: Tree) -> None:
    clerk = actor_for("registrar", union=tree.county)
    first = make_member(union=tree.couriers)
    assert [row.pk for row in search(clerk, Filters(), cursor=str(first.pk)).items] == [first.pk]


def test_days_do_not_matter_to_the_order(tree: Tree) -> None:
    late = make_member(union=tree.couriers, began_on=date(2026, 1, 2))
    early = make_member(union=tree.couriers, began_on=date(2026, 1, 2) - timedelta(days=900))
    clerk = actor_for("registrar", union=tree.county)
    assert [row.pk for row in search(clerk, Filters()).items] == [early.pk, late.pk]


def test_terms_follow_whatever_they_are_made_of(tree: Tree) -> None:
    clerk = actor_for("registrar", union=tree.city)
    keeper = actor_for("administrator", union=tree.nation)
    member = make_member(union=tree.village, name="刘小洋", phone="15400000077")

    def found(text: str, **filters: Any) -> bool:
        return bool(search(clerk, Filters(text=text, **filters)).items)

    correct_name(actor=clerk, number=member.number, name="柳晓阳", evidence="身份证原件", now=NOW)
    assert (found("刘小"), found("柳晓"), found("xiaoyang")) == (False, True, True)
    correct_phone(actor=clerk, number=member.number, phone="15400000099", evidence="身份证原件", now=NOW)
    assert (found("0077"), found("0099"), found("柳 0099")) == (False, True, True)
    assert (found("柳", state="suspended"), found("柳", state="active")) == (False, True)
    suspend(actor=clerk, number=member.number, reason="外出务工一年", evidence="本人申请", now=NOW)
    assert (found("柳", state="suspended"), found("柳", state="active")) == (True, False)
    resume(actor=clerk, number=member.number, reason="已经回来", evidence="本人申请", now=NOW)
    assert (found("柳", state="suspended"), found("柳", state="active")) == (False, True)
    move_union(actor=keeper, union=tree.village, parent=tree.new_employment, now=NOW)
    moved = Membership.objects.select_related("union", "worker").get(pk=member.pk)
    assert (found("柳", union_path=tree.township.path), found("柳", union_path=moved.union.path)) == (False, True)
    assert sorted(moved.terms or []) == terms_of(moved.worker, union_path=moved.union.path, state=moved.state)


def test_memberships_without_terms_get_theirs_once(tree: Tree) -> None:
    clerk = actor_for("registrar", union=tree.county)
    made = {make_member(union=tree.couriers, name="刘小洋").pk for _ in range(3)}
    Membership.objects.update(terms=None)
    assert search(clerk, Filters(text="小洋")).items == []
    assert (list_members(), list_members()) == (3, 0)
    assert {row.pk for row in search(clerk, Filters(text="小洋")).items} == made


def test_terms_tell_nothing_without_the_key(tree: Tree) -> None:
    words = {"~王小", "u:3715"}
    assert terms(words) != sorted(int.from_bytes(blake2b(word.encode(), digest_size=8).digest()) >> 1 for word in words)
    assert all(0 <= number < 1 << 63 for number in terms(words))
    assert terms(words) == terms(words)
