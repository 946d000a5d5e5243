"""A tiny node: four layers and a few features, the same for every test of the server."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

from config.divisions import Division, Divisions
from config.layers import AttributeType, Code, GeometryType, Kind, Level, Role, Sharing, Text
from config.registry import Registry
from config.settings import Settings, parse
from tests.definitions import attribute, codelist, layer

ATTRIBUTES = (
    attribute("identifier", "BSM", AttributeType.STRING, Text("标识码", "Identifier"), length=18, role=Role.ID),
    attribute("name", "MC", AttributeType.STRING, Text("名称", "Name"), length=100, indexed=True, searchable=True),
    attribute(
        "land_use_code",
        "YDYHFLDM",
        AttributeType.STRING,
        Text("用地用海分类代码", "Land-use code"),
        required=True,
        codelist="land-use",
        indexed=True,
    ),
    attribute("area", "MJ", AttributeType.NUMBER, Text("面积", "Area"), minimum=0, unit="m2"),
    attribute("floors", "CS", AttributeType.INTEGER, Text("层数", "Floors")),
    attribute("built", "SFJC", AttributeType.BOOLEAN, Text("是否建成", "Built")),
    attribute("approval_date", "PZRQ", AttributeType.DATE, Text("批准日期", "Approved on")),
)

PARCELS = layer(
    "parcels",
    GeometryType.MULTI_POLYGON,
    ATTRIBUTES,
    title=Text("规划用地", "Planned land use"),
    description=Text("规划用地(模拟)", "Planned land use (synthetic)"),
    keywords=(Text("规划", "planning"),),
    digest="d1" * 32,
)
SECRET = replace(PARCELS, id="secret", sharing=Sharing.CONDITIONAL, title=Text("受限", "Restricted"), digest="d2" * 32)
TABLE = replace(PARCELS, id="statistics", kind=Kind.TABLE, geometry=None, digest="d3" * 32)
IMAGE = replace(
    PARCELS,
    id="imagery",
    kind=Kind.RASTER,
    geometry=None,
    attributes=(),
    digest="d4" * 32,
    source={"path": "imagery.tif"},
)
EMPTY = replace(PARCELS, id="empty", digest="d5" * 32)
LAYERS = {one.id: one for one in (PARCELS, SECRET, TABLE, IMAGE, EMPTY)}

LAND_USE = codelist(
    "land-use",
    [("01", "耕地", "Cropland"), ("07", "居住用地", "Residential"), ("10", "工矿用地", "Industrial")],
    Text("用地用海分类", "Land-use classification"),
)

DIVISIONS = Divisions(
    {
        "100000": Division("100000", "gbt2260", Text("中华人民共和国", "China"), Level.NATION),
        "130000": Division("130000", "gbt2260", Text("河北省", "Hebei"), Level.PROVINCE, "100000"),
        "130900": Division("130900", "gbt2260", Text("沧州市", "Cangzhou"), Level.CITY, "130000"),
    }
)

NAMES = ("居住一", "居住二", None, "工业园", "a&b=c", "50%", "公园 东")


def features() -> list[dict[str, object]]:
    """25 squares beside each other near Cangzhou; the last holds from 2030 only, the first ended in 2020."""
    made = []
    for n in range(25):
        west, south = 116.80 + n * 0.01, 38.30
        made.append(
            {
                "id": f"P{n:03d}",
                "box": (west, south, west + 0.01, south + 0.01),
                "properties": {
                    "identifier": f"P{n:03d}",
                    "name": NAMES[n % len(NAMES)],
                    "land_use_code": ("01", "07", "10")[n % 3],
                    "area": None if n % 5 == 4 else 1000.5 + n,
                    "floors": n % 4,
                    "built": n % 2 == 0,
                    "approval_date": date(2016, 1, 1 + n),
                },
                "valid_from": date(2030, 1, 1) if n == 24 else date(2016, 1, 1),
                "valid_to": date(2020, 1, 1) if n == 0 else None,
            }
        )
    return made


VALID_NOW = 23
"""How many of the features hold today."""


def registry() -> Registry:
    return Registry(
        layers=MappingProxyType(dict(LAYERS)),
        codelists=MappingProxyType({"land-use": LAND_USE}),
        divisions=DIVISIONS,
        departments=MappingProxyType({"natural-resources": Code("natural-resources", Text("自然资源局", "Resources"))}),
        digest="registry",
    )


def settings(folder: Path, **changes: object) -> Settings:
    """Settings of the tiny node; `changes` go to the group `server` or replace a whole group."""
    groups = {key: changes.pop(key) for key in ("access", "node", "store", "editing") if key in changes}
    document: dict[str, object] = {
        "node": {
            "id": "tiny",
            "division": "130900",
            "level": "city",
            "title": {"zh": "小节点", "en": "Tiny node"},
            "notice": {"zh": "数据为模拟", "en": "The data are synthetic"},
        },
        "store": {"url": f"sqlite:///{folder}/store"},
        "collections": {"path": str(folder)},
        "data_dir": str(folder),
        "server": {"request_log": False, **changes},
        **groups,
    }
    return parse(document)
