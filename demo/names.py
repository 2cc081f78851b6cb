"""Plausible names of people: Han names by the frequency of surnames and the taste of each decade, and others with ·."""

from __future__ import annotations

from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

from pypinyin import lazy_pinyin

if TYPE_CHECKING:
    from demo.seeds import Seed

# The hundred most frequent surnames, most frequent first; the share falls roughly with the rank.
SURNAMES = (
    "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧 "
    "程 曹 袁 邓 许 傅 沈 曾 彭 吕 苏 卢 蒋 蔡 贾 丁 魏 薛 叶 阎 余 潘 杜 戴 夏 钟 汪 田 任 姜 "
    "范 方 石 姚 谭 廖 邹 熊 金 陆 郝 孔 白 崔 康 毛 邱 秦 江 史 顾 侯 邵 孟 龙 万 段 雷 钱 汤 "
    "尹 黎 易 常 武 乔 贺 赖 龚 文 单 解 仇 翟 欧阳 司马 诸葛 上官 "
).split()
_WEIGHTS = list(accumulate(1 / (rank + 4) for rank in range(len(SURNAMES))))
_SURNAME_PINYIN = {
    "单": "shan", "解": "xie", "仇": "qiu", "翟": "zhai", "曾": "zeng", "任": "ren", "尹": "yin", "万": "wan",
}  # fmt: skip

_MEN = {
    1960: (
        "国 建 军 明 志 华 文 平 海 山 林 福 春 玉 庆 德 保 金 宝 永 洪 兴 广 振 "
        "长 立 新 忠 义 成 贵 和 友 全 胜 树 存 来 生 民 "
    ),
    1980: (
        "伟 强 磊 涛 勇 斌 鹏 杰 超 波 刚 辉 峰 亮 飞 凯 健 浩 俊 东 旭 雷 坤 龙 "
        "宁 洋 帅 琦 晓 海 立 宏 彬 振 光 震 博 岩 森 伦 "
    ),
    2000: (
        "浩 宇 轩 子 泽 晨 睿 涵 博 文 俊 天 佑 嘉 皓 铭 梓 奕 一 辰 昊 然 逸 哲 "
        "翔 航 思 远 明 豪 瑞 凡 景 乐 恒 毅 启 承 安 诺 "
    ),
}
_WOMEN = {
    1960: (
        "秀 英 桂 兰 玉 梅 芳 珍 凤 霞 红 云 香 荣 华 翠 芝 爱 淑 琴 莲 月 萍 花 "
        "清 巧 素 瑞 菊 美 春 金 景 喜 连 彩 青 俊 玲 敏 "
    ),
    1980: (
        "静 丽 娟 艳 敏 燕 娜 婷 雪 莉 倩 慧 颖 洁 琳 晶 丹 蕾 娇 莹 玲 霞 芳 媛 "
        "冰 璐 欣 瑶 岩 青 海 晓 文 春 红 双 林 佳 宁 云 "
    ),
    2000: (
        "欣 怡 涵 梓 萱 雨 桐 可 馨 诗 雅 婷 思 琪 佳 慧 梦 瑶 语 嫣 若 曦 依 诺 "
        "子 晨 悦 彤 心 妍 钰 静 琳 芮 一 艺 璇 紫 月 宁 "
    ),
}
_PARTED = {
    "M": (
        "阿卜杜拉 买买提 艾力 吐尔逊 玉素甫 卡德尔 依明 热合曼 叶尔兰 巴合提 努尔兰 扎西 多吉 次仁 洛桑 丹增"
    ).split(),
    "F": ("阿依古丽 古丽娜尔 热依汗 帕提古丽 米热古丽 阿依努尔 迪丽努尔 玛依拉 卓玛 央金 拉姆 德吉 白玛").split(),
}
_FATHERS = "买买提 艾合买提 吐尔逊 依布拉音 阿不都 玉素甫 木合塔尔 哈斯木 赛力克 努尔哈力 扎西 次仁 平措 顿珠".split()


def person(seed: Seed, *, sex: str, born: int) -> str:
    """Return the name of a man (`M`) or woman (`F`) born in a year."""
    chance = seed.random.random()
    if chance < 0.006:
        return f"{seed.one(_PARTED[sex])}·{seed.one(_FATHERS)}"
    surname = seed.random.choices(SURNAMES, cum_weights=_WEIGHTS)[0]
    given = _given(sex, 1960 if born < 1976 else 1980 if born < 1996 else 2000)
    first = seed.one(given)
    if chance < 0.24:
        return surname + first
    second = seed.one(given)
    return surname + first + (second if second != first or chance < 0.3 else seed.one(given))


@cache
def _given(sex: str, decade: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys((_MEN if sex == "M" else _WOMEN)[decade].split()))


@cache
def _syllables(char: str) -> str:
    return "".join(lazy_pinyin(char)).lower()


def pinyin(name: str) -> tuple[str, str]:
    """Return full pinyin and initials of a person's name; surnames in their reading as surnames."""
    chars = [char for char in name if char != "·"]
    read = [_SURNAME_PINYIN.get(name[0], _syllables(name[0])) if chars else ""]
    read += [_syllables(char) for char in chars[1:]]
    return "".join(read), "".join(part[0] for part in read if part)
