"""A node whose permits refer to parcels here and to projects elsewhere, over a real store."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import shapely

from config.layers import Attribute, AttributeType, GeometryType, Role, Sharing, Text
from server.app import create_app
from server.node import Node
from store import open_store
from store.criteria import Edit, Operation
from store.engine import connect
from store.migrate import migrate
from tests.server import tiny
from tests.server.client import Client
from tests.server.conftest import edit

ELSEWHERE = "https://example.com/collections/project/items/{resourceId}"
ATTRIBUTES = (
    Attribute("identifier", "BSM", Text("标识码", "Identifier"), AttributeType.STRING, required=True, role=Role.ID),
    Attribute("title", "MC", Text("名称", "Name"), AttributeType.STRING, role=Role.TITLE),
    Attribute("use", "YT", Text("用途", "Use"), AttributeType.STRING, codelist="land-use", required=True),
    Attribute("parcel", "DKBSM", Text("地块", "Parcel"), AttributeType.STRING, reference="parcels"),
    Attribute("closed", "GBBSM", Text("受限地块", "Closed parcel"), AttributeType.STRING, reference="secret"),
    Attribute("earlier", "QZBSM", Text("前置许可", "Earlier"), AttributeType.STRING, reference="permits"),
    Attribute("absent", "WFB", Text("未发布", "Not published"), AttributeType.STRING, reference="nowhere"),
    Attribute("project", "XMBSM", Text("项目", "Project"), AttributeType.STRING, uri_template=ELSEWHERE),
    Attribute(
        "depth",
        "SD",
        Text("深度", "Depth"),
        AttributeType.NUMBER,
        unit="m",
        minimum=-9999,
        maximum=500,
        definition="http://qudt.org/vocab/quantitykind/Depth",
        null_values=(-9999,),
    ),
    Attribute("reviewed_on", "SCRQ", Text("审查日期", "Reviewed on"), AttributeType.DATE, role=Role.INSTANT),
)
PERMITS = replace(
    tiny.PARCELS,
    id="permits",
    title=Text("许可", "Permits"),
    geometry=GeometryType.GEOMETRY,
    attributes=ATTRIBUTES,
    digest="d6" * 32,
)
NAMED = tuple(replace(one, role=Role.TITLE) if one.name == "name" else one for one in tiny.ATTRIBUTES)
LAYERS = {
    "permits": PERMITS,
    "parcels": replace(tiny.PARCELS, attributes=NAMED),
    "secret": replace(tiny.SECRET, sharing=Sharing.WITHHELD, attributes=NAMED),
    "imagery": tiny.IMAGE,
}
STORED = {id: layer for id, layer in LAYERS.items() if layer.stored}
ROWS: tuple[dict[str, Any], ...] = (
    {"identifier": "X1", "title": "许可一", "use": "07", "parcel": "P001", "project": "2016/7 a", "depth": 2.5},
    {"identifier": "X2", "title": None, "use": "07", "parcel": "P003", "closed": "P001", "earlier": "X1"},
    {"identifier": "X3", "title": "许可三", "use": "01", "parcel": "gone", "earlier": "X2", "depth": -1.0},
)


def permit(row: dict[str, Any]) -> Edit:
    point = shapely.to_wkb(shapely.Point(116.9, 38.3))
    return Edit("permits", Operation.CREATE, row["identifier"], point, False, row, date(2016, 1, 1))


@contextmanager
def served(folder: Path, url: str = "") -> Iterator[Client]:
    """A client of the node, by default over an embedded store in `folder`."""
    url = url or f"sqlite:///{folder}/store"
    database = connect(url, STORED)
    migrate(database, lambda _: None)
    database.close()
    store = open_store(url, STORED)
    for id in ("parcels", "secret"):
        store.write([edit(id, row) for row in tiny.features()], "test")
    store.write([permit(row) for row in ROWS], "test")
    registry = replace(tiny.registry(), layers=MappingProxyType(LAYERS))
    node = Node(tiny.settings(folder), registry, LAYERS, store)
    with Client(create_app(node)) as client:
        yield client
    node.close()
