"""Documents of versions and changes, as the server answers them. Names and figures are made up."""

from collections.abc import Callable
from typing import Any


def history_documents(base: str, id: str, links: Callable[..., list[dict[str, str]]]) -> dict[str, dict[str, Any]]:
    """A document for each page of history, by the page's name."""
    place = f"{base}/collections/{id}/items/A1"
    change = {
        "kind": "geometry-and-attributes",
        "changed": ["land_use_code", "area"],
        "before": {"land_use_code": "0701", "area": 1000.5},
        "after": {"land_use_code": "0901", "area": None},
        "area": {"before": 1000.5, "after": 800.0, "difference": -200.5, "unit": "m2"},
    }
    first = {
        "version": 1,
        "validFrom": "2016-01-01",
        "validTo": None,
        "knownFrom": "2016-02-01T00:00:00Z",
        "knownTo": "2018-02-01T00:00:00Z",
        "author": "张三",
        "href": f"{place}?datetime=2016-01-01&known-on=2016-02-01T00:00:00Z",
        "follows": None,
        "change": {"kind": "added", "area": {"before": None, "after": 1000.5, "difference": 1000.5, "unit": "m2"}},
    }
    second = first | {"version": 2, "validFrom": "2018-01-01", "knownTo": None, "follows": 1, "change": change}
    second["href"] = f"{place}?datetime=2018-01-01"
    original = {"href": place, "rel": "original", "type": "application/geo+json"}
    ring = [[116.8, 38.3], [116.81, 38.3], [116.81, 38.31], [116.8, 38.3]]
    properties = {"change": change["kind"], **{name: change[name] for name in ("changed", "before", "after", "area")}}
    shape = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "id": "A1", "geometry": shape, "properties": properties}
    following = {"href": f"{base}/collections/{id}/changes?cursor=x&f=html&lang=en", "rel": "next", "type": "text/html"}
    return {
        "versions": {
            "id": "A1",
            "versions": [first, second],
            "links": links(f"/collections/{id}/items/A1/versions", original),
        },
        "changes": {
            "type": "FeatureCollection",
            "features": [feature],
            "compared": {"before": {"validOn": "2016-06-01"}, "after": {"validOn": "2018-06-01"}},
            "numberMatched": 12,
            "counts": {"added": 0, "geometry-and-attributes": 12},
            "links": links(f"/collections/{id}/changes", following),
        },
    }
