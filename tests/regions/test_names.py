"""Names: what is searched, pinyin, English."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nuanxin.regions.rules.names import name_en, normalize, stem_of
from nuanxin.regions.rules.pinyin import read_name, read_village


@dataclass
class Place:
    code: str
    name: str
    name_pinyin: str
    level: int
    is_pseudo: bool = False


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("东昌府", "东昌府"),
        (" 东 昌\u3000府 ", "东昌府"),
        ("ＤＣＦ", "dcf"),
        ("Xi'an", "xian"),
        ("lü liang", "lvliang"),
        ("３７１５", "3715"),
        ("东\u202e昌\x00府\ud800", "东昌府"),
        ("", ""),
    ],
)
def test_typed_text_is_normalized(typed: str, kept: str) -> None:
    assert normalize(typed) == kept


@given(st.text())
def test_normalizing_twice_changes_nothing(text: str) -> None:
    assert normalize(normalize(text)) == normalize(text)


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("聊城市", "liaochengshi", "lcs"),
        ("东昌府区", "dongchangfuqu", "dcfq"),
        ("莘县", "shenxian", "sx"),
        ("东阿县", "dongexian", "dex"),
        ("茌平区", "chipingqu", "cpq"),
        ("六安市", "luanshi", "las"),
        ("长岭县", "changlingxian", "clx"),
        ("郫都区", "piduqu", "pdq"),
        ("乐亭县", "laotingxian", "ltx"),
        ("重庆市", "chongqingshi", "cqs"),
    ],
)
def test_names_are_read_as_places(name: str, pinyin: str, initials: str) -> None:
    assert read_name(name) == (pinyin, initials)


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("柳园社区居委会", "liuyuanshequjuweihui", "lysqjwh"),
        ("长江村村委会", "changjiangcuncunweihui", "cjccwh"),
        ("重庆路社区居民委员会", "chongqinglushequjuminweiyuanhui", "cqlsqjmwyh"),
        ("八连生活区", "balianshenghuoqu", "blshq"),
        ("6·18(北)村", "618beicun", "618bc"),
    ],
)
def test_villages_are_read_fast_and_right(name: str, pinyin: str, initials: str) -> None:
    assert read_village(name) == (pinyin, initials)


@pytest.mark.parametrize(
    ("place", "english"),
    [
        (Place("11", "北京市", "beijingshi", 1), "Beijing Municipality"),
        (Place("37", "山东省", "shandongsheng", 1), "Shandong Province"),
        (Place("61", "陕西省", "shanxisheng", 1), "Shaanxi Province"),
        (Place("1101", "市辖区", "shixiaqu", 2, True), "Urban Districts"),
        (Place("4290", "省直辖县级行政区划", "x", 2, True), "Directly Governed Counties"),
        (Place("3715", "聊城市", "liaochengshi", 2), "Liaocheng City"),
        (Place("371502", "东昌府区", "dongchangfuqu", 3), "Dongchangfu District"),
        (Place("371522", "莘县", "shenxian", 3), "Shen County"),
        (Place("371502002", "柳园街道", "liuyuanjiedao", 4), "Liuyuan Subdistrict"),
        (Place("371502002005", "柳园社区居委会", "liuyuanshequjuweihui", 5), "Liuyuan Community"),
        (Place("371502104200", "于庄村村民委员会", "yuzhuangcuncunminweiyuanhui", 5), "Yuzhuang Village"),
    ],
)
def test_english_names(place: Place, english: str) -> None:
    assert name_en(place) == english


def test_a_name_that_is_only_its_kind_stays() -> None:
    assert stem_of("县", 3) == "县"
    assert stem_of("东昌府区", 3) == "东昌府"
