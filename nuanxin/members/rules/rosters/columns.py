"""Which column of a roster holds what: titles as people write them, in Chinese and English."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.utils.functional import _StrOrPromise


@dataclass(frozen=True)
class Field:
    """What a column may hold: its title in our template, and how others call it."""

    key: str
    title: _StrOrPromise
    #: Whole titles, in regular form; the first stands in the template in Chinese.
    names: Sequence[str]
    #: Words that tell it inside of a longer title.
    cores: Sequence[str] = ()
    needed: bool = False
    width: int = 16


FIELDS: Final = (
    Field(
        "name",
        _("Full name"),
        (
            "姓名 名字 员工姓名 会员姓名 职工姓名 骑手姓名 司机姓名 人员姓名 真实姓名 name fullname "
            "employeename staffname workername ridername"
        ).split(),
        ("姓名", "fullname"),
        needed=True,
        width=14,
    ),
    Field(
        "id_kind",
        _("Kind of document"),
        "证件类型 证件种类 证件名称 证件类别 身份证件类型 idtype idkind documenttype kindofdocument".split(),
        ("证件类型", "证件种类", "idtype"),
        width=22,
    ),
    Field(
        "id_number",
        _("ID number"),
        (
            "身份证号 身份证号码 身份证 证件号码 证件号 公民身份号码 居民身份证号码 居民身份证号 居民身份证 "
            "身份号码 身份证件号码 身份证编号 idnumber idno idcard idcardnumber idcardno identitynumber "
            "documentnumber residentid residentidnumber numberofthedocument"
        ).split(),
        "身份证号 证件号 身份号码 身份证 idnumber idcard".split(),
        needed=True,
        width=24,
    ),
    Field(
        "phone",
        _("Mobile number"),
        (
            "手机号 手机 手机号码 联系电话 电话 电话号码 联系方式 移动电话 本人手机 本人电话 联系手机 mobile "
            "mobilenumber mobilephone phone phonenumber cellphone cell tel telephone contactnumber"
        ).split(),
        "手机 联系电话 电话号码 移动电话 mobile phonenumber cellphone".split(),
        needed=True,
        width=16,
    ),
    Field(
        "occupation_group",
        _("Occupation group"),
        (
            "职业群体 工种 职业 岗位 岗位名称 从业类型 职业类型 职业类别 岗位类型 所属群体 群体 职位 从事职业 "
            "从事工种 occupation occupationgroup trade job jobtitle position role"
        ).split(),
        "工种 职业 岗位 职位 群体 occupation jobtitle".split(),
        width=20,
    ),
    Field(
        "region",
        _("Place of work"),
        (
            "工作地区 工作地 工作地点 工作区域 工作所在地 所在区县 所在县区 所在地区 所在地 区县 县区 县市区 "
            "工作区县 行政区划 行政区划代码 地区 区域 从业地 从业地区 region regioncode district county "
            "placeofwork workplace workregion workarea"
        ).split(),
        "工作地 工作区 区县 县区 县市区 行政区划 从业地 workplace".split(),
        width=26,
    ),
    Field(
        "employer",
        _("Employer"),
        (
            "单位名称 单位 工作单位 用人单位 所属单位 所在单位 公司 公司名称 所属公司 企业 企业名称 所属企业 "
            "用工单位 劳务公司 employer employername company companyname enterprise organization"
        ).split(),
        "工作单位 用人单位 用工单位 单位名称 公司名称 企业名称 companyname".split(),
        width=30,
    ),
    Field(
        "employer_credit_code",
        _("Credit code of the employer"),
        (
            "统一社会信用代码 社会信用代码 信用代码 单位信用代码 企业信用代码 creditcode "
            "unifiedsocialcreditcode creditcodeoftheemployer employercreditcode"
        ).split(),
        ("信用代码", "creditcode"),
        width=24,
    ),
    Field(
        "platform",
        _("Platform"),
        "平台 平台名称 所属平台 接单平台 服务平台 从业平台 平台企业 platform platformname".split(),
        ("平台",),
        width=16,
    ),
    Field(
        "birth_on",
        _("Date of birth"),
        "出生日期 出生年月日 生日 出生年月 出生时间 birthday birthdate dateofbirth dob birth".split(),
        ("出生日期", "出生年月", "dateofbirth"),
        width=14,
    ),
    Field("sex", _("Sex"), ("性别", "sex", "gender"), ("性别",), width=8),
    Field(
        "job_number",
        _("Staff number"),
        (
            "工号 员工编号 员工号 职工编号 人员编号 骑手编号 骑手id 司机编号 staffnumber staffno staffid "
            "employeeid employeenumber employeeno jobnumber jobno"
        ).split(),
        ("工号", "员工编号", "employeeid", "staffid"),
        width=14,
    ),
    Field(
        "group_name",
        _("Team"),
        (
            "班组 小组 组别 所属班组 班组名称 站点 站点名称 配送站 所属站点 车队 部门 所在部门 所属部门 团队 "
            "team group department station crew"
        ).split(),
        ("班组", "站点", "车队", "部门"),
        width=16,
    ),
)
BY_KEY: Final = {field.key: field for field in FIELDS}
#: Without these nobody can be told from anybody else.
NEEDED: Final = tuple(field.key for field in FIELDS if field.needed)
#: A title with one of these words speaks of somebody or something else.
_OTHERS: Final = (
    "紧急 家属 配偶 父亲 母亲 子女 法人 法定代表 负责人 经办 介绍人 推荐人 联系人 有效期 到期 住址 地址 "
    "户籍 籍贯 家庭 银行 开户 备注 照片 复印件 正面 反面 座机 固定电话 班组长 组长 站长 emergency "
    "spouse address bank expiry valid remark note contactperson manager"
).split()
_BRACKETS: Final = re.compile(r"[(\[{<【〔「《（].*?[)\]}>】〕」》）]")


def regular(title: str) -> str:
    """Return a title without what people put around it: spaces, remarks in brackets, stars, colons, case, width."""
    text = unicodedata.normalize("NFKC", title).lower()
    bare = _BRACKETS.sub("", text)
    kept = "".join(char for char in bare if char.isalnum())
    # a title that is all in brackets is that
    return kept or "".join(char for char in text if char.isalnum())


def _whole_names() -> dict[str, str]:
    names: dict[str, str] = {}
    for field in FIELDS:
        for name in field.names:
            if names.setdefault(name, field.key) != field.key:
                raise ValueError(f"{name} is the title of two fields")
    return names


_WHOLE: Final = _whole_names()


def recognize(headers: Sequence[str]) -> dict[str, int]:
    """Return which column holds which field; a field has one column, and a column one field.

    Whole titles come first, from the left; then words inside of longer titles, unless these speak of somebody else.
    """
    titles = [regular(header) for header in headers]
    found: dict[str, int] = {}
    taken: set[int] = set()
    for place, title in enumerate(titles):
        field = _WHOLE.get(title)
        if field and field not in found:
            found[field] = place
            taken.add(place)
    for place, title in enumerate(titles):
        if place in taken or not title or any(word in title for word in _OTHERS):
            continue
        field = _by_core(title, found)
        if field:
            found[field] = place
    return found


def _by_core(title: str, found: Mapping[str, int]) -> str:
    """Return the field whose word stands nearest to the end of a title: 骑手身份证姓名 is a name."""
    best, farthest = "", -1
    for field in FIELDS:
        for core in field.cores:
            end = title.rfind(core) + len(core)
            if field.key not in found and end >= len(core) and end > farthest:
                best, farthest = field.key, end
    return best


def is_header(cells: Sequence[str]) -> bool:
    """Answer whether a row of cells is the row of titles: at least two of the needed fields, or three of any."""
    found = recognize(cells)
    return len(found) >= 3 or sum(key in found for key in NEEDED) >= 2


def missing(columns: Mapping[str, int]) -> tuple[str, ...]:
    """Return the needed fields that have no column."""
    return tuple(key for key in NEEDED if key not in columns)


def check_columns(columns: Mapping[str, object], width: int) -> dict[str, int]:
    """Return a mapping that somebody chose, with only fields that exist and columns that the file has, each once."""
    kept: dict[str, int] = {}
    for key, place in columns.items():
        if key in BY_KEY and isinstance(place, int) and 0 <= place < width and place not in kept.values():
            kept[key] = place
    return kept
