"""Files as departments really send them: wrong datum, shifted, GBK, axes swapped, wrong zone; and a package with one
error per check beside its corrected twin. `uploads.json` says what is wrong with each, where, and what finds it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import yaml
from numpy.typing import NDArray

from config.registry import Registry
from server.demo.metres import ZONE_117, Points, to_degrees, to_plane
from server.demo.plans import PLAN, TUGUI
from server.demo.verdicts import VERDICTS, errors
from server.demo.world import PLAN_2014, World

ZONE_39, ZONE_38, XIAN80_ZONE_39 = 4527, 4526, 2363
CONFIG = Path(__file__).parents[2] / "config" / "nodes" / "demo.yaml"
PARCELS = 12


def write_uploads(folder: Path, world: World, registry: Registry) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    names = {code.code: code.title.zh for code in registry.codelists["urban-land-use-2011"].codes.values()}
    shapes, columns = _parcels(world, names)
    truth: dict[str, Any] = {
        "xian80.txt": _coordinate_list(folder / "xian80.txt", shapes, columns),
        "gcj02.geojson": _shifted(folder / "gcj02.geojson", world),
        "gbk.shp": _shapefile(folder / "gbk.shp", shapes, columns, ZONE_39, "GBK"),
        "swapped.geojson": _swapped(folder / "swapped.geojson", shapes, columns),
        "zone38.shp": _shapefile(folder / "zone38.shp", shapes, columns, ZONE_38, "UTF-8"),
        "prefix38.shp": _prefix(folder / "prefix38.shp", shapes, columns),
    }
    truth |= _packages(folder, world, names)
    for name, verdict in VERDICTS.items():
        truth[name] |= verdict.document()
    truth["expected"] = [list(shapely.bounds(shape)) for shape in shapes]
    (folder / "uploads.json").write_text(json.dumps(truth, ensure_ascii=False, indent=1), "utf-8")
    world.truth["uploads"] = truth


def _parcels(world: World, names: dict[str, str]) -> tuple[NDArray[np.object_], dict[str, list[Any]]]:
    """A dozen parcels of the town of 盐山."""
    rows = world.rows[PLAN, PLAN_2014]
    chosen = [
        k for k, id in enumerate(rows.ids) if id.startswith("130925") and rows.columns[k]["land_use_code"][0] in "RAB"
    ][:PARCELS]
    codes = [rows.columns[k]["land_use_code"] for k in chosen]
    shapes = np.array([rows.geometry[k] for k in chosen], dtype=object)
    moved = shapely.transform(shapes, to_plane)
    columns = {
        "BSM": [f"U{k + 1:05d}" for k in range(len(chosen))],
        "XZQDM": ["130925"] * len(chosen),
        "YDDM": codes,
        "YDMC": [names.get(code, "") for code in codes],
        "MJ": np.round(shapely.area(moved), 2).tolist(),
        "BZ": ["模拟数据"] * len(chosen),
    }
    return shapes, columns


def _in_zone(shapes: NDArray[np.object_], epsg: int) -> NDArray[np.object_]:
    from pyproj import Transformer

    change = Transformer.from_crs(4490, epsg, always_xy=True)
    moved: NDArray[np.object_] = shapely.transform(
        shapes, lambda xy: np.column_stack(change.transform(xy[:, 0], xy[:, 1]))
    )
    return moved


def _coordinate_list(path: Path, shapes: NDArray[np.object_], columns: dict[str, list[Any]]) -> dict[str, Any]:
    """The 勘测定界 list in Xi'an 80, zone 39, X = north: needs the node's datum parameters."""
    from pyproj import Transformer

    from store.ingest.datum import read_shifts

    datums = yaml.safe_load(CONFIG.read_text("utf-8"))["datums"]
    shift = Transformer.from_pipeline(read_shifts(datums)["xian80"].pipeline)
    plane = Transformer.from_crs(4610, XIAN80_ZONE_39, always_xy=True)
    lines = [
        *("[属性描述]", "格式版本号=1.01版本", "数据产生单位=模拟", "坐标系=80国家大地坐标系", "几度分带=3"),
        *("投影类型=高斯克吕格", "计量单位=米", "带号=39", "精度=0.001", "转换参数=,,,,,,", "[地块坐标]"),
    ]
    for k, shape in enumerate(shapes):
        ring = shapely.get_coordinates(shape)
        lon, lat = shift.transform(ring[:, 0], ring[:, 1], direction="INVERSE")
        east, north = plane.transform(lon, lat)
        size = columns["MJ"][k] / 10_000
        use = f"{columns['YDMC'][k]},{columns['YDDM'][k]}"
        lines.append(f"{len(ring)},{size:.4f},{columns['BSM'][k]},模拟地块{k + 1},面,,{use},@")
        for number, (x, y) in enumerate(zip(north, east, strict=True), 1):
            lines.append(f"J{(number - 1) % (len(ring) - 1) + 1},1,{x:.4f},{y:.4f}")
    path.write_bytes("\r\n".join(lines).encode("gb18030"))
    mapping = {
        "columns": {"DKBH": "identifier", "DLBM": "land_use_code", "DKYT": "land_use_name", "DKMJ": "area"},
        "constants": {"division_code": "130925"},
        "factors": {"area": 10_000},  # the list gives hectares
        "ignore": ["DKMC"],
    }
    path.with_suffix(".mapping.yaml").write_text(yaml.safe_dump(mapping, allow_unicode=True), "utf-8")
    return {"fault": "datum", "datum": "xian80", "crs": f"EPSG:{XIAN80_ZONE_39}", "features": len(shapes)}


def _geojson(path: Path, shapes: NDArray[np.object_], columns: dict[str, list[Any]]) -> None:
    features = [
        {
            "type": "Feature",
            "geometry": json.loads(shapely.to_geojson(shape)),
            "properties": {name: values[k] for name, values in columns.items()},
        }
        for k, shape in enumerate(shapes)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False), "utf-8")


def _shifted(path: Path, world: World) -> dict[str, Any]:
    """GCJ-02: the shift of commercial maps, here some 530 m; fields along the border of 辛集 and 深州, which tells."""
    from store.ingest.gcj02 import forward

    rows = world.rows[TUGUI, PLAN_2014]
    chosen = [k for k, id in enumerate(rows.ids) if id[:6] in ("130181", "131182")]
    shapes = np.array([rows.geometry[k] for k in chosen], dtype=object)
    moved = shapely.transform(shapes, lambda xy: np.round(forward(xy), 9))
    away = to_plane(shapely.get_coordinates(moved)) - to_plane(shapely.get_coordinates(shapes))
    columns: dict[str, list[Any]] = {
        "BSM": [f"G{k + 1:05d}" for k in range(len(chosen))],
        "XZQDM": [rows.ids[k][:6] for k in chosen],
        "TDGHDLDM": [rows.columns[k]["land_use_code"] for k in chosen],
        "MJ": shapely.area(shapely.transform(shapes, to_plane)).round(2).tolist(),
        "BZ": ["模拟数据"] * len(chosen),
    }
    _geojson(path, moved, columns)
    return {
        "fault": "gcj02",
        "shift_m": round(float(np.hypot(away[:, 0], away[:, 1]).mean()), 1),
        "features": len(chosen),
        "expected": [list(shapely.bounds(shape)) for shape in shapes],
    }


def _swapped(path: Path, shapes: NDArray[np.object_], columns: dict[str, list[Any]]) -> dict[str, Any]:
    """Latitude before longitude."""
    _geojson(path, shapely.transform(shapes, lambda xy: xy[:, ::-1]), columns)
    return {"fault": "swapped-axes", "features": len(shapes)}


def _shapefile(
    path: Path, shapes: NDArray[np.object_], columns: dict[str, list[Any]], epsg: int, encoding: str
) -> dict[str, Any]:
    """A Shapefile in a zone-prefixed Gauss-Krueger zone."""
    _write(path, _in_zone(shapes, epsg), columns, f"EPSG:{epsg}", encoding=encoding)
    fault = "wrong-zone" if epsg == ZONE_38 else None
    return {"fault": fault, "crs": f"EPSG:{epsg}", "encoding": encoding, "features": len(shapes)}


def _prefix(path: Path, shapes: NDArray[np.object_], columns: dict[str, list[Any]]) -> dict[str, Any]:
    """Eastings of zone 39 that carry the prefix 38: three degrees too far west."""
    moved = shapely.transform(_in_zone(shapes, ZONE_39), lambda xy: xy - np.array([1_000_000.0, 0.0]))
    _write(path, moved, columns, f"EPSG:{ZONE_38}", encoding="UTF-8")
    return {"fault": "wrong-prefix", "crs": f"EPSG:{ZONE_38}", "belongs": f"EPSG:{ZONE_39}", "features": len(shapes)}


def _write(path: Path, shapes: NDArray[np.object_], columns: dict[str, list[Any]], crs: str, **options: Any) -> None:
    import pyogrio

    # Equal bytes for equal input: GDAL else writes today's date.
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2017-12-31T00:00:00.000Z"})
    if path.suffix == ".shp":
        options["DBF_DATE_LAST_UPDATE"] = "2017-12-31"
    values = [
        np.array(list(column), dtype=object if isinstance(column[0], str) else None) for column in columns.values()
    ]
    pyogrio.raw.write(
        path,
        np.asarray(shapely.to_wkb(shapes), dtype=object),
        values,
        list(columns),
        geometry_type="Unknown" if path.suffix == ".gpkg" else "Polygon",
        crs=crs,
        **options,
    )
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _packages(folder: Path, world: World, names: dict[str, str]) -> dict[str, Any]:
    """A plan of 24 parcels in a grid: whole and right, and with one error for each check."""
    shapes, columns = _grid(world, names)
    _write(folder / "package-corrected.gpkg", shapes, columns, "EPSG:4490", layer=PLAN)
    wrong, values = shapes.copy(), {name: list(column) for name, column in columns.items()}
    planted = [(check, columns["BSM"][k]) for k, (check, _) in enumerate(_FAULTS)]
    for k, (_, spoil) in enumerate(_FAULTS):
        spoil(wrong, values, k)
    _write(folder / "package-errors.gpkg", wrong, values, "EPSG:4490", layer=PLAN)
    return {
        "package-errors.gpkg": {"errors": errors(planted, _renamed(values, columns)), "verdict": "refused"},
        "package-corrected.gpkg": {"errors": [], "verdict": "accepted"},
    }


def _renamed(wrong: dict[str, list[Any]], right: dict[str, list[Any]]) -> dict[str, str]:
    """The identifiers that a fault has changed: from the planted to what the file says."""
    return {true: said for true, said in zip(right["BSM"], wrong["BSM"], strict=True) if true != said}


def _grid(world: World, names: dict[str, str]) -> tuple[NDArray[np.object_], dict[str, list[Any]]]:
    """Parcels of 100 by 100 m in a free spot of 正定; every second column is apart, so that faults stay alone."""
    centre = to_plane(np.array(shapely.get_coordinates(shapely.point_on_surface(world.boundaries["130123"]))[0]))
    codes = ["R21", "B11", "A33", "G1", "M1", "S41"]
    corners = [(300.0 * (k % 6), 300.0 * (k // 6)) for k in range(24)]
    rings = np.array([[(x, y), (x + 100, y), (x + 100, y + 100), (x, y + 100)] for x, y in corners]) + centre
    shapes = shapely.polygons(to_degrees(rings, ZONE_117))
    used = [codes[k % 6] for k in range(24)]
    columns: dict[str, list[Any]] = {
        "BSM": [f"P{k + 1:05d}" for k in range(24)],
        "XZQDM": ["130123"] * 24,
        "YDDM": used,
        "YDMC": [names.get(code, "") for code in used],
        "MJ": shapely.area(shapely.transform(shapes, lambda xy: to_plane(xy, 4547))).round(2).tolist(),
        "PZWH": [f"正模拟〔2016〕{k + 1}号" for k in range(24)],
        "PZRQ": ["2016-12-31"] * 24,
        "BZ": ["模拟数据"] * 24,
    }
    return np.asarray(shapes, dtype=object), columns


Spoil = Callable[[NDArray[np.object_], dict[str, list[Any]], int], None]


def _set(name: str, value: Any) -> Spoil:
    def spoil(shapes: NDArray[np.object_], columns: dict[str, list[Any]], k: int) -> None:  # noqa: ARG001
        columns[name][k] = value

    return spoil


def _reshape(points: list[tuple[float, float]]) -> Spoil:
    """The outline replaced by points in metres from the parcel's south-west corner."""

    def spoil(shapes: NDArray[np.object_], columns: dict[str, list[Any]], k: int) -> None:
        corner = to_plane(shapely.get_coordinates(shapes[k])[0])
        shapes[k] = shapely.Polygon(to_degrees(np.array(points) + corner))
        if shapes[k].is_valid:
            columns["MJ"][k] = round(float(shapely.area(shapely.transform(shapes[k], _plane))), 2)

    return spoil


