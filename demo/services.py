"""The city's 23 services in 6 areas, and its list of 30 targets in 8 classes. Services and figures are invented.

The forms follow what unions publish: Hubei's list of 23 services (2025), and a city's yearly list of 30 items.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from demo.loading import Row
    from demo.seeds import Seed
    from demo.unions import Tree

_MEMBER: dict[str, Any] = {"check": "member"}
_DRIVERS = {
    "check": "group",
    "groups": ["truck_driver", "ride_hailing_driver"],
    "names": ["货车司机", "网约车司机"],
    "names_en": ["truck drivers", "ride-hailing drivers"],
}
_OUTDOORS = {
    "check": "group",
    "groups": ["courier", "food_delivery_rider", "truck_driver", "security_guard"],
    "names": ["快递员", "外卖配送员", "货车司机", "保安员"],
    "names_en": ["couriers", "food delivery riders", "truck drivers", "security guards"],
}


def _once(service: str, period: str = "year", most: int = 1) -> dict[str, Any]:
    return {"check": "not_served", "kind": service, "period": period, "most": most}


@dataclass(frozen=True)
class Made:
    """One service: what it is, how it is got, and how often the city has given it this year."""

    code: str
    area: str
    name: str
    name_en: str
    way: str
    summary: str
    summary_en: str
    how: str
    how_en: str
    department: str
    department_en: str
    cost: int
    budget: int
    times: int
    checks: tuple[dict[str, Any], ...] = (_MEMBER,)
    phone: str = ""
    #: Whether enterprises are served, not people.
    firms: bool = False


_CARE, _CARE_EN = "权益保障部", "Rights and Welfare"
_ORG, _ORG_EN = "基层工作部", "Grassroots Work"
_LAW, _LAW_EN = "法律工作部", "Legal Work"
_ECO, _ECO_EN = "劳动和经济工作部", "Labor and Economy"
_CUL, _CUL_EN = "宣传教育部", "Publicity and Education"
_WOM, _WOM_EN = "女职工工作部", "Women Workers"
SERVICES = (
    Made(
        "check_up", "health", "流动体检车", "Mobile check-up bus", "book",
        "体检车开到园区和站点，一次查清血压、血糖、肺功能和颈腰椎，结果只有本人和医院看得到。",
        "The bus comes to you: blood pressure, sugar, lungs, neck and back. Only you and the clinic read the results.",
        "在这里选站点、日期和时段；当天入会的人也可以现场排队。到时出示会员码。",
        "Choose site, day and time here; whoever joins that day may queue on the spot. Show your member code.",
        _CARE, _CARE_EN, 180, 1_000_000, 4_210, (_MEMBER, _once("check_up")),
    ),
    Made(
        "recuperation", "health", "职工疗休养", "Recuperation", "book",
        "五天省内疗休养，食宿和行程由工会安排。",
        "Five days of rest in the province; the union arranges bed, board and trips.",
        "报名后按优先条件安排：没有单位体检、艰苦岗位、年龄和等待时间。",
        "Put your name down; places go by priority: no employer check-up, hard posts, age, long wait.",
        _CARE, _CARE_EN, 2_000, 1_100_000, 431,
        (_MEMBER, {"check": "member_for", "days": 90}, _once("recuperation")),
    ),
    Made(
        "medical_discount", "health", "就医优惠", "Medical discount", "scan",
        "在九家合作医院，医保报销后的自付部分再减。",
        "At nine hospitals: a discount on what is left to pay after insurance.",
        "结算时在工会窗口出示会员码。", "Show your member code at the union's window when you pay.",
        _CARE, _CARE_EN, 46, 220_000, 2_120,
    ),
    Made(
        "psych_line", "health", "心理关爱热线", "Counseling line", "call",
        "24小时有人接听，内容对工会保密。", "Somebody answers day and night; the union never learns what was said.",
        "直接拨打，不用报姓名。", "Just call; you need not give your name.",
        _CARE, _CARE_EN, 60, 60_000, 409, (_MEMBER,), "0635-12351",
    ),
    Made(
        "women_check", "health", "女职工“两癌”筛查", "Women's cancer screening", "book",
        "每年一次，免费。", "Once a year, free of charge.",
        "在这里选医院和日期。", "Choose hospital and day here.",
        _WOM, _WOM_EN, 260, 260_000, 742,
        (_MEMBER, {"check": "sex", "is": "F"}, {"check": "age", "least": 35}, _once("women_check")),
    ),
    Made(
        "gifted_insurance", "protection", "赠送意外伤害保险", "Gifted accident insurance", "by_itself",
        "入会满一个月，工会送一年意外险，最高赔付十万元。",
        "A month after you join, one year of accident insurance, up to 100,000 yuan.",
        "不用申请：名单由工会统一报送，保单会出现在手机里。",
        "Nothing to apply for: the union sends the list, and the policy appears on your phone.",
        _CARE, _CARE_EN, 25, 240_000, 5_800, (_MEMBER, {"check": "member_for", "days": 30}, _once("gifted_insurance")),
    ),
    Made(
        "mutual_aid", "protection", "职工医疗互助", "Medical mutual aid", "apply",
        "住院后二次报销，每年参加一次。", "A second payment after a hospital stay; take part once a year.",
        "带身份证到所在工会参加；理赔也在那里办。", "Take part at your union with your ID card; claims go there, too.",
        _CARE, _CARE_EN, 100, 220_000, 1_450,
    ),
    Made(
        "hardship_aid", "protection", "临时困难帮扶", "Help in hardship", "apply",
        "突发事故、大病、意外，先帮一把。", "After an accident, an illness, a blow: a hand at once.",
        "拨打12351或找所在工会，说明情况即可，材料之后再补。",
        "Call 12351 or your union and say what happened; papers can follow.",
        _CARE, _CARE_EN, 2_000, 400_000, 128,
    ),
    Made(
        "scholarship", "protection", "金秋助学", "Autumn scholarships", "apply",
        "子女考上大学，家庭有困难的，工会助学。", "For children who go to university where money is short.",
        "每年7月到8月27日，到所在工会申请，公示后发放。",
        "From July to August 27, at your union; paid after publicity.",
        _CARE, _CARE_EN, 4_000, 240_000, 46,
    ),
    Made(
        "welcome_pack", "warmth", "入会礼包", "Welcome pack", "scan",
        "头盔、雨衣、电影票，入会就有。", "Helmet, raincoat, cinema ticket: yours when you join.",
        "到任何一个暖新驿站出示会员码领取。", "Show your member code at any station.",
        _ORG, _ORG_EN, 88, 360_000, 2_480, (_MEMBER, _once("welcome_pack", "ever")),
    ),
    Made(
        "station", "warmth", "暖新驿站", "Rest stations", "walk_in",
        "喝口热水、热个饭、充个电、歇歇脚。", "Hot water, a warm meal, a charge, a seat.",
        "随时去，不用预约。", "Any time; nothing to book.", _ORG, _ORG_EN, 2, 10_000, 1_960, (),
    ),
    Made(
        "summer_drinks", "warmth", "夏送清凉", "Cool drinks in summer", "scan",
        "高温天的防暑用品和饮品。", "Drinks and heat protection on hot days.",
        "高温天在驿站出示会员码领取。", "On hot days, at the stations, with your member code.",
        _CARE, _CARE_EN, 30, 80_000, 1_680, (_MEMBER, _OUTDOORS),
    ),
    Made(
        "micro_wish", "warmth", "微心愿", "Small wishes", "apply",
        "五十元以内的小心愿，工会和爱心单位来认领。", "Wishes up to 50 yuan, taken on by unions and firms.",
        "告诉所在工会您的心愿，审核后发布。", "Tell your union; it is published after a look.",
        _ORG, _ORG_EN, 50, 50_000, 612,
    ),
    Made(
        "legal_aid", "rights", "法律援助", "Legal aid", "apply",
        "欠薪、工伤、合同纠纷，律师免费帮您。", "Unpaid wages, injury, contracts: a lawyer, free of charge.",
        "拨打12351，或到法律援助工作站。", "Call 12351, or come to a legal-aid station.",
        _LAW, _LAW_EN, 600, 150_000, 176, (),
    ),
    Made(
        "law_talk", "rights", "普法宣讲", "Law talks", "walk_in",
        "把法律讲到站点和园区。", "The law explained at stations and parks.",
        "看通知里的时间地点，直接参加。", "See time and place in your messages; just come.",
        _LAW, _LAW_EN, 12, 30_000, 1_420, (),
    ),
    Made(
        "firm_check", "rights", "用工法治体检", "Employment-law check-up of firms", "apply",
        "帮企业查用工风险，替劳动者把好关。", "Finds what is wrong in a firm's contracts and hours before it hurts.",
        "企业向所在工会申请，律师上门。", "The enterprise asks its union; lawyers come to it.",
        _LAW, _LAW_EN, 800, 200_000, 186, ({"check": "enterprise"},), "", True,
    ),
    Made(
        "skill_training", "growth", "技能培训", "Skill training", "book",
        "叉车、维修、育婴、急救，考证有补贴。", "Forklift, repair, infant care, first aid; help with the certificate.",
        "在这里选班次。", "Choose a class here.", _ECO, _ECO_EN, 320, 220_000, 616,
    ),
    Made(
        "skill_contest", "growth", "技能竞赛", "Skill contests", "book",
        "快递、配送、驾驶、家政，比出真本事。", "Couriers, riders, drivers, domestic workers: show what you can.",
        "在这里报名，单位和个人都可以。", "Sign up here, alone or with your firm.", _ECO, _ECO_EN, 150, 100_000, 524,
    ),
    Made(
        "job_fair", "growth", "招聘与就业服务", "Jobs", "walk_in",
        "线上线下招聘会，岗位都核实过。", "Job fairs on and off line; every vacancy was checked.",
        "到驿站或招聘会现场。", "At the stations or at the fair.", _ECO, _ECO_EN, 8, 20_000, 871, (),
    ),
    Made(
        "gym_coupon", "culture", "健身券", "Gym coupon", "book",
        "每季度一张，合作场馆通用。", "One each quarter, good at every partner.",
        "在这里抢券，到场馆出示会员码。", "Take one here; show your member code at the gym.",
        _CUL, _CUL_EN, 30, 80_000, 1_640, (_MEMBER, _once("gym_coupon", "year", 4)),
    ),
    Made(
        "film_ticket", "culture", "电影票", "Cinema ticket", "scan",
        "新会员一张电影票，生日月再送一张。", "One for new members, one in the month of your birthday.",
        "在合作影院出示会员码。", "Show your member code at a partner cinema.",
        _CUL, _CUL_EN, 28, 70_000, 1_870, (_MEMBER, _once("film_ticket", "year", 2)),
    ),
    Made(
        "mobile_event", "culture", "流动暖新活动", "Mobile events", "book",
        "电影、运动会、急救课，办到您身边。", "Films, sports, first aid, close to where you work.",
        "在这里报名，到场扫码。", "Sign up here; scan in when you come.", _CUL, _CUL_EN, 20, 75_000, 2_880, (),
    ),
    Made(
        "driver_home", "culture", "司机之家", "Drivers' homes", "walk_in",
        "停车、洗澡、洗衣、住宿，货车和网约车司机专享。", "Parking, showers, laundry, a bed: for drivers.",
        "到就近的司机之家，出示会员码。", "At the nearest one, with your member code.",
        _ORG, _ORG_EN, 15, 40_000, 1_260, (_MEMBER, _DRIVERS),
    ),
)  # fmt: skip
#: Of these nobody is shown who had them.
_PRIVATE = frozenset({"psych_line", "women_check", "legal_aid", "hardship_aid", "medical_discount"})
#: Class, number, name, English name, unit, amount, counter (`s:` a service, `a:` an area), group, last month.
TARGETS: tuple[tuple[str, int, str, str, str, int, str, str, int], ...] = (
    ("check_up", 1, "流动体检车体检", "Check-ups on the bus", "time", 4_700, "s:check_up", "", 12),
    ("check_up", 2, "货车司机专项体检", "Check-ups of truck drivers", "person", 1_000, "s:check_up",
     "truck_driver", 12),
    ("check_up", 3, "外卖配送员体检", "Check-ups of food delivery riders", "person", 820, "s:check_up",
     "food_delivery_rider", 12),
    ("check_up", 4, "女职工“两癌”筛查", "Women's cancer screening", "person", 800, "s:women_check", "", 10),
    ("check_up", 5, "就医优惠惠及", "Members with a medical discount", "person", 2_200, "s:medical_discount", "", 12),
    ("recuperation", 6, "疗休养", "Recuperation", "person", 550, "s:recuperation", "", 10),
    ("recuperation", 7, "疗休养经费支出", "Spent on recuperation", "yuan", 1_000_000, "s:recuperation", "", 12),
    ("insurance", 8, "赠送意外险", "Gifted accident insurance", "person", 6_000, "s:gifted_insurance", "", 12),
    ("insurance", 9, "快递员赠险", "Gifted insurance for couriers", "person", 1_050, "s:gifted_insurance",
     "courier", 12),
    ("insurance", 10, "医疗互助参加", "Members in mutual aid", "person", 1_400, "s:mutual_aid", "", 12),
    ("insurance", 11, "保障互助支出", "Spent on protection", "yuan", 730_000, "a:protection", "", 12),
    ("aid", 12, "临时困难帮扶", "Help in hardship", "person", 150, "s:hardship_aid", "", 12),
    ("aid", 13, "困难帮扶资金", "Spent on hardship", "yuan", 250_000, "s:hardship_aid", "", 12),
    ("aid", 14, "金秋助学", "Autumn scholarships", "person", 60, "s:scholarship", "", 9),
    ("law", 15, "法律援助", "Legal aid", "time", 200, "s:legal_aid", "", 12),
    ("law", 16, "普法宣讲", "Law talks", "time", 1_500, "s:law_talk", "", 12),
    ("law", 17, "用工法治体检", "Employment-law check-ups", "enterprise", 180, "s:firm_check", "", 12),
    ("law", 18, "维权服务惠及", "People helped with their rights", "person", 1_600, "a:rights", "", 12),
    ("skills", 19, "技能培训", "Skill training", "person", 600, "s:skill_training", "", 12),
    ("skills", 20, "技能竞赛参赛", "Entrants of contests", "person", 500, "s:skill_contest", "", 11),
    ("skills", 21, "就业服务", "Jobs", "time", 1_200, "s:job_fair", "", 12),
    ("culture", 22, "流动暖新活动参与", "People at mobile events", "time", 3_300, "s:mobile_event", "", 12),
    ("culture", 23, "健身券", "Gym coupons", "time", 1_800, "s:gym_coupon", "", 12),
    ("culture", 24, "电影惠民", "Cinema tickets", "time", 2_000, "s:film_ticket", "", 12),
    ("culture", 25, "文体服务惠及", "People reached by culture and sports", "person", 6_000, "a:culture", "", 12),
    ("warmth", 26, "入会礼包发放", "Welcome packs", "person", 2_850, "s:welcome_pack", "", 12),
    ("warmth", 27, "驿站服务", "Served at stations", "time", 2_000, "s:station", "", 12),
    ("warmth", 28, "夏送清凉", "Cool drinks in summer", "person", 1_800, "s:summer_drinks", "", 9),
    ("warmth", 29, "微心愿实现", "Wishes fulfilled", "time", 600, "s:micro_wish", "", 12),
    ("warmth", 30, "全年服务惠及会员", "Members reached by any service", "person", 22_000, "", "", 12),
)  # fmt: skip


def service_rows(tree: Tree) -> list[Row]:
    """Return the rows of the services; all are the city federation's."""
    seed = tree.seed
    return [
        {
            "code": made.code,
            "area_id": made.area,
            "name": made.name,
            "name_en": made.name_en,
            "summary": made.summary,
            "summary_en": made.summary_en,
            "way": made.way,
            "how": made.how,
            "how_en": made.how_en,
            "phone": made.phone,
            "union_id": tree.city.id,
            "department": f"市总工会{made.department}",
            "department_en": f"{made.department_en} Department",
            "checks": list(made.checks),
            "is_private": made.code in _PRIVATE,
            "cost_each": made.cost,
            "starts_on": date(seed.today.year, 1, 1),
            "position": position,
            "created_at": seed.midnight,
        }
        for position, made in enumerate(SERVICES, start=1)
    ]


