"""The code lists and rules of a fresh installation. All of them are rows: edit them at the desk, not here."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from nuanxin.organizations.models import (
    DatedRule,
    Door,
    GroupListing,
    OccupationGroup,
    OccupationSet,
    Platform,
    Union,
)
from nuanxin.organizations.states import DoorKind, UnionKind, UnionLevel

if TYPE_CHECKING:
    from datetime import datetime

#: Fixed, so that every installation knows the root of the tree under the same code.
NATIONAL_CODE: Final = "CN000000"

#: code, Chinese name, English name, icon
GROUPS: Final = (
    ("courier", "快递员", "Courier", "package"),
    ("food_delivery_rider", "外卖配送员", "Food delivery rider", "bike"),
    ("ride_hailing_driver", "网约车司机", "Ride-hailing driver", "car"),
    ("truck_driver", "货车司机", "Truck driver", "truck"),
    ("domestic_worker", "家政服务员", "Domestic worker", "home"),
    ("care_worker", "护工护理员", "Care worker", "heart-handshake"),
    ("mall_information_worker", "商场信息员", "Mall information worker", "building-store"),
    ("real_estate_agent", "房产中介员", "Real estate agent", "key"),
    ("security_guard", "保安员", "Security guard", "shield"),
    ("other", "其他新就业形态劳动者", "Other new form of employment", "user"),
)
_EIGHT: Final = tuple(code for code, *_rest in GROUPS if code not in {"ride_hailing_driver", "other"})
_NINE: Final = tuple(code for code, *_rest in GROUPS if code != "other")
_FOUR: Final = ("truck_driver", "ride_hailing_driver", "courier", "food_delivery_rider")
#: code, Chinese name, English name, source note, first day, groups
SETS: Final = (
    ("eight_2018", "八大群体", "Eight groups", "全国总工会 2018年4月10日", date(2018, 4, 10), _EIGHT),
    ("four_2021", "四个重点群体", "Four key groups", "全国总工会 2021年起重点推进入会的群体", date(2021, 7, 1), _FOUR),
    ("nine_liaocheng", "九大群体", "Nine groups", "聊城日报 2023年9月6日", date(2021, 1, 1), _NINE),
)
#: code, Chinese name, English name, kind
DOORS: Final = (
    ("h5", "手机网页", "Phone page", DoorKind.H5),
    ("poster", "站点海报扫码", "Poster code", DoorKind.UNION_POSTER),
    ("wechat", "微信公众号", "WeChat account", DoorKind.ACCOUNT_MENU),
    ("gov_app", "政务服务应用", "Government app", DoorKind.GOV_APP),
    ("dingtalk", "钉钉", "DingTalk", DoorKind.DINGTALK),
    ("platform_app", "平台企业应用", "Platform's app", DoorKind.PLATFORM_APP),
    ("counter", "服务窗口", "Counter", DoorKind.COUNTER),
    ("roster", "单位名册", "Employer's roster", DoorKind.ROSTER),
    ("mini", "微信小程序", "Mini-program", DoorKind.MINI_PROGRAM),
    ("api", "接口", "API", DoorKind.API),
)
PLATFORMS: Final = (
    ("meituan", "美团", "Meituan"),
    ("eleme", "饿了么", "Ele.me"),
    ("jd", "京东", "JD"),
    ("didi", "滴滴出行", "DiDi"),
    ("t3", "T3出行", "T3"),
    ("caocao", "曹操出行", "Caocao"),
    ("gaode", "高德打车", "Amap"),
    ("sf", "顺丰速运", "SF Express"),
    ("yto", "圆通速递", "YTO Express"),
    ("zto", "中通快递", "ZTO Express"),
    ("sto", "申通快递", "STO Express"),
    ("yunda", "韵达快递", "Yunda Express"),
    ("jitu", "极兔速递", "J&T Express"),
    ("ems", "中国邮政", "China Post"),
    ("cainiao", "菜鸟", "Cainiao"),
    ("huolala", "货拉拉", "Lalamove"),
    ("manbang", "满帮", "Full Truck Alliance"),
    ("wuba", "58到家", "58 Daojia"),
    ("beike", "贝壳找房", "Beike"),
)
_OWN: Final = "本系统默认值，各级工会可按本地规定另设"
#: name, value, source note
RULES: Final[tuple[tuple[str, Any, str], ...]] = (
    ("members.accept_days", 1, f"接收申请：1个工作日。{_OWN}"),
    ("members.decide_days", 3, f"作出决定：3个工作日。{_OWN}"),
    ("members.correct_days", 3, f"申请人补正：3个工作日。{_OWN}"),
    ("members.most_hops", 2, f"转送最多2次。{_OWN}"),
    (
        "members.auto_approve",
        {"employer_confirmed": False, "verified": False},
        f"自动批准：默认关闭，由基层工会委员会决定（会籍管理办法第五条）。{_OWN}",
    ),
    ("members.release_days", 3, f"手机号释放：县级工会3个工作日。{_OWN}"),
    (
        "members.keep_closed_days",
        365,
        f"未入会申请保存1年：保存期限为实现目的所必要的最短时间（个人信息保护法第十九条）；留足申诉与复核时间。{_OWN}",
    ),
    (
        "members.keep_ended_days",
        1095,
        f"会籍终止后保存3年：参照普通诉讼时效3年（民法典第一百八十八条），期满删除（个人信息保护法第四十七条）。{_OWN}",
    ),
    ("members.close_account_days", 7, f"注销账号后7日内可以反悔。{_OWN}"),
    ("members.contest_days", 15, f"提出异议：决定后15个工作日内。全国性规定未见，系{_OWN}"),
    ("members.contest_answer_days", 5, f"上级工会答复异议：5个工作日。全国性规定未见，系{_OWN}"),
    ("members.remind_days", 1, f"催办：时限届满前1个工作日提醒审核员，0为不提醒。{_OWN}"),
    (
        "members.transfer_within_city",
        {"at_once": True},
        f"同城转会即时办理：一次入会、动态接转，新工会应当予以登记接纳（2000年会员会籍管理规定；会籍管理办法第三条）。{_OWN}",
    ),
    (
        "members.transfer_days",
        15,
        "转会答复：15个工作日。全国性规定未见；上海市工会条例第三十八条对上级工会答复调动请求定为15日，此处参照，各级工会可另设",
    ),
    (
        "members.transfer_silence",
        {"old": True, "new": True},
        "逾期未答复视为同意：参照上海市工会条例第三十八条；新工会应当予以登记接纳（2000年会员会籍管理规定）。各级工会可另设",
    ),
    (
        "members.cell_release",
        {"at_once": True},
        f"向其他登记系统转出会籍：姓名一致即时办理（一次入会、动态接转，会籍管理办法第三条；老单位不承担初审责任）。{_OWN}",
    ),
    ("members.cell_offer_days", 10, f"在其他登记系统已有会籍者：10个工作日内同意转入，逾期新会籍终止。{_OWN}"),
    (
        "members.retain_at",
        {"upper": True},
        "单位关闭时会籍由原单位上一级工会保留（北京市2020年会籍管理办法）；关闭此项则转至居住地工会（全国2000年规定）。各级工会可另设",
    ),
    (
        "members.leave_notice_days",
        30,
        f"自动退会：连续6个月无正当理由不交会费、不参加组织生活，经教育拒不改正（中国工会章程第六条）；通知后30日为{_OWN}",
    ),
    ("members.reverify_days", 730, f"外部核验结果有效730天，期满重新核验，0为长期有效。全国性规定未见，系{_OWN}"),
    (
        "bookings.points_no_check_up",
        40,
        f"优先分：所在单位不安排体检。常州2025年体检名额优先单位无体检者；分值系{_OWN}",
    ),
    ("bookings.points_hard_post", 30, f"优先分：艰苦岗位（快递、外卖、网约车、货车）。分值系{_OWN}"),
    ("bookings.points_age_from", 40, f"优先分：自40周岁起按年龄计。{_OWN}"),
    ("bookings.points_age_year", 1, f"优先分：超过起算年龄每满1岁计1分，最多10岁。{_OWN}"),
    ("bookings.points_wait_year", 5, f"优先分：距上次参加（或入会）每满1年计5分，最多5年。{_OWN}"),
    ("members.unconfirmed_hours", 24, f"未验证手机号的申请保留24小时。{_OWN}"),
    (
        "benefits.welcome_pack",
        {"kit": False, "ticket": False, "insurance": False},
        f"新会员礼包：默认不发放，由各市工会按本地方案另设。{_OWN}",
    ),
    ("benefits.pack_days", 180, f"新会员礼包：入会后180天内领取。{_OWN}"),
    ("benefits.claim_forward_days", 3, f"理赔：工会3个工作日内转交保险公司或一次告知补充材料。{_OWN}"),
    ("benefits.claim_add_days", 30, f"理赔：会员30日内补充材料，逾期工会电话询问。{_OWN}"),
    ("benefits.claim_decide_days", 30, "理赔：保险人核定，情形复杂的最长30日（保险法第二十三条）"),
    ("benefits.claim_pay_days", 10, "理赔：达成协议后10日内赔付（保险法第二十三条）"),
    ("activities.check_up_new_share", 10, f"体检：新就业形态劳动者名额不少于10%（常州5万名额中不少于5千）。{_OWN}"),
    ("activities.check_up_walk_in", 5, f"体检：每个时段留5%给当天入会者。{_OWN}"),
    ("activities.recuperation_days_inside", 5, "疗休养：省内不超过5天（安徽省规定），各省可另设"),
    ("activities.recuperation_days_outside", 7, "疗休养：省外不超过7天（安徽省规定），各省可另设"),
    ("activities.recuperation_yuan", 400, "疗休养：每人每天不超过400元（安徽省规定），各省可另设"),
    ("activities.recuperation_years_outside", 3, "疗休养：跨省疗休养3年内不重复安排（安徽省规定），各省可另设"),
    ("activities.recuperation_per_year", 1, f"疗休养：每人每年1次。{_OWN}"),
)
#: Before any application can exist.
_ALWAYS: Final = date(2018, 1, 1)


@transaction.atomic
def seed_code_lists(now: datetime) -> None:
    """Fill the code lists, the default rules and the national federation where they are missing.

    An act of set-up, before anybody has an account, hence without an actor. May run at every start: what somebody has
    edited or closed stays as it is.
    """
    _seed_groups()
    Door.objects.bulk_create(
        [
            Door(code=code, name=name, name_en=name_en, kind=kind, opened_on=_ALWAYS)
            for code, name, name_en, kind in DOORS
        ],
        ignore_conflicts=True,
    )
    Platform.objects.bulk_create(
        [Platform(code=code, name=name, name_en=name_en) for code, name, name_en in PLATFORMS], ignore_conflicts=True
    )
    known = set(DatedRule.objects.values_list("name", flat=True))
    DatedRule.objects.bulk_create(
        DatedRule(name=name, value=value, valid_from=_ALWAYS, source_note=note)
        for name, value, note in RULES
        if name not in known
    )
    Union.objects.bulk_create([_national(now)], ignore_conflicts=True)


def _seed_groups() -> None:
    OccupationGroup.objects.bulk_create(
        [
            OccupationGroup(code=code, name=name, name_en=name_en, icon=icon, position=place)
            for place, (code, name, name_en, icon) in enumerate(GROUPS, start=1)
        ],
        ignore_conflicts=True,
    )
    known = set(OccupationSet.objects.values_list("code", flat=True))
    for code, name, name_en, note, start, groups in SETS:
        if code in known:
            continue
        OccupationSet(code=code, name=name, name_en=name_en, source_note=note, valid_from=start).save(force_insert=True)
        GroupListing.objects.bulk_create(
            GroupListing(occupation_set_id=code, group_id=group, valid_from=start) for group in groups
        )


def _national(now: datetime) -> Union:
    return Union(
        code=NATIONAL_CODE,
        name="中华全国总工会",
        name_en="All-China Federation of Trade Unions",
        pinyin="zhonghuaquanguozonggonghui zhqgzgh",
        kind=UnionKind.FEDERATION,
        level=UnionLevel.NATION,
        path=f"/{NATIONAL_CODE}/",
        created_at=now,
    )
