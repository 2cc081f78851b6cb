"""Names of people, as frequent as real ones: surnames by their known shares, given names by sex and decade of birth.

Shares of surnames are per 10,000 people, rounded from the published counts of the household register (2007 and 2020).
A commonest full name such as 张伟 comes out some two hundred times in a million, as it does in the country.
"""

from __future__ import annotations

import random
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

from pypinyin import lazy_pinyin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SHARES = (
    "王725 李719 张683 刘538 陈453 杨308 黄248 赵229 吴205 周202 徐167 孙154 马129 朱126 胡131 郭117 "
    "何115 林113 高106 罗95 郑93 梁84 谢76 宋81 唐70 许68 韩68 冯64 邓64 曹60 彭55 曾55 肖56 田52 董51 "
    "袁50 潘48 于48 蒋47 蔡46 余46 杜45 叶44 程43 苏42 魏42 吕41 丁40 任40 沈39 姚38 卢38 姜37 崔37 钟36 "
    "谭36 陆35 汪35 范34 金33 石33 廖32 贾32 夏31 韦31 付30 方30 白29 邹29 孟28 熊28 秦27 邱27 江26 尹26 "
    "薛26 闫25 段25 雷24 侯24 龙24 史23 陶23 黎22 贺22 顾22 毛21 郝21 龚21 邵21 万20 钱20 严20 覃19 武19 "
    "戴19 莫18 孔18 向18 汤18 常15 温14 康14 施13 文13 牛12 樊12 葛11 邢11 安11 齐10 易10 乔10 伍10 庞9 "
    "颜9 倪9 庄9 聂9 章9 鲁8 岳8 翟8 殷8 詹8 申8 欧8 耿8 关7 兰7 焦7 俞7 左7 柳7 甘7 祝6 包6 宁6 尚6 符6 "
    "舒6 阮6 柯6 纪6 梅5 童5 凌5 毕5 单5 季5 裴5 霍5 涂5 成5 苗5 谷5 盛5 曲5 翁4 冉4 骆4 蓝4 路4 游4 辛4 "
    "靳4 管4 柴4 蒙4 鲍4 华4 喻4 祁4 蒲3 房3 滕3 屈3 饶3 解3 牟3 艾3 尤3 阳3 时3 穆3 农3 司3 卓3 古3 吉3 "
    "缪3 简3 车3 项3 连3 芦3 麦3 褚2 娄2 窦2 戚2 岑2 景2 党2 宫2 费2 卜2 冷2 晏2 席2 卫2 欧阳8 上官1 "
    "司徒1 司马1 诸葛1 皇甫1 尉迟1 东方1 慕容1 令狐1 "
)
_RARE = (
    "仝 仉 俎 偰 冼 刁 勾 匡 厉 双 句 哈 尧 展 巢 撒 敖 昝 楚 檀 母 沙 洪 淳于 澹台 燕 狄 由 相 禹 种 竺 "
    "粟 糜 綦 维 芮 花 苟 荆 荀 茅 虞 蔺 衣 言 诺 豆 贡 赏 迟 逯 那 郁 郇 鄢 闻 陀 隋 雍 靖 鞠 颛孙 麻 "
    "黑 鹿 仇 佟 全 冀 初 化 卞 后 咸 员 塔 多 奚 宁 宗 容 宿 尔 "
)
_ODD_READINGS = {
    "单": "shan", "解": "xie", "仇": "qiu", "翟": "zhai", "曾": "zeng", "任": "ren", "尹": "yin", "万": "wan",
    "覃": "qin", "员": "yun", "种": "chong", "尉迟": "yuchi", "澹台": "tantai", "诸葛": "zhuge",
}  # fmt: skip

