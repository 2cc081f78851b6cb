"""The invented crowd: valid in form, nobody twice, and as frequent as in life."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta

import pytest

from bench.crowd.names import Names, spell
from bench.crowd.population import Firm, Identities, Person, Place, Population
from nuanxin.kernel.identifiers import age_on, parse_phone, parse_resident_id
from nuanxin.kernel.ids import luhn_ok
from nuanxin.kernel.text import person_name

TODAY = date(2026, 11, 22)
VILLAGES = ("371502001001", "371502001002")
COUNTIES = [f"37{number:04d}" for number in range(1, 90)] + [f"41{number:04d}" for number in range(1, 90)]


def crowd(count: int) -> list[Person]:
    """Return so many people of one seed."""
    places = [
        Place("a" * 32, "/CN/C37/A/", "371502", VILLAGES, "courier"),
        Place("b" * 32, "/CN/C37/B/", "37", VILLAGES, ""),
    ]
    firms = [Firm(f"{number:032x}", "371502", "truck_driver", places[0]) for number in range(500)]
    found = Population(places=places, firms=firms, counties=COUNTIES, home="37", today=TODAY)
    return list(found.people(count))


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return crowd(6000)


def test_everybody_is_valid_and_nobody_is_there_twice(people: list[Person]) -> None:
    for person in people:
        identity = parse_resident_id(person.number, on=TODAY)
        assert identity.birth_on == person.birth_on
        assert person.number[14:17] == "000"
        assert parse_phone(person.phone).startswith("154")
        assert not person.phone.startswith("1540")
        assert luhn_ok(person.member_number)
        assert person_name(person.name) == person.name
        assert 16 <= age_on(person.birth_on, TODAY) < 66
    for values in zip(*((each.number, each.phone, each.member_number) for each in people), strict=True):
        assert len(set(values)) == len(people)


def test_the_same_seed_makes_the_same_people(people: list[Person]) -> None:
    assert [person[:8] for person in crowd(300)] == [person[:8] for person in crowd(300)]
    assert [person.moment for person in people] == sorted(person.moment for person in people)


def test_frequencies_are_those_of_life(people: list[Person]) -> None:
    surnames = Counter(person.name[0] for person in people)
    assert 0.05 < surnames["王"] / len(people) < 0.10
    assert {"王", "李", "张"} <= {name for name, _count in surnames.most_common(5)}
    assert 0.001 < sum("·" in person.name for person in people) / len(people) < 0.03
    full = Counter(person.name for person in people)
    assert full.most_common(1)[0][1] < len(people) / 200
    employed = Counter(person.firm.id for person in people if person.firm)
    assert employed.most_common(1)[0][1] > 10 * (sum(employed.values()) / 500)
    assert {"roster", "poster"} <= {person.door for person in people}


def test_names_follow_sex_and_decade() -> None:
    names = Names(random.Random(1))
    old = Counter(names.draw("F", 1962)[1:] for _ in range(4000))
    young = Counter(names.draw("F", 2004)[1:] for _ in range(4000))
    assert old["秀英"] > 5 * young["秀英"]
    assert young["欣怡"] > 5 * old["欣怡"]
    assert spell("单小伟") == ("shanxiaowei", "sxw")
    assert spell("欧阳雪") == ("ouyangxue", "oyx")


def test_a_birth_date_has_as_many_people_as_there_are_counties() -> None:
    given = Identities(COUNTIES, "37")
    day = date(1990, 1, 1)
    made = [given.of(day) for _ in COUNTIES]
    assert len(set(made)) == len(COUNTIES)
    assert sum(number.startswith("37") for number in made[:40]) > 30
    with pytest.raises(IndexError):
        given.of(day)
    assert given.of(day + timedelta(days=1))
