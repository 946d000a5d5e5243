"""Pipes, streets, roads and railways: sizes as they are made, and widths that fit the class."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from server.demo.sense.draw import Column, Draw, Rule, rounded

_SIZES = {
    "water": (200, 300, 400, 600, 800),
    "drainage": (400, 500, 600, 800, 1_000, 1_200),
    "gas": (110, 160, 200, 315, 400),
    "heating": (200, 300, 400, 500, 700),
}
"""Nominal diameters in mm, from branches to transmission."""
_RANKS = {"branch": 0, "main": 1, "transmission": 2}


def _pipes(draw: Draw, kind: str) -> dict[str, Column]:
    classes = draw.pick(("main", "branch", "transmission"), (5, 4, 1))
    sizes = _SIZES[kind]
    last = len(sizes) - 3
    diameters = [float(sizes[_RANKS[one] + more]) for one, more in zip(classes, draw.whole(0, last), strict=True)]
    return {"pipe_class": classes, "diameter": diameters}


def _large(values: Sequence[float], limit: float, small: str, large: str) -> Column:
    return [large if value > limit else small for value in values]


def _water(draw: Draw) -> dict[str, Column]:
    made = _pipes(draw, "water")
    return {
        **made,
        "pipe_material": _large(made["diameter"], 300, "pe", "ductile-iron"),
        "pressure": draw.between(0.28, 0.6, 2),
    }


def _drainage(draw: Draw) -> dict[str, Column]:
    made = _pipes(draw, "drainage")
    systems = draw.pick(("storm", "sewage", "reclaimed"), (5, 4, 1))
    return {
        **made,
        "drainage_system": systems,
        "pipe_material": _large(made["diameter"], 500, "pe", "reinforced-concrete"),
        "gradient": draw.between(0.6, 3.0),
        "return_period": [3.0 if one == "storm" else None for one in systems],
        "burial_depth": draw.between(1.5, 5.0),
    }


def _gas(draw: Draw) -> dict[str, Column]:
    made = _pipes(draw, "gas")
    levels = {"transmission": "sub-high-a", "main": "medium-a", "branch": "medium-b"}
    return {
        **made,
        "pressure_level": [levels[one] for one in made["pipe_class"]],
        "pipe_material": ["steel" if one == "transmission" else "pe" for one in made["pipe_class"]],
        "burial_depth": draw.between(0.9, 1.6),
    }


def _heating(draw: Draw) -> dict[str, Column]:
    media = draw.pick(("hot-water", "steam"), (9, 1))
    return {
        **_pipes(draw, "heating"),
        "medium": media,
        "temperature": [120.0 if one == "hot-water" else 190.0 for one in media],
        "laying": draw.pick(("buried", "duct"), (8, 2)),
    }


def _power(draw: Draw) -> dict[str, Column]:
    volts = draw.pick((10.0, 35.0, 110.0, 220.0), (4, 2, 3, 1))
    corridors = {10.0: 0.0, 35.0: 15.0, 110.0: 25.0, 220.0: 35.0}
    return {
        "voltage": volts,
        "laying": ["duct" if one < 110 else "overhead" for one in volts],
        "circuits": draw.whole(1, 2),
        "corridor_width": [corridors[one] or None for one in volts],
    }


def _telecom(draw: Draw) -> dict[str, Column]:
    return {
        "laying": draw.all("duct"),
        "ducts": draw.pick((4, 6, 9, 12)),
        "cable_cores": draw.pick((48, 96, 144, 288)),
        "burial_depth": draw.between(0.7, 1.4),
    }


def road_class(width: float) -> str:
    """The class of a street by the width between its red lines, in metres."""
    return "arterial" if width >= 30 else "secondary" if width >= 22 else "local"


def _street(draw: Draw, *, lined: bool = False) -> dict[str, Column]:
    """Lanes of 3.5 m on six tenths of the width; `road_width` is what was drawn."""
    widths = np.array(draw.said("road_width", 40.0), dtype=float)
    classes = [road_class(width) for width in widths.tolist()]
    made: dict[str, Column] = {"road_class": classes, "road_width": widths.tolist()}
    if lined:
        return {**made, "setback": [{"arterial": 10.0, "secondary": 6.0}.get(one, 3.0) for one in classes]}
    paved = np.round(widths * 0.6, 1)
    speeds = {"arterial": 60.0, "secondary": 40.0, "local": 30.0}
    return {
        **made,
        "pavement_width": rounded(paved, 1),
        "road_area": rounded(paved * draw.lengths, 0),
        "lanes": [max(2, 2 * round(width / 7)) for width in paved.tolist()],
        "one_way": draw.all(False),
        "design_speed": [speeds[one] for one in classes],
        "cross_section": [{"arterial": "三幅路", "secondary": "两幅路"}.get(one, "一幅路") for one in classes],
    }


def _highway(draw: Draw) -> dict[str, Column]:
    provincial = [kind == "provincial" for kind in draw.said("administrative_class", "county")]

    def either(main: float | str, other: float | str) -> Column:
        return [main if one else other for one in provincial]

    return {
        "technical_class": either("1", "2"),
        "lanes": either(4, 2),
        "roadbed_width": either(25.5, 12.0),
        "pavement": draw.all("asphalt"),
        "design_speed": either(100.0, 60.0),
        "control_width": either(15.0, 10.0),
        "toll": draw.all(False),
    }


def _transport(draw: Draw) -> dict[str, Column]:
    rail = [kind == "rail" for kind in draw.said("transport_type")]
    return {
        "technical_class": [None if one else "1" for one in rail],
        "corridor_width": [60.0 if one else 50.0 for one in rail],
        "design_speed": [120.0 if one else 100.0 for one in rail],
    }


def _rail(draw: Draw) -> dict[str, Column]:
    return {
        "rail_type": draw.all("railway"),
        "tracks": draw.all(2),
        "electrified": draw.all(True),
        "laying_form": draw.all("地面"),
        "design_speed": draw.all(120.0),
        "protection_width": draw.all(15.0),
    }


RULES: dict[str, Rule] = {
    "plan-water-supply-line": _water,
    "plan-drainage-line": _drainage,
    "plan-gas-line": _gas,
    "plan-heating-line": _heating,
    "plan-power-line": _power,
    "plan-telecom-line": _telecom,
    "plan-road-centreline": _street,
    "plan-road-redline": partial(_street, lined=True),
    "current-road-network": _street,
    "current-highway": _highway,
    "plan-transport": _transport,
    "current-rail-transit": _rail,
}
