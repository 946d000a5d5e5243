"""What `duogui load` says of each upload today: the layer it is meant for, and every problem code with its number.

What needs more than one feature, or judgement, is for the quality check to come, which issues the other verdicts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.demo.plans import PLAN, TUGUI

CHECKS: Mapping[str, str | None] = {
    "required": "attribute-required",
    "code-unknown": "code-not-in-list",
    "code-name-mismatch": None,
    "text-too-long": "value-too-long",
    "date-invalid": "value-not-convertible",
    "value-range": "value-out-of-range",
    "area-mismatch": "area-mismatch",
    "self-intersection": "geometry-repaired",
    "sharp-angle": None,
    "sliver": None,
    "small-area": None,
    "outside-division": "outside-area",
    "overlap": None,
    "gap": None,
    "empty-geometry": "geometry-missing",
    "duplicate-identifier": "duplicate-id",
    "illegal-characters": None,
}
"""The checks of the package with one error each, and the problem code of a load that finds it; None: the quality
check finds it, a load does not."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a file is loaded and what comes of it: problem codes (errors, warnings, information) with their numbers."""

    layer: str
    passes: bool
    problems: Mapping[str, int] = field(default_factory=dict)
    mapping: str | None = None

    def document(self) -> dict[str, Any]:
        load = {"passes": self.passes, "problems": dict(sorted(self.problems.items()))}
        return {"layer": self.layer, "load": load | ({"mapping": self.mapping} if self.mapping else {})}


VERDICTS: Mapping[str, Verdict] = {
    "xian80.txt": Verdict(PLAN, True, {"crs-detected": 1, "datum-shift-used": 1}, "xian80.mapping.yaml"),
    "gcj02.geojson": Verdict(TUGUI, False, {"gcj02-suspected": 1}),
    "gbk.shp": Verdict(PLAN, True),
    "swapped.geojson": Verdict(PLAN, False, {"crs-axes-swapped": 12}),
    "zone38.shp": Verdict(PLAN, True, {"crs-zone-distant": 1}),
    "prefix38.shp": Verdict(PLAN, False, {"crs-zone-suspected": 1}),
    # The area is also wrong where it is negative and where the outline was repaired.
    "package-errors.gpkg": Verdict(
        PLAN, False, {code: 1 for code in CHECKS.values() if code is not None} | {"area-mismatch": 3}
    ),
    "package-corrected.gpkg": Verdict(PLAN, True),
}


def errors(planted: Sequence[tuple[str, str]], reported: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each planted error (check, BSM) with what finds it; `reported` are the BSM under which a load names others."""
    return [
        {
            "check": check,
            "BSM": id,
            "found_by": "load" if CHECKS[check] else "quality-check",
            **({"code": CHECKS[check], "feature": reported.get(id, id)} if CHECKS[check] else {}),
        }
        for check, id in planted
    ]
