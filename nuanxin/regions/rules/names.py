"""How a division's name is cut, compared and written in English."""

from __future__ import annotations

import unicodedata
from typing import Final, Protocol

from nuanxin.regions.states import Level

# Ending, its pinyin, its English, by level; the longest ending wins. English after the usage of the National Bureau of
# Statistics and the Ministry of Civil Affairs.
_ENDINGS: Final[dict[Level, tuple[tuple[str, str, str], ...]]] = {
    Level.PROVINCE: (
        ("特别行政区", "tebiexingzhengqu", "Special Administrative Region"),
        ("自治区", "zizhiqu", "Autonomous Region"),
        ("省", "sheng", "Province"),
        ("市", "shi", "Municipality"),
    ),
    Level.CITY: (
        ("自治州", "zizhizhou", "Autonomous Prefecture"),
        ("地区", "diqu", "Prefecture"),
        ("盟", "meng", "League"),
        ("市", "shi", "City"),
    ),
    Level.COUNTY: (
        ("自治县", "zizhixian", "Autonomous County"),
        ("自治旗", "zizhiqi", "Autonomous Banner"),
        ("特区", "tequ", "Special District"),
        ("林区", "linqu", "Forestry District"),
        ("新区", "xinqu", "New Area"),
        ("区", "qu", "District"),
        ("县", "xian", "County"),
        ("市", "shi", "City"),
        ("旗", "qi", "Banner"),
    ),
    Level.TOWNSHIP: (
        ("街道办事处", "jiedaobanshichu", "Subdistrict"),
        (
            "经济技术开发区",
            "jingjijishukaifaqu",
            "Economic and Technological Development Zone",
        ),
        ("经济开发区", "jingjikaifaqu", "Economic Development Zone"),
        ("民族乡", "minzuxiang", "Ethnic Township"),
        ("开发区", "kaifaqu", "Development Zone"),
        ("地区", "diqu", "Area"),
        ("街道", "jiedao", "Subdistrict"),
        ("苏木", "sumu", "Sumu"),
        ("镇", "zhen", "Town"),
        ("乡", "xiang", "Township"),
    ),
    Level.VILLAGE: (
        ("村村民委员会", "cuncunminweiyuanhui", "Village"),
        ("社区居民委员会", "shequjuminweiyuanhui", "Community"),
        ("村民委员会", "cunminweiyuanhui", "Village"),
        ("居民委员会", "juminweiyuanhui", "Community"),
        ("社区居委会", "shequjuweihui", "Community"),
        ("社区村委会", "shequcunweihui", "Community"),
        ("村村委会", "cuncunweihui", "Village"),
        ("居委会", "juweihui", "Community"),
        ("村委会", "cunweihui", "Village"),
        ("社区", "shequ", "Community"),
        ("村", "cun", "Village"),
    ),
}

# Official English names that pinyin does not give.
_ENGLISH: Final[dict[str, str]] = {
    "15": "Inner Mongolia Autonomous Region",
    "45": "Guangxi Zhuang Autonomous Region",
    "54": "Xizang Autonomous Region",
    "61": "Shaanxi Province",
    "64": "Ningxia Hui Autonomous Region",
    "65": "Xinjiang Uygur Autonomous Region",
    "81": "Hong Kong Special Administrative Region",
    "82": "Macao Special Administrative Region",
}
_FILLERS: Final[dict[str, str]] = {"市辖区": "Urban Districts", "县": "Counties"}
_COLLECTIVE: Final = "Directly Governed Counties"


class Named(Protocol):
    """What naming needs to know of a division."""

    code: str
    name: str
    name_pinyin: str
    level: int
    is_pseudo: bool


def normalize(text: str) -> str:
    """Bring typed text to the form names are kept and searched in.

    Full-width letters and digits become plain ones, letters small, `ü` the `v` of every pinyin keyboard; blanks,
    apostrophes and hyphens between syllables, and characters nobody can see, go.
    """
    if text.isalnum() and unicodedata.is_normalized("NFKC", text):
        return text.lower().replace("ü", "v")
    plain = unicodedata.normalize("NFKC", text).lower()
    kept = "".join(char for char in plain if char not in "'’`-" and unicodedata.category(char)[0] not in "ZC")
    # What stood apart may now stand together and be one letter.
    return unicodedata.normalize("NFKC", kept).lower().replace("ü", "v")


def stem_of(name: str, level: int) -> str:
    """Return the name without the word for its kind: 东昌府区 → 东昌府; a name that is nothing but that word stays."""
    for ending, _, _ in _ENDINGS[Level(level)]:
        if name.endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    return name


def stem_pinyin_of(name: str, name_pinyin: str, level: int) -> str:
    """Return the pinyin of the name without the word for its kind: dongchangfuqu → dongchangfu."""
    for ending, pinyin, _ in _ENDINGS[Level(level)]:
        if name.endswith(ending) and len(name) > len(ending):
            return name_pinyin.removesuffix(pinyin)
    return name_pinyin


def name_en(region: Named) -> str:
    """Return a division's name for readers of English: Liaocheng City, Dongchangfu District, Liuyuan Subdistrict."""
    if region.code in _ENGLISH:
        return _ENGLISH[region.code]
    if region.is_pseudo and region.level == Level.CITY:
        return _FILLERS.get(region.name, _COLLECTIVE)
    for ending, pinyin, english in _ENDINGS[Level(region.level)]:
        if region.name.endswith(ending) and len(region.name) > len(ending):
            return f"{region.name_pinyin.removesuffix(pinyin).capitalize()} {english}"
    return region.name_pinyin.capitalize()
