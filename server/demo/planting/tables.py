"""Tables: the seed's investment and exchange figures, the 13 reporting cities, the indicators with the upper plan's
quotas, and the small ledgers of opinions, submissions, reports and inspections."""

from datetime import date, timedelta
from typing import Any

import shapely

from server.demo.metres import DECIMALS
from server.demo.places import CITY, RECORDED
from server.demo.planting.change import LAYER as PATCHES
from server.demo.planting.change import LOADED
from server.demo.planting.zones import CITY_QUOTA, farmland_quotas
from server.demo.world import World

STATISTICS = "stat-economic-social"
COLUMNS = ("供水", "燃气", "集中供热", "道路桥梁", "排水", "园林绿化", "市容环境卫生", "其他")
INVESTMENT: dict[str, tuple[str, tuple[int, ...]]] = {
    "130683": ("安国市", (0, 1800, 0, 16964, 1251, 100, 0, 0)),
    "131081": ("霸州市", (0, 0, 1400, 12456, 778, 110, 0, 0)),
    "130981": ("泊头市", (5154, 575, 5360, 1905, 1290, 3055, 424, 0)),
    "130900": ("沧州市", (1381, 3341, 9000, 77478, 4276, 22669, 1216, 0)),
    "130800": ("承德市", (1757, 3287, 10489, 16987, 17280, 7478, 6257, 93)),
    "130682": ("定州市", (10000, 0, 20000, 36238, 0, 22004, 0, 0)),
    "130684": ("高碑店市", (0, 0, 0, 4741, 725, 2726, 0, 0)),
    "130984": ("河间市", (9030, 210, 19500, 5621, 1675, 11431, 320, 0)),
    "131100": ("衡水市", (0, 1226, 1256, 11542, 4900, 1218, 1961, 101)),
    "130983": ("黄骅市", (6000, 11480, 20000, 54260, 6000, 36000, 2000, 0)),
}
"""城市（县城）市政公用设施建设固定资产投资, 万元: the seed's ten cities; 合计 is the sum of the row."""

REPORTING = (
    *("130100", "130200", "130300", "130400", "130500", "130600", "130700", "130800", "130900", "131000", "131100"),
    *("139001", "139002"),
)
"""各市（含定州、辛集市）: the 13 that report."""

INDICATORS = 193
NAMED = (
    ("18", True, "城镇万人专业技术比重", "urbanisation", "%"),
    ("19", True, "城镇就业占全部就业比", "urbanisation", "%"),
    ("21", True, "城乡居民养老保险率", "social-security", "%"),
    ("22", True, "城乡三项医疗保险率", "social-security", "%"),
    ("29", False, "铁路总里程", "infrastructure", "km"),
    ("30", False, "高速公路总里程", "infrastructure", "km"),
    ("32", False, "地下管廊建设长度", "infrastructure", "km"),
    ("33", False, "海绵城市建设面积", "infrastructure", "km2"),
    ("34", False, "平均路网密度", "infrastructure", "km/km2"),
    ("35", False, "道路面积率", "infrastructure", "%"),
    ("36", False, "城市易涝点", "infrastructure", "个"),
    ("37", False, "累计建成管网长度", "infrastructure", "km"),
    ("39", False, "污水排放量", "infrastructure", "万m3"),
    ("180", False, "永久基本农田保护面积", "resources", "公顷"),
    ("181", False, "城镇开发边界面积", "resources", "km2"),
)
FARMLAND, BOUNDARY = "永久基本农田保护面积", "城镇开发边界面积"
DAY = date(2017, 12, 31)
SEED_FIGURES = "数值取自种子文件，其余为模拟 (the figures are from the seed document, all else is synthetic)"


def plant_tables(world: World) -> None:
    _investment(world)
    _exchange(world)
    _reports(world)
    _indicators(world)
    _ledgers(world)


def _investment(world: World) -> None:
    rows = []
    for code, (name, values) in INVESTMENT.items():
        for column, value in zip((*COLUMNS, "合计"), (*values, sum(values)), strict=True):
            world.add_record(
                STATISTICS,
                day=DAY,
                division_code=code,
                division_name=name,
                year=2016,
                indicator_name=f"市政公用设施建设固定资产投资-{column}",
                indicator_topic="urban-construction",
                value=float(value),
                unit_name="万元",
                scope="urban",
                data_source="种子文件 (seed document)",
                remarks=SEED_FIGURES,
            )
        rows.append({"division": code, "name": name, **dict(zip(COLUMNS, values, strict=True)), "合计": sum(values)})
    world.truth["investment"] = {"layer": STATISTICS, "year": 2016, "unit": "万元", "rows": rows}


