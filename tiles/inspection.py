"""A tile opened for people: what lies in it, as JSON. Coordinates are the tile's own: 0 to `extent`, y down."""

from typing import Any

from tiles.grid import Tile


def inspected(data: bytes, tile: Tile, *, whole: bool) -> dict[str, Any]:
    """The layers of a tile with their features, and where the tile lies."""
    import mapbox_vector_tile

    found = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True}) if data else {}
    west, south, east, north = tile.bounds
    return {
        "tileMatrixSetId": tile.grid.id,
        "tileMatrix": tile.matrix.id,
        "tileRow": tile.row,
        "tileCol": tile.col,
        "crs": tile.grid.set.crs,
        "bounds": {"west": west, "south": south, "east": east, "north": north},
        "bytes": len(data),
        "whole": whole,
        "layers": [{"id": name, **_layer(layer)} for name, layer in found.items()],
    }


def _layer(layer: dict[str, Any]) -> dict[str, Any]:
    features = [
        {"id": one.get("id"), "geometry": one["geometry"], "properties": one["properties"]} for one in layer["features"]
    ]
    return {"version": layer["version"], "extent": layer["extent"], "count": len(features), "features": features}