def budget_rows(seed: Seed) -> list[Row]:
    """Return what each service may cost this year."""
    return [
        {"id": seed.id_at(seed.midnight), "service_id": made.code, "year": seed.today.year, "amount": made.budget}
        for made in SERVICES
    ]


def target_rows(tree: Tree, scale: float) -> list[Row]:
    """Return the city's list of this year; amounts follow the size of the city."""
    seed, year = tree.seed, tree.seed.today.year
    departments = {made.code: (made.department, made.department_en) for made in SERVICES}
    owners = {made.area: (made.department, made.department_en) for made in SERVICES}
    rows: list[Row] = []
    for heading, number, name, name_en, unit, amount, counter, group, month in TARGETS:
        service, area = (counter[2:] if counter.startswith(kind) else None for kind in ("s:", "a:"))
        owner = departments[service] if service else owners[area] if area else (_ORG, _ORG_EN)
        rows.append(
            {
                "id": seed.id_at(seed.midnight),
                "union_id": tree.city.id,
                "year": year,
                "heading_id": heading,
                "number": number,
                "name": name,
                "name_en": name_en,
                "unit": unit,
                "amount": max(1, round(amount * scale)),
                "service_id": service,
                "area_id": area,
                "group_id": group or None,
                "owner": f"市总工会{owner[0]}",
                "owner_en": f"{owner[1]} Department",
                "due_on": date(year, month, 31 if month in (10, 12) else 30),
                "created_at": seed.midnight,
            }
        )
    return rows