#: One-character given names, most frequent first, by sex and decade.
_ONE = {
    ("M", 1960): "军勇平明伟强刚建华杰斌林辉波峰洪文健宏忠",
    ("M", 1970): "伟勇军强涛斌波辉刚杰峰平健鹏华明磊飞俊松",
    ("M", 1980): "伟磊鹏勇涛超强杰波飞峰亮斌辉浩凯帅刚健龙",
    ("M", 1990): "鑫杰磊超浩鹏帅涛伟旭凯阳斌宇龙亮强俊勇博",
    ("M", 2000): "杰鑫浩涛俊磊阳毅宇旭博航轩睿凯昊晨涵硕森",
    ("F", 1960): "英敏芳玲萍红霞燕梅丽静琴娟艳华群兰平珍云",
    ("F", 1970): "丽敏艳静芳燕霞娟红玲梅萍英琴琳娜莉洁华蓉",
    ("F", 1980): "静丽娜艳敏娟燕芳婷霞洁倩莉慧玲丹颖蕾雪琳",
    ("F", 1990): "婷静敏雪丹倩娜颖佳莹琪慧洁娟丽玲瑶欣琳蕾",
    ("F", 2000): "欣颖悦婷静雪佳琪瑶怡萱慧敏莹涵妍蕊洁彤雯",
}
#: Two-character given names as wholes, most frequent first.
_WHOLE = {
    ("M", 1960): "建国 建军 志强 建华 国强 志明 建平 国平 建明 永强 文华 国华 志刚 德华 玉林 明华 小平 金龙 卫国 海军",
    ("M", 1970): "志强 建军 海军 建华 志刚 国强 志勇 卫东 晓东 建平 志明 永刚 爱国 海涛 红军 立新 国栋 小军 文斌 新民",
    ("M", 1980): "海涛 建军 志强 晓东 海波 俊杰 志伟 建华 小龙 海龙 晓明 志刚 文杰 国庆 小军 明明 志鹏 少华 俊峰 洪涛",
    ("M", 1990): "俊杰 文杰 志强 志伟 建国 家豪 子豪 明明 嘉伟 海龙 晓东 浩然 文博 少杰 志鹏 鹏飞 俊豪 宇航 伟豪 国庆",
    ("M", 2000): "浩宇 浩然 子轩 宇轩 宇航 俊杰 子豪 博文 天佑 文博 梓豪 子涵 俊熙 一鸣 家豪 志豪 嘉豪 宇辰 俊豪 子昂",
    ("F", 1960): "秀英 桂英 玉兰 秀兰 桂兰 秀珍 凤英 玉英 玉珍 玉梅 桂芳 秀芳 淑珍 淑英 春梅 秀荣 桂荣 丽华 玉华 爱华",
    ("F", 1970): "丽娟 秀英 春梅 秀兰 海燕 桂英 丽华 红梅 小红 晓燕 玉梅 雪梅 丽萍 艳红 春燕 桂兰 凤英 小燕 玉兰 爱华",
    ("F", 1980): "丽丽 海燕 婷婷 丽娟 丹丹 春梅 小燕 晓燕 艳艳 雪梅 莉莉 丽华 红梅 红霞 晓丽 静静 娜娜 春燕 小丽 露露",
    ("F", 1990): "婷婷 丹丹 婧怡 佳佳 莹莹 欣怡 倩倩 雨薇 思思 梦瑶 文静 雅婷 丽丽 梦婷 晓雪 雪梅 海燕 思雨 佳琪 慧敏",
    ("F", 2000): "欣怡 梓涵 诗涵 雨涵 思涵 子涵 雨欣 可欣 梦瑶 佳怡 欣妍 思琪 雨萱 诗琪 一诺 佳琪 婉婷 语嫣 梓萱 若曦",
}
_FIRST = {
    "M": "建志国文明海永小晓俊玉德金新立天家嘉子宇浩世光春振广成福庆学宏忠少兴景长先云大东",
    "F": "秀玉丽春小晓桂雪淑海红艳凤文佳雨思梦欣诗美爱慧金燕月婷雅子梓若静冬彩素翠婉云巧亚",
}
_LAST = {
    "M": "强军华明平伟杰林峰龙辉涛波国生飞斌鹏东民勇兵刚松超文良山海宇豪轩成春祥健洋宝江根",
    "F": "英梅芳兰华丽霞珍燕萍玲娟红琴敏香云荣凤花怡婷涵琪瑶欣萱静雯莲平芬妹慧洁琳娜莹仙艳",
}
_PARTED = {
    "M": (
        "阿卜杜拉 买买提 艾力 吐尔逊 玉素甫 卡德尔 依明 热合曼 阿不力孜 麦麦提 叶尔兰 巴合提 努尔兰 "
        "木拉提 吾买尔 艾尼瓦尔 "
    ),
    "F": (
        "阿依古丽 古丽娜尔 热依汗 帕提古丽 米热古丽 阿依努尔 迪丽努尔 玛依拉 茹仙古丽 祖丽胡玛尔 阿曼古丽 古丽巴哈尔 "
    ),
}
_FATHERS = (
    "买买提 艾合买提 吐尔逊 依布拉音 阿不都 玉素甫 木合塔尔 哈斯木 赛力克 努尔哈力 麦麦提 艾力 热合曼 "
    "卡德尔 依明 司马义 "
)
_TIBETAN = "扎西 多吉 次仁 洛桑 丹增 卓玛 央金 拉姆 德吉 白玛 达瓦 尼玛 格桑 旦增 平措 顿珠 索朗 仁青 强巴 曲珍"
#: Share of one-character given names by decade.
_SHORT = {1960: 0.16, 1970: 0.28, 1980: 0.40, 1990: 0.36, 2000: 0.15}
_WHOLE_SHARE = 0.18
BATCH = 8192


