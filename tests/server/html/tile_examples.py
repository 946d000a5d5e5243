"""Documents of tilesets and tile matrix sets, as the server answers them."""

from collections.abc import Callable
from typing import Any

from config import matrixsets

CRS = "http://www.opengis.net/def/crs/EPSG/0/4548"
SET = "CGCS2000GK3CM117E"


def tile_documents(base: str, layer: str, links: Callable[..., list[dict[str, str]]]) -> dict[str, dict[str, Any]]:
    """A document for each page of tiles, by the page's name. `layer` is the collection's title."""
    place = f"{base}/tiles/{SET}"
    item = {"href": f"{place}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}?f=mvt", "rel": "item", "templated": True}
    item["type"] = "application/vnd.mapbox-vector-tile"
    tilejson = {"href": f"{place}?f=tilejson", "rel": "describedby", "type": "application/vnd.mapbox.tilejson+json"}
    limits = [
        {"tileMatrix": str(n), "minTileRow": 2**n, "maxTileRow": 2**n + n, "minTileCol": 0, "maxTileCol": n}
        for n in range(4)
    ]
    one = {"title": f"{layer} ({SET})", "tileMatrixSetId": SET, "crs": CRS, "tileMatrixSetLimits": limits}
    own = links(f"/tiles/{SET}")
    shown = {"id": "plan-land-use", "title": layer, "propertiesSchema": {"properties": {"id": {}, "land_use_code": {}}}}
    sets = [{"id": SET, "title": "Gauss-Kruger", "crs": CRS, "links": links(f"/tileMatrixSets/{SET}")}]
    return {
        "tilesets": {"title": layer, "tilesets": [one | {"links": [*own, item]}], "links": links("/tiles")},
        "tileset": one | {"layers": [shown], "links": [*own, item, tilejson]},
        "tilematrixsets": {"tileMatrixSets": sets, "links": links("/tileMatrixSets")},
        "tilematrixset": {**matrixsets.load()[SET].document, "links": links(f"/tileMatrixSets/{SET}")},
    }
