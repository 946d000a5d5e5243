"""Findings as GeoJSON: one feature for each pair of features that overlap, and a summary that says what it rests on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import orjson
import shapely

from config.version import VERSION
from processes.area import AreaMethod, Floats
from processes.layer_input import LayerPolygons
from processes.overlay.forbid_overlap import Dropped, Overlaps

RULE = "forbid-overlap"
Verdict = Literal["no-data", "none-found", "suspected"]
_NAMED_DEFECTS = 100
_ELSEWHERE = ("left", "right", "severity", "notice")
"""Resolved inputs that stand in the summary under names of their own."""


@dataclass(frozen=True, slots=True)
class Report:
    """All that a result says: the resolved inputs, what was read, what was found and how it was measured."""

    inputs: Mapping[str, Any]
    left: LayerPolygons
    right: LayerPolygons
    found: Overlaps
    method: AreaMethod

    @property
    def verdict(self) -> Verdict:
        """An empty layer is never a pass: "no data" is a verdict."""
        if not len(self.left.polygons) or not len(self.right.polygons):
            return "no-data"
        return "suspected" if len(self.found) else "none-found"


def to_geojson(report: Report) -> bytes:
    """The feature collection, in the order of left id, right id; the same report gives the same bytes."""
    found = report.found
    shapes = shapely.to_geojson(found.geometry)
    left_share = _shares(report.left, found.left, found.area, report.method)
    right_share = _shares(report.right, found.right, found.area, report.method)
    features = [
        b'{"type":"Feature","id":%s,"geometry":%s,"properties":%s}'
        % (orjson.dumps(properties["id"]), shapes[number].encode(), orjson.dumps(properties["rest"]))
        for number, properties in enumerate(_properties(report, left_share, right_share))
    ]
    summary = orjson.dumps(summarise(report))
    return b'{"type":"FeatureCollection","numberReturned":%d,"summary":%s,"features":[%s]}' % (
        len(features),
        summary,
        b",".join(features),
    )


def summarise(report: Report) -> dict[str, Any]:
    """Verdict, counts and areas, what was dropped, and the provenance of all of it."""
    found, inputs = report.found, report.inputs
    empty = [side for side, read in (("left", report.left), ("right", report.right)) if not len(read.polygons)]
    incomplete = any(defect.remedy == "left-out" for read in (report.left, report.right) for defect in read.defects)
    total = float(found.area.sum())
    summary: dict[str, Any] = {
        "verdict": report.verdict,
        "suspected": report.verdict == "suspected",
        "sentence": _headline(report, total),
        "count": len(found),
        "area_m2": total,
        "area_ha": total / 10_000,
        "incomplete": incomplete,
        "dropped": {"slivers": _dropped(found.slivers), "below_min_area": _dropped(found.small)},
        "candidates": found.candidates,
        "rule": {"id": RULE, "severity": inputs["severity"]},
        "left": _side(inputs["left"], report.left),
        "right": _side(inputs["right"], report.right),
        "area_method": {"name": report.method.name, **report.method.parameters},
        "parameters": {name: value for name, value in inputs.items() if name not in _ELSEWHERE},
        "software": {"name": "duogui", "version": VERSION},
    }
    if empty:
        summary["no_data"] = empty
    if "notice" in inputs:
        summary["notice"] = inputs["notice"]
    return summary


def _properties(report: Report, left_share: Floats, right_share: Floats) -> list[dict[str, Any]]:
    inputs, found = report.inputs, report.found
    left, right = report.left.polygons, report.right.polygons
    rows = []
    for number, (a, b) in enumerate(zip(found.left.tolist(), found.right.tolist(), strict=True)):
        rest = {
            "left_collection": inputs["left"]["collection"],
            "left_id": str(left.ids[a]),
            "left_version": int(left.versions[a]),
            "right_collection": inputs["right"]["collection"],
            "right_id": str(right.ids[b]),
            "right_version": int(right.versions[b]),
            "area_m2": float(found.area[number]),
            "share_left": float(left_share[number]),
            "share_right": float(right_share[number]),
            "rule": RULE,
            "severity": inputs["severity"],
            "suspected": True,
        }
        rest |= _sentences(inputs, rest)
        rows.append({"id": f"{rest['left_id']}~{rest['right_id']}", "rest": rest})
    return rows


def _sentences(inputs: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, str]:
    one, other = inputs["left"]["title"], inputs["right"]["title"]
    area, share = row["area_m2"], row["share_left"]
    return {
        "sentence_zh": (
            f"疑似冲突: “{one['zh']}”图斑 {row['left_id']} 与“{other['zh']}”图斑 {row['right_id']} 重叠 "
            f"{area:,.2f} 平方米, 占前者 {share:.2%}"
        ),
        "sentence_en": (
            f"Suspected conflict: '{one['en']}' {row['left_id']} overlaps '{other['en']}' {row['right_id']} by "
            f"{area:,.2f} m2, {share:.2%} of the former"
        ),
    }


def _headline(report: Report, total: float) -> dict[str, str]:
    one, other = report.inputs["left"]["title"], report.inputs["right"]["title"]
    count = len(report.found)
    if report.verdict == "no-data":
        zh, en = (
            "至少一个图层在所选日期和范围内没有数据, 不能得出结论",
            "at least one layer has no data on that day in that place: no verdict",
        )
    elif count:
        zh = f"共检测出疑似冲突图斑 {count} 个, 面积 {total / 10_000:,.2f} 公顷"
        en = f"{count} suspected conflicts, {total / 10_000:,.2f} ha in all"
    else:
        zh, en = "未检测出超过阈值的重叠", "no overlap above the thresholds was found"
    return {"zh": f"“{one['zh']}”与“{other['zh']}”: {zh}", "en": f"'{one['en']}' and '{other['en']}': {en}"}


def _shares(read: LayerPolygons, index: Any, area: Floats, method: AreaMethod) -> Floats:
    used, back = np.unique(index, return_inverse=True)
    whole, _ = method.measure(read.polygons.geometry[used])
    share: Floats = np.minimum(area / whole[back], 1.0) if len(used) else np.empty(0)
    return share


def _side(resolved: Mapping[str, Any], read: LayerPolygons) -> dict[str, Any]:
    return {
        **resolved,
        "revision": read.revision,
        "features": read.rows,
        "used": len(read.polygons),
        "defects": len(read.defects),
        "named_defects": [
            {"id": one.id, "reason": one.reason, "remedy": one.remedy} for one in read.defects[:_NAMED_DEFECTS]
        ],
    }


def _dropped(dropped: Dropped) -> dict[str, Any]:
    return {"count": dropped.count, "area_m2": dropped.area}