def _plane(points: Points) -> Points:
    return to_plane(points, 4547)


def _beside(first: list[tuple[float, float]], second: list[tuple[float, float]]) -> Spoil:
    """Two parts: the parcel keeps the first; a new row gets the second."""

    def spoil(shapes: NDArray[np.object_], columns: dict[str, list[Any]], k: int) -> None:
        corner = to_plane(shapely.get_coordinates(shapes[k])[0])
        shapes[k] = shapely.Polygon(to_degrees(np.array(first) + corner))
        other = 18 + k % 6
        shapes[other] = shapely.Polygon(to_degrees(np.array(second) + corner))
        for place in (k, other):
            columns["MJ"][place] = round(float(shapely.area(shapely.transform(shapes[place], _plane))), 2)

    return spoil


def _empty(shapes: NDArray[np.object_], columns: dict[str, list[Any]], k: int) -> None:  # noqa: ARG001
    shapes[k] = shapely.Polygon()


def _repeat(shapes: NDArray[np.object_], columns: dict[str, list[Any]], k: int) -> None:  # noqa: ARG001
    columns["BSM"][k] = columns["BSM"][23]


_FAULTS: tuple[tuple[str, Spoil], ...] = (
    ("required", _set("XZQDM", None)),
    ("code-unknown", _set("YDDM", "Z99")),
    ("code-name-mismatch", _set("YDMC", "二类工业用地")),
    ("text-too-long", _set("PZWH", "模拟" * 120)),
    ("date-invalid", _set("PZRQ", "2016-13-45")),
    ("value-range", _set("MJ", -100.0)),
    ("area-mismatch", _set("MJ", 15_000.0)),
    ("self-intersection", _reshape([(0, 0), (100, 100), (100, 0), (0, 100)])),
    ("sharp-angle", _reshape([(0, 0), (100, 0), (0, 8)])),
    ("sliver", _reshape([(0, 0), (100, 0), (100, 0.5), (0, 0.5)])),
    ("small-area", _reshape([(0, 0), (10, 0), (10, 10), (0, 10)])),
    ("outside-division", _reshape([(-300_000, 0), (-299_900, 0), (-299_900, 100), (-300_000, 100)])),
    (
        "overlap",
        _beside([(0, 0), (100, 0), (100, 100), (0, 100)], [(90, 0), (190, 0), (190, 100), (90, 100)]),
    ),
    (
        "gap",
        _beside([(0, 0), (100, 0), (100, 100), (0, 100)], [(100.5, 0), (200, 0), (200, 100), (100.5, 100)]),
    ),
    ("empty-geometry", _empty),
    ("duplicate-identifier", _repeat),
    ("illegal-characters", _set("BZ", "模拟\u0007数据")),
)