def _weighted(text: str, slope: float = 6.0) -> tuple[list[str], list[float]]:
    """Return words and cumulative weights that fall with the rank."""
    words = text.split()
    return words, list(accumulate(1 / (rank + slope) for rank in range(len(words))))


def decade(year: int) -> int:
    """Return the decade whose taste names a year's children had."""
    return min(2000, max(1960, year // 10 * 10))


class Names:
    """A stream of names that repeats with its seed; drawn in batches, for one draw at a time takes most of the time."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        shares = [(part.rstrip("0123456789"), int("".join(c for c in part if c.isdigit()))) for part in _SHARES.split()]
        rare = dict.fromkeys(_RARE.split())
        rest = 10_000 - sum(share for _name, share in shares) - 140
        names = [name for name, _share in shares] + list(rare) + ["·", " "]
        weights = [float(share) for _name, share in shares] + [max(rest, 20) / len(rare)] * len(rare) + [100, 40]
        self._surnames = self._stream(names, list(accumulate(weights)))
        self._given = {
            (sex, years): self._stream(*_given(sex, years)) for sex in "MF" for years in (1960, 1970, 1980, 1990, 2000)
        }
        self._parted = {sex: self._stream(*_weighted(_PARTED[sex], 3)) for sex in "MF"}
        self._fathers = self._stream(*_weighted(_FATHERS, 3))
        self._tibetan = self._stream(*_weighted(_TIBETAN, 4))

    def _stream(self, words: list[str], weights: list[float]) -> Iterator[str]:
        while True:
            yield from self._chance.choices(words, cum_weights=weights, k=BATCH)

    def draw(self, sex: str, born: int) -> str:
        """Return the name of a man (`M`) or woman (`F`) born in a year."""
        surname = next(self._surnames)
        if surname == "·":
            return f"{next(self._parted[sex])}·{next(self._fathers)}"
        if surname == " ":
            return next(self._tibetan) + next(self._tibetan)
        return surname + next(self._given[sex, decade(born)])


@cache
def _given(sex: str, years: int) -> tuple[list[str], list[float]]:
    """Return every given name of a sex and a decade with its cumulative weight."""
    short = _SHORT[years]
    kinds = [
        (short, _ranked(_ONE[sex, years] + _LAST[sex] + _FIRST[sex])),
        ((1 - short) * _WHOLE_SHARE, _ranked(_WHOLE[sex, years].split())),
        (
            (1 - short) * (1 - _WHOLE_SHARE),
            {
                first + last: a * b
                for first, a in _ranked(_FIRST[sex], 12).items()
                for last, b in _ranked(_LAST[sex], 12).items()
            },
        ),
    ]
    whole: dict[str, float] = {}
    for share, found in kinds:
        total = sum(found.values())
        for name, weight in found.items():
            whole[name] = whole.get(name, 0) + share * weight / total
    return list(whole), list(accumulate(whole.values()))


def _ranked(words: Iterable[str], slope: float = 12.0) -> dict[str, float]:
    return {word: 1 / (rank + slope) for rank, word in enumerate(dict.fromkeys(words))}


@cache
def _syllable(char: str) -> str:
    return "".join(lazy_pinyin(char)).lower()


def spell(name: str) -> tuple[str, str]:
    """Return full pinyin and initials; surnames in their reading as surnames."""
    chars = [char for char in name if char != "·"]
    read = [_ODD_READINGS.get(name[0], _syllable(name[0])), *(_syllable(char) for char in chars[1:])]
    return "".join(read), "".join(part[:1] for part in read)
