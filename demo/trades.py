"""The nine occupation groups of the city and what their unions, firms and platforms are called. Firms are invented."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Trade:
    """One trade: its occupation group, its share of the members, and the words of its unions and firms."""

    group: str
    share: float
    women: float
    union: str
    union_en: str
    firms: tuple[str, ...]
    platforms: tuple[str, ...] = ()


TRADES = (
    Trade(
        "truck_driver", 0.23, 0.05, "道路货运行业", "Road Freight",
        ("物流有限公司", "货运有限公司", "运输服务有限公司", "供应链管理有限公司"), ("manbang", "huolala"),
    ),
    Trade(
        "food_delivery_rider", 0.18, 0.14, "网约配送行业", "Food Delivery",
        ("餐饮配送服务有限公司", "即时配送有限公司", "企业管理服务有限公司"), ("meituan", "eleme"),
    ),
    Trade(
        "courier", 0.17, 0.16, "快递行业", "Courier",
        ("快递有限公司", "速递服务有限公司", "快运有限公司"), ("zto", "yunda", "sf", "jitu"),
    ),
    Trade(
        "ride_hailing_driver", 0.14, 0.08, "网约车行业", "Ride-Hailing",
        ("汽车服务有限公司", "出行科技有限公司", "汽车租赁有限公司"), ("didi", "gaode"),
    ),
    Trade(
        "domestic_worker", 0.07, 0.88, "家政服务行业", "Domestic Service",
        ("家政服务有限公司", "家庭服务有限公司"), ("wuba",),
    ),
    Trade(
        "mall_information_worker", 0.06, 0.72, "商贸信息行业", "Mall Information",
        ("商贸有限公司", "市场管理服务有限公司"),
    ),
    Trade("security_guard", 0.05, 0.10, "安保服务行业", "Security Service", ("保安服务有限公司", "物业服务有限公司")),
    Trade("care_worker", 0.045, 0.84, "护理服务行业", "Care Service", ("养老服务有限公司", "医疗护理服务有限公司")),
    Trade(
        "real_estate_agent", 0.035, 0.45, "房产经纪行业", "Real Estate Agency",
        ("房产经纪有限公司", "置业服务有限公司"), ("beike",),
    ),
)  # fmt: skip
BY_GROUP = {trade.group: trade for trade in TRADES}
OTHER_SHARE = 1 - sum(trade.share for trade in TRADES)

#: Platforms of the code list that have a union of their own in the city: code → name, English name, group.
PLATFORMS = {
    "meituan": ("美团", "Meituan", "food_delivery_rider"),
    "eleme": ("饿了么", "Ele.me", "food_delivery_rider"),
    "sf": ("顺丰速运", "SF Express", "courier"),
    "zto": ("中通快递", "ZTO Express", "courier"),
    "yunda": ("韵达快递", "Yunda Express", "courier"),
    "jitu": ("极兔速递", "J&T Express", "courier"),
    "didi": ("滴滴出行", "DiDi", "ride_hailing_driver"),
    "gaode": ("高德打车", "Amap", "ride_hailing_driver"),
    "huolala": ("货拉拉", "Lalamove", "truck_driver"),
    "manbang": ("满帮", "Full Truck Alliance", "truck_driver"),
    "wuba": ("58到家", "58 Daojia", "domestic_worker"),
    "beike": ("贝壳找房", "Beike", "real_estate_agent"),
}
#: Trades whose county federations admit directly in every county; the others do so in half of them.
DIRECT = frozenset({"truck_driver", "food_delivery_rider", "courier", "ride_hailing_driver"})
BRANDS = tuple(
    first + second
    for first in "鑫顺恒宏瑞盛泰永华金安联中汇德捷迅通畅飞鸿祥康嘉润聚众佳同诚"
    for second in "达通源运驰发隆泰和丰远航捷顺兴利邦诚信安瑞家美洁佑"
    if first != second
)
