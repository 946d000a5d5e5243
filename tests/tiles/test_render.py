"""Tiles from both stores say the same, and are as the format wants them."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
import shapely

from config.errors import AccessError
from config.layers import Sharing
from store.criteria import PUBLIC, Criteria, Scope, ValidTime
from store.sql import SqlStore
from tests.tiles import data
from tiles.grid import Tile
from tiles.render import Renderer

PLACES = [
    ("WebMercatorQuad", "10"),
    ("WebMercatorQuad", "13"),
    ("WebMercatorQuad", "15"),
    ("WebMercatorQuad", "17"),
    ("CGCS2000Quad", "12"),
    ("WorldCRS84Quad", "13"),
    ("TiandituC", "14"),
    ("CGCS2000GK3CM117E", "10"),
    ("CGCS2000GK3CM117E", "13"),
]
TODAY = Criteria()
KINDS = ("parcels", "roads", "wells", "mixed")


def rendered(store: SqlStore, layer: str, tile: Tile, criteria: Criteria = TODAY) -> list[dict[str, Any]]:
    made = Renderer(store).layer(data.LAYERS[layer], tile, criteria)
    found = data.decoded(made.data, layer)
    assert len(found) == made.features
    return found


@pytest.mark.postgis
@pytest.mark.parametrize(("grid", "zoom"), PLACES)
@pytest.mark.parametrize("layer", KINDS)
def test_both_stores_say_the_same(embedded: SqlStore, postgis: SqlStore, layer: str, grid: str, zoom: str):
    tile = data.tile(grid, zoom)
    ours, theirs = ({one["id"]: one for one in rendered(store, layer, tile)} for store in (embedded, postgis))
    assert ours or zoom == "17"
    assert list(ours) == sorted(ours)
    assert list(theirs) == sorted(theirs)
    both = ours.keys() & theirs.keys()
    # What only touches the buffer's edge, or collapses, may be told apart by the last bit.
    for one in ours.keys() ^ theirs.keys():
        assert (ours.get(one) or theirs[one])["shape"].area < 40
    assert len(both) >= 0.98 * max(len(ours), len(theirs))
    for one in both:
        assert ours[one]["properties"] == theirs[one]["properties"]
        mine, other = ours[one]["shape"], theirs[one]["shape"]
        assert mine.geom_type.removeprefix("Multi") == other.geom_type.removeprefix("Multi")
        assert mine.hausdorff_distance(other) <= 2 or mine.symmetric_difference(other).area <= 2 + 2 * mine.length
    total, same = (sum(one["shape"].area for one in side.values()) for side in (ours, theirs))
    assert total == pytest.approx(same, rel=0.003, abs=100)


@pytest.mark.parametrize(("grid", "zoom"), PLACES)
@pytest.mark.parametrize("layer", KINDS)
def test_every_shape_is_sound(embedded: SqlStore, layer: str, grid: str, zoom: str):
    made = Renderer(embedded).layer(data.LAYERS[layer], data.tile(grid, zoom), Criteria())
    for one in data.decoded(made.data, layer):
        shape = one["shape"]
        assert shape.is_valid, shapely.is_valid_reason(shape)
        assert not shape.is_empty
        west, south, east, north = shape.bounds
        assert min(west, south) >= -65
        assert max(east, north) <= 4096 + 65
        for part in shapely.get_parts(shape):
            if part.geom_type == "Polygon":
                assert part.area > 0
                _assert_wound(part)


def _assert_wound(polygon: Any) -> None:
    """With y down an outer ring has a positive area by the surveyor's formula, a hole a negative one."""
    for number, ring in enumerate((polygon.exterior, *polygon.interiors)):
        xy = np.asarray(ring.coords)
        area = np.sum(xy[:-1, 0] * xy[1:, 1] - xy[1:, 0] * xy[:-1, 1])
        assert (area > 0) == (number == 0)


