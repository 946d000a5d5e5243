"""A tiny node: four layers and a few features, the same for every test of the server."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

from config.divisions import Division, Divisions
from config.layers import (
    Attribute,
    AttributeType,
    Code,
    CodeList,
    CoreMetadata,
    GeometryType,
    Kind,
    Layer,
    Level,
    Role,
    Sharing,
    Text,
    Theme,
)
from config.registry import Registry
from config.settings import Settings, parse

METADATA = CoreMetadata(
    resource_code="307000000000/000001",
    classification=("1",),
    sharing_condition=None,
    sharing_mode="api",
    open_to_public=True,
    open_condition=None,
    update_cycle="yearly",
    published=date(2016, 1, 1),
)

ATTRIBUTES = (
    Attribute("identifier", "BSM", Text("标识码", "Identifier"), AttributeType.STRING, length=18, role=Role.ID),
    Attribute("name", "MC", Text("名称", "Name"), AttributeType.STRING, length=100, indexed=True, searchable=True),
    Attribute(
        "land_use_code",
        "YDYHFLDM",
        Text("用地用海分类代码", "Land-use code"),
        AttributeType.STRING,
        required=True,
        codelist="land-use",
        indexed=True,
    ),
    Attribute("area", "MJ", Text("面积", "Area"), AttributeType.NUMBER, minimum=0, unit="m2"),
    Attribute("floors", "CS", Text("层数", "Floors"), AttributeType.INTEGER),
    Attribute("built", "SFJC", Text("是否建成", "Built"), AttributeType.BOOLEAN),
    Attribute("approval_date", "PZRQ", Text("批准日期", "Approved on"), AttributeType.DATE),
)

PARCELS = Layer(
    id="parcels",
    title=Text("规划用地", "Planned land use"),
    description=Text("规划用地(模拟)", "Planned land use (synthetic)"),
    theme=Theme.PLANNING,
    kind=Kind.VECTOR,
    levels=(Level.CITY,),
    geometry=GeometryType.MULTI_POLYGON,
    attributes=ATTRIBUTES,
    provider="natural-resources",
    sharing=Sharing.UNCONDITIONAL,
    metadata=METADATA,
    public=True,
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

LAND_USE = CodeList(
    id="land-use",
    title=Text("用地用海分类", "Land-use classification"),
    source="a made-up list",
    codes=MappingProxyType(
        {
            "01": Code("01", Text("耕地", "Cropland")),
            "07": Code("07", Text("居住用地", "Residential")),
            "10": Code("10", Text("工矿用地", "Industrial")),
        }
    ),
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
