"""`conflict-detection`: where do two polygon collections overlap that must not?

One rule: forbid-overlap. A finding is suspected (疑似), not a decision; the answer says what it rests on.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import shapely

from config.errors import AccessError, Fault
from config.layers import Text
from processes import findings, layer_input, polygon_input
from processes.area import AreaMethod, Geodesic, Plane
from processes.contract import Context, Description, Input, Output, Setting, Value
from processes.inputs import InputError
from processes.overlay.forbid_overlap import Overlaps, Thresholds, forbid_overlap
from store.criteria import CRS84, Box
from store.crs import resolve as resolve_crs
from store.crs import to_box

_SEVERITIES = ("critical", "major", "minor", "warning")
_GEOJSON = "application/geo+json"
_AREA_SCHEMA: dict[str, Any] = {
    "type": "object",
    "format": "geojson-geometry",
    "required": ["type", "coordinates"],
    "properties": {"type": {"type": "string", "enum": ["Polygon", "MultiPolygon"]}, "coordinates": {"type": "array"}},
}
_DEFAULTS = Thresholds()


def _threshold(zh: str, en: str, zh_more: str, en_more: str, schema: dict[str, Any]) -> Input:
    return Input(Text(zh, en), Text(zh_more, en_more), {"type": "number", "minimum": 0, **schema})


_INPUTS: Mapping[str, Input] = {
    "left": Input(
        Text("左图层", "Left collection"),
        Text(
            '面图层的编号, 或 {"collection": 编号, "datetime": 日期, "filter": CQL2 过滤条件}',
            'Id of a polygon collection, or {"collection": id, "datetime": day, "filter": CQL2 text or JSON}',
        ),
        layer_input.SCHEMA,
        required=True,
    ),
    "right": Input(
        Text("右图层", "Right collection"),
        Text(
            "不得与左图层重叠的面图层; 可以是同一图层; 写法与左图层相同",
            "The polygon collection that must not overlap the left one; may be the same; written as the left one",
        ),
        layer_input.SCHEMA,
        required=True,
    ),
    "datetime": Input(
        Text("日期", "Day"),
        Text("取哪一天有效的状态, 默认当日", "The day whose valid states are compared; default today"),
        layer_input.DAY_SCHEMA,
    ),
    "bbox": Input(
        Text("范围框", "Bounding box"),
        Text("只报告与其相交的图斑", "Report only pieces that meet it"),
        {"allOf": [{"format": "ogc-bbox", "type": "object"}]},
    ),
    "area": Input(
        Text("范围", "Area"),
        Text("只报告与此多边形(经纬度)相交的图斑", "Report only pieces that meet this polygon (lon, lat)"),
        _AREA_SCHEMA,
    ),
    "minArea": _threshold(
        "最小面积",
        "Smallest area",
        "平方米, 更小的不报告, 但计数",
        "Square metres; smaller overlaps are counted, not reported",
        {"default": _DEFAULTS.min_area},
    ),
    "minWidth": _threshold(
        "最小平均宽度",
        "Smallest mean width",
        "米 (2A/P), 更窄的按碎屑计数",
        "Metres (2A/P); narrower parts count as slivers",
        {"default": _DEFAULTS.min_width},
    ),
    "minCompactness": _threshold(
        "最小紧凑度",
        "Smallest compactness",
        "4πA/P², 更小的按碎屑计数",
        "4 pi A / P^2; less compact parts count as slivers",
        {"default": _DEFAULTS.min_compactness, "maximum": 1},
    ),
    "severity": Input(
        Text("严重程度", "Severity"),
        Text("写入每个图斑", "Written into every piece"),
        {"type": "string", "enum": list(_SEVERITIES), "default": "major"},
    ),
    "areaCrs": Input(
        Text("面积坐标系", "CRS of areas"),
        Text(
            "给出投影坐标系 (如 EPSG:4548) 则按其平面面积计算; 默认椭球面积",
            "A projected CRS (such as EPSG:4548): plane areas in it; default geodesic areas",
        ),
        {"type": "string", "minLength": 1},
    ),
}

_DESCRIPTION = Description(
    id="conflict-detection",
    version="1.0.0",
    title=Text("冲突检测", "Conflict detection"),
    description=Text(
        "找出两个面图层之间不应有的重叠, 给出疑似冲突图斑、椭球面积与双方要素",
        "Finds overlaps between two polygon collections that must not overlap: suspected pieces with geodesic area "
        "and both features",
    ),
    keywords=(Text("冲突", "conflict"), Text("多规合一", "multi-plan integration"), Text("叠加", "overlay")),
    inputs=_INPUTS,
    outputs={
        "conflicts": Output(
            Text("疑似冲突图斑", "Suspected conflicts"),
            Text(
                "GeoJSON 要素集合, 成员 summary 为结论与依据",
                "A GeoJSON feature collection; its member `summary` is the verdict and what it rests on",
            ),
            {"type": "object", "contentMediaType": _GEOJSON, "format": "geojson-feature-collection"},
            _GEOJSON,
        )
    },
    example={
        "inputs": {"left": "plan-urban-development-boundary", "right": "plan-permanent-basic-farmland", "minArea": 1}
    },
)


class ConflictDetection:
    """Overlaps of two collections, as findings."""

    description = _DESCRIPTION

    def resolve(self, inputs: Mapping[str, Any], setting: Setting) -> dict[str, Any]:
        """Collections with their days, thresholds, and the region as a box (degrees) and a polygon."""
        when = layer_input.day("datetime", inputs["datetime"]) if "datetime" in inputs else setting.today
        resolved: dict[str, Any] = {
            "left": layer_input.resolve("left", inputs["left"], when, setting),
            "right": layer_input.resolve("right", inputs["right"], when, setting),
            "minArea": float(inputs.get("minArea", _DEFAULTS.min_area)),
            "minWidth": float(inputs.get("minWidth", _DEFAULTS.min_width)),
            "minCompactness": float(inputs.get("minCompactness", _DEFAULTS.min_compactness)),
            "severity": inputs.get("severity", "major"),
        }
        for side in ("left", "right"):
            layer = setting.layers[resolved[side]["collection"]]
            resolved[side]["title"] = {"zh": layer.title.zh, "en": layer.title.en}
        if "bbox" in inputs:
            resolved["bbox"] = _box(inputs["bbox"])
        if "area" in inputs:
            resolved["area"] = _checked_area(inputs["area"])
        if "areaCrs" in inputs:
            Plane(inputs["areaCrs"]).check(_place(resolved, setting))
            resolved["areaCrs"] = inputs["areaCrs"]
        if setting.notice:
            resolved["notice"] = {"zh": setting.notice.zh, "en": setting.notice.en}
        return resolved

    def reads(self, inputs: Mapping[str, Any]) -> Sequence[str]:
        """Both collections."""
        return inputs["left"]["collection"], inputs["right"]["collection"]

    def run(self, inputs: Mapping[str, Any], context: Context) -> Mapping[str, Value]:
        """The findings as GeoJSON."""
        store = context.store()
        for id in self.reads(inputs):
            if not context.scope.allows(store.layers()[id].sharing):
                raise AccessError(f"Collection '{id}' is not open to the caller of this job")
        method: AreaMethod = Plane(inputs["areaCrs"]) if "areaCrs" in inputs else Geodesic()
        thresholds = Thresholds(inputs["minArea"], inputs["minWidth"], inputs["minCompactness"])
        region = _region(inputs)
        left = layer_input.read(inputs["left"], _bounds(region), context)
        same = inputs["left"] == inputs["right"]
        right = left if same else layer_input.read(inputs["right"], _bounds(region), context)
        found = forbid_overlap(left.polygons, None if same else right.polygons, thresholds, method, context.each)
        if region is not None:
            found = _within(found, region)
        report = findings.Report(inputs, left, right, found, method)
        return {"conflicts": Value(_GEOJSON, findings.to_geojson(report))}


def _place(resolved: Mapping[str, Any], setting: Setting) -> Box | None:
    """Where findings can lie: where both collections and the region meet; None where nothing can, or none is known."""
    parts = [setting.extents.get(resolved[side]["collection"]) for side in ("left", "right")]
    boxes = [shapely.box(one.west, one.south, one.east, one.north) for one in parts if one]
    region = _region(resolved)
    place = shapely.intersection_all([*boxes, *([region] if region else [])]) if boxes or region else None
    return None if place is None or place.is_empty else _bounds(place)


def _within(found: Overlaps, region: Any) -> Overlaps:
    shapely.prepare(region)
    return found.only(shapely.intersects(region, found.geometry))


def _box(value: Mapping[str, Any]) -> list[float]:
    crs = resolve_crs(value.get("crs", CRS84), "bbox.crs")
    box = to_box(value["bbox"], crs, "bbox")
    if box is None or box.west > box.east:
        fault = Fault("bbox", f"{value['bbox']}", "give minima, then maxima, west of the antimeridian or east of it")
        raise InputError("The box is outside the domain of its CRS, or crosses the antimeridian", fault)
    return [box.west, box.south, box.east, box.north]


def _checked_area(value: Mapping[str, Any]) -> dict[str, Any]:
    polygon_input.check("area", value)
    return dict(value)


def _region(inputs: Mapping[str, Any]) -> Any:
    """What pieces must meet, as one geometry; None for everywhere."""
    import orjson

    parts = []
    if "bbox" in inputs:
        parts.append(shapely.box(*inputs["bbox"]))
    if "area" in inputs:
        parts.append(shapely.from_geojson(orjson.dumps(inputs["area"])))
    return shapely.intersection_all(parts) if parts else None


def _bounds(region: Any) -> Box | None:
    if region is None:
        return None
    west, south, east, north = shapely.bounds(region).tolist()
    return Box(west, south, east, north)


PROCESS = ConflictDetection()


def __getattr__(name: str) -> Any:
    """`ConflictDetectionProcessor`, pygeoapi's view of this process; made when asked for, as pygeoapi loads slowly."""
    if name == "ConflictDetectionProcessor":
        from processes.shell.adapter import adapt

        return adapt(PROCESS)
    raise AttributeError(name)