@pytest.mark.parametrize("kind", ["embedded", pytest.param("postgis", marks=pytest.mark.postgis)])
class TestEach:
    """What holds of each store by itself."""

    @pytest.fixture
    def store(self, kind: str, request: pytest.FixtureRequest) -> SqlStore:
        found: SqlStore = request.getfixturevalue(kind)
        return found

    def test_properties_and_ids(self, store: SqlStore):
        found = rendered(store, "parcels", data.tile("WebMercatorQuad", "13"))
        one = next(one for one in found if one["properties"]["id"] == "F00021")
        assert one["id"] == 22
        assert one["properties"] == {
            "id": "F00021",
            "identifier": "F00021",
            "name": "地块 21",
            "land_use_code": "05",
            "area": 31.5,
            "floors": 1,
            "built": True,
            "approved_on": "2024-05-11",
            "seen_at": "2020-01-01T21:00:00Z",
        }
        assert one["properties"]["built"] is True
        for one in found:
            assert ("built" in one["properties"]) == ((one["id"] - 1) % 4 != 0)
            assert one["properties"]["floors"] == one["id"] - 21

    @pytest.mark.parametrize("layer", KINDS)
    def test_counts_are_the_layers(self, store: SqlStore, layer: str):
        tile = data.tile("WebMercatorQuad", "13")
        found = {one["properties"]["id"] for one in rendered(store, layer, tile)}
        box = tile.place(0)
        inner = Criteria(box=box, limit=10_000)
        for text in store.page(layer, inner).features:
            assert text.split('"id":"')[1].split('"')[0] in found
        assert len(found) <= store.count(layer, Criteria(box=tile.place(66)))

    def test_the_same_bytes_each_time(self, store: SqlStore):
        tile = data.tile("WebMercatorQuad", "12")
        renderer = Renderer(store)
        assert len({renderer.layer(data.LAYERS["parcels"], tile, Criteria()).data for _ in range(12)}) == 1

    def test_defaults_by_zoom(self, store: SqlStore):
        names = [
            set().union(*(one["properties"] for one in rendered(store, "plain", data.tile("WebMercatorQuad", zoom))))
            for zoom in ("9", "11", "14")
        ]
        assert names == [{"id", "land_use_code"}, {"id", "land_use_code", "name"}, {"id", "land_use_code", "name"}]

    def test_days(self, store: SqlStore):
        tile = data.tile("WebMercatorQuad", "12")
        from datetime import date

        before = ValidTime(date(2010, 1, 1), date(2010, 1, 1))
        assert rendered(store, "parcels", tile, Criteria(valid=before)) == []
        after = ValidTime(date(2017, 1, 1), None)
        assert len(rendered(store, "parcels", tile, Criteria(valid=after))) == len(rendered(store, "parcels", tile))

    def test_equality(self, store: SqlStore):
        found = rendered(
            store, "parcels", data.tile("WebMercatorQuad", "12"), Criteria(equals=(("land_use_code", "03"),))
        )
        assert Counter(one["properties"]["land_use_code"] for one in found).keys() == {"03"}

    def test_small_ones(self, store: SqlStore):
        tile = data.tile("WebMercatorQuad", "9")
        assert rendered(store, "dropped", tile) == []
        kept = rendered(store, "kept", tile)
        assert len(kept) == 60
        assert {one["shape"].area for one in kept} == {256.0}

    def test_empty(self, store: SqlStore):
        assert rendered(store, "parcels", data.tile("WebMercatorQuad", "14", 100.0, 20.0)) == []

    def test_scope(self, store: SqlStore):
        closed = Scope("none", frozenset({Sharing.WITHHELD}))
        assert PUBLIC.allows(data.LAYERS["parcels"].sharing)
        with pytest.raises(AccessError):
            rendered(store, "parcels", data.tile("WebMercatorQuad", "14"), Criteria(scope=closed))

    def test_too_much(self, store: SqlStore, monkeypatch: pytest.MonkeyPatch):
        tile = data.tile("WebMercatorQuad", "11")
        monkeypatch.setattr("tiles.render.MOST_FEATURES", 50)
        made = Renderer(store).layer(data.LAYERS["parcels"], tile, Criteria())
        assert not made.whole
        assert made.features == 50
        found = data.decoded(made.data, "parcels")
        assert set(found[0]["properties"]) == {"id", "land_use_code"}
        monkeypatch.setattr("tiles.render.MOST_BYTES", 1_000)
        smaller = Renderer(store).layer(data.LAYERS["parcels"], tile, Criteria())
        assert len(smaller.data) <= 1_000
        assert 0 < smaller.features < 50
