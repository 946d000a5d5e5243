"""The places of the demo: divisions (GB/T 2260) and the towns that are drawn in them."""

from dataclasses import dataclass

CITY = "130900"
"""沧州市: every layer is filled here."""

PROVINCE = "130000"


@dataclass(frozen=True, slots=True)
class Place:
    """A division with its seat."""

    code: str
    zh: str
    en: str
    lon: float
    lat: float


COUNTIES = (
    Place("130902", "新华区", "Xinhua", 116.905, 38.318),
    Place("130903", "运河区", "Yunhe", 116.812, 38.309),
    Place("130921", "沧县", "Cangxian", 116.650, 38.230),
    Place("130922", "青县", "Qingxian", 116.801, 38.584),
    Place("130923", "东光县", "Dongguang", 116.541, 37.887),
    Place("130924", "海兴县", "Haixing", 117.480, 38.140),
    Place("130925", "盐山县", "Yanshan", 117.230, 38.062),
    Place("130926", "肃宁县", "Suning", 115.836, 38.426),
    Place("130927", "南皮县", "Nanpi", 116.708, 38.038),
    Place("130928", "吴桥县", "Wuqiao", 116.392, 37.628),
    Place("130929", "献县", "Xianxian", 116.123, 38.190),
    Place("130930", "孟村回族自治县", "Mengcun", 117.104, 38.053),
    Place("130981", "泊头市", "Botou", 116.440, 38.090),
    Place("130982", "任丘市", "Renqiu", 116.100, 38.711),
    Place("130983", "黄骅市", "Huanghua", 117.330, 38.371),
    Place("130984", "河间市", "Hejian", 116.099, 38.446),
)
"""The sixteen counties of 沧州市; the nine of the demo's full city are those with a town below."""

OTHERS = (
    Place("130110", "鹿泉区", "Luquan", 114.313, 38.086),
    Place("130123", "正定县", "Zhengding", 114.570, 38.146),
    Place("130181", "辛集市", "Xinji", 115.217, 37.943),
    Place("131182", "深州市", "Shenzhou", 115.560, 38.001),
    Place("371423", "庆云县", "Qingyun", 117.385, 37.775),
    Place("130802", "双桥区", "Shuangqiao", 117.943, 40.975),
)

NAMED = {place.code: place for place in (*COUNTIES, *OTHERS)}

CITIES = (Place("130900", "沧州市", "Cangzhou", 116.857, 38.311),)


@dataclass(frozen=True, slots=True)
class Town:
    """A drawn town: blocks wide and high, and the share of them that is urban; `industrial` has no dwellings."""

    code: str
    lon: float
    lat: float
    blocks: tuple[int, int]
    urban: int
    angle: float
    industrial: bool = False
    canal: bool = False


TOWNS = (
    Town("130903", 116.862, 38.308, (35, 34), 546, 4.0, canal=True),
    Town("130921", 116.650, 38.200, (12, 12), 46, -6.0),
    Town("130925", 117.230, 38.062, (13, 13), 68, 3.0),
    Town("130929", 116.123, 38.190, (13, 13), 68, -4.0),
    Town("130981", 116.560, 38.080, (13, 13), 72, 7.0),
    Town("130982", 116.100, 38.711, (14, 14), 80, 0.0),
    Town("130983", 117.330, 38.371, (14, 14), 78, 10.0),
    Town("130984", 116.099, 38.446, (13, 13), 72, -2.0),
    Town("130983", 117.560, 38.340, (12, 11), 72, -8.0, industrial=True),
)
"""The first is the central city (新华 and 运河); the last is 临港化工园区."""

RECORDED = ("130902", "130903", "130921", "130925", "130929", "130981", "130982", "130983", "130984")
"""The counties whose layers are full."""


_CITIES = {"1301": ("石家庄市", "石"), "1308": ("承德市", "承"), "1311": ("衡水市", "衡"), "3714": ("德州市", "德")}


def city_of(id: str) -> tuple[str, str]:
    """Name and sign of the city in which a feature lies, by its id."""
    return _CITIES.get(id[:4], ("沧州市", "沧"))
