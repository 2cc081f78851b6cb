"""A handful of regions with their real codes and names: a city with a county below it, and a municipality."""

from nuanxin.regions.models import Region
from nuanxin.regions.rules import level_of

# code, name, pinyin, initials, city code, fills a level only
_ROWS = (
    ("37", "山东省", "shandongsheng", "sds", "", False),
    ("3715", "聊城市", "liaochengshi", "lcs", "3715", False),
    ("371502", "东昌府区", "dongchangfuqu", "dcfq", "3715", False),
    ("371502001", "古楼街道", "guloujiedao", "gljd", "3715", False),
    ("371502001001", "古城社区居委会", "guchengshequjuweihui", "gcsqjwh", "3715", False),
    ("371502001002", "湖南社区居委会", "hunanshequjuweihui", "hnsqjwh", "3715", False),
    ("371502002", "柳园街道", "liuyuanjiedao", "lyjd", "3715", False),
    ("371502002004", "利民社区居委会", "liminshequjuweihui", "lmsqjwh", "3715", False),
    ("371502002005", "柳园社区居委会", "liuyuanshequjuweihui", "lysqjwh", "3715", False),
    ("371503", "茌平区", "chipingqu", "cpq", "3715", False),
    ("371503001", "振兴街道", "zhenxingjiedao", "zxjd", "3715", False),
    ("11", "北京市", "beijingshi", "bjs", "11", False),
    ("1101", "市辖区", "shixiaqu", "sxq", "11", True),
    ("110101", "东城区", "dongchengqu", "dcq", "11", False),
    ("110101001", "东华门街道", "donghuamenjiedao", "dhmjd", "11", False),
    ("110101001001", "多福巷社区居委会", "duofuxiangshequjuweihui", "dfxsqjwh", "11", False),
)


def make_liaocheng_regions() -> dict[str, Region]:
    """Make province 37 down to four communities of Liaocheng, and Beijing down to one, by code; repeatable."""
    regions = [
        Region(
            code=code,
            name=name,
            name_pinyin=pinyin,
            initials=initials,
            level=level_of(code),
            city_code=city,
            is_pseudo=pseudo,
        )
        for code, name, pinyin, initials, city, pseudo in _ROWS
    ]
    Region.objects.bulk_create(regions, ignore_conflicts=True)
    return {region.code: region for region in regions}