def _exchange(world: World) -> None:
    seeds = (("提供工程数据至住建部", 140_120, "on-demand"), ("提供住建企业类数据至省工商", 17_011, "daily"))
    for content, records, frequency in seeds:
        world.add_record(
            "exchange-record",
            day=DAY,
            exchange_type="sharing",
            content=content,
            records=records,
            frequency=frequency,
            exchanged_at="2017-12-29T18:00:00+08:00",
            succeeded=True,
            failure=None,
            remarks=SEED_FIGURES,
        )
    rows = [{"content": content, "records": records, "frequency": cycle} for content, records, cycle in seeds]
    world.truth["exchange"] = {"layer": "exchange-record", "rows": rows}


def _reports(world: World) -> None:
    """Two months of the monitoring report of 13 cities; two have not filled in the second."""
    missing = ("130700", "139001")
    for month in ("2017-11", "2017-12"):
        for code in REPORTING:
            late = month == "2017-12" and code in missing
            world.add_record(
                "work-report",
                day=DAY,
                division_code=code,
                month=month,
                state="missing" if late else "reported",
                progress=None if late else float(world.rng.integers(20, 95)),
                reported_at=None if late else f"{month}-24T10:00:00+08:00",
                due_date=date.fromisoformat(f"{month}-25"),
            )
    world.truth["reporting"] = {
        "layer": "work-report",
        "cities": list(REPORTING),
        "missing": [{"month": "2017-12", "division": code} for code in missing],
    }


def _indicators(world: World) -> None:
    ids = {}
    for number in range(1, INDICATORS + 1):
        named = next((one for one in NAMED if one[0] == str(number)), None)
        _, key, name, topic, unit = named or ("", False, f"模拟指标{number}", "economy", "%")
        ids[name] = world.add_record(
            "indicator",
            day=DAY,
            sequence=str(number),
            key_indicator=key,
            indicator_name=name,
            topic=topic,
            unit_name=unit,
            views=int(world.rng.integers(20, 250)),
        )
    for code, quota in sorted(farmland_quotas(world).items()):
        _value(world, (ids[FARMLAND], FARMLAND, "公顷"), code, target_value=quota)
    _value(world, (ids[BOUNDARY], BOUNDARY, "km2"), CITY, target_value=CITY_QUOTA)
    units = {name: unit for _, _, name, _, unit in NAMED}
    for year in range(2014, 2018):
        for name in ("平均路网密度", "道路面积率", "累计建成管网长度"):
            for code in RECORDED:
                value = round(float(world.rng.uniform(3, 9)) + 0.3 * (year - 2014), 2)
                _value(world, (ids[name], name, units[name]), code, year, value=value)


def _value(world: World, indicator: tuple[str, str, str], code: str, year: int = 2017, **values: float | None) -> None:
    """A value or a target (the keywords) of an indicator, given by id, name and unit."""
    id, name, unit = indicator
    world.add_record(
        "indicator-value",
        day=DAY,
        indicator=id,
        indicator_name=name,
        division_code=code,
        period=str(year),
        unit_name=unit,
        state="approved",
        **{"value": None, "target_value": None, "target_year": 2030 if "target_value" in values else None, **values},
    )


def _ledgers(world: World) -> None:
    patches = world.rows[PATCHES, LOADED]
    for k in range(30):
        shape = patches.geometry[4 * k]
        place = patches.ids[4 * k]
        at = f"2016-{1 + k % 12:02d}-15T10:00:00+08:00"
        common: dict[str, Any] = {"division_code": place[:6], "due_date": DAY - timedelta(days=10 * k)}
        point = shapely.Point(shapely.get_coordinates(shapely.point_on_surface(shape)).round(DECIMALS)[0])
        inspection = world.add_one("inspection", point, day=DAY, inspected_at=at, patch=place, **common)
        if k % 2:
            world.add_one("public-report", point, day=DAY, reported_at=at, inspection=inspection, **common)
    for name, layer, title in (
        ("siting", "project", "石家庄市钢铁制造项目"),
        ("school", "project", "运河区模拟小学"),
    ):
        for department in ("planning", "land", "environment"):
            world.add_record(
                "review-opinion",
                day=DAY,
                subject_layer=layer,
                subject=world.truth[name]["project"],
                subject_title=title,
                division_code=world.truth[name]["project"][:6],
                department=department,
                asked_on=date(2016, 11, 1),
                due_date=date(2016, 11, 20),
            )
    for code in RECORDED[:4]:
        world.add_record("submission", day=DAY, division_code=code, submitted_at="2017-12-20T09:00:00+08:00")
