"""Permits and the approval chain: numbers, dates in order, and what may be built on the land."""

from datetime import date

import numpy as np

from server.demo.sense.draw import Column, Draw, Rule, later, rounded
from server.demo.sense.parcels import indicators

WORKS_TYPES = {
    **{"R": "residential", "A": "public", "B": "commercial", "M": "industrial", "W": "logistics", "S": "transport"},
    **{"U": "municipal", "G": "green", "H": "special"},
}
_TERMS = {"0701": 70, "05": 40}
"""Years of use by class of GB/T 21010; 50 for all others."""
_SIGNS = {"siting": "选字第", "land": "地字第", "works": "建字第"}
_MODES, _MODE_ODDS = ("approval", "confirmation", "filing"), (3, 2, 5)


def _types(codes: list[str]) -> Column:
    return [WORKS_TYPES.get(code[:1]) for code in codes]


def _expiry(draw: Draw, name: str, days: int) -> Column:
    """A fixed time after the issue."""
    return later(draw.said(name, None), days, [0] * len(draw))


def _generation(draw: Draw) -> dict[str, Column]:
    proposed = [date(2015, 3, 1)] * len(draw)
    begun = later(proposed, 0, draw.whole(0, 200))
    return {
        "works_type": _types(draw.said("land_use_code")),
        "approval_mode": draw.pick(_MODES, _MODE_ODDS),
        "generation_state": draw.all("generated"),
        "land_quota": rounded(draw.areas, 0),
        "proposed_on": begun,
        "generated_on": later(begun, 30, draw.whole(0, 90)),
        "department": draw.all("planning"),
    }


def _siting(draw: Draw) -> dict[str, Column]:
    return {
        "works_type": _types(draw.said("land_use_code")),
        "approval_mode": draw.pick(_MODES[:2]),
        "expiry_date": _expiry(draw, "issue_date", 365),
    }


def _land(draw: Draw) -> dict[str, Column]:
    net = np.round(draw.areas * draw.uniform(0.82, 0.97), 2)
    made = indicators(draw, draw.said("land_use_code"))
    return {
        **made,
        "net_area": rounded(net, 2),
        "ceded_area": rounded(draw.areas - net, 2),
        "expiry_date": _expiry(draw, "issue_date", 365),
    }


def _works(draw: Draw) -> dict[str, Column]:
    ratio = np.round(draw.uniform(0.8, 2.4), 1)
    storeys = np.ceil(ratio / 0.28)
    return {
        "works_kind": draw.all("building"),
        "floor_area_ratio": rounded(ratio, 1),
        "floor_area": rounded(draw.areas * ratio, 1),
        "storeys": rounded(storeys, 0),
        "building_height": rounded(storeys * 3.3, 1),
        "green_ratio": draw.between(20, 38, 0),
        "expiry_date": _expiry(draw, "issue_date", 365),
    }


def _supply(draw: Draw) -> dict[str, Column]:
    """Granted land has a price and a term; allocated land has neither."""
    granted = [mode == "grant" for mode in draw.said("supply_mode")]
    price = rounded(draw.areas * draw.uniform(0.04, 0.22), 1)
    signed = draw.said("supplied_on", None)
    begun = later(signed, 120, draw.whole(0, 120))
    return {
        "contract_number": [
            f"模拟{'合同' if one else '划拨'}{id[-6:]}" for one, id in zip(granted, draw.rows.ids, strict=True)
        ],
        "price": [value if one else None for one, value in zip(granted, price, strict=True)],
        "term": [
            _TERMS.get(code, _TERMS.get(code[:2], 50)) if one else None
            for one, code in zip(granted, draw.said("land_use_code"), strict=True)
        ],
        "floor_area_ratio": draw.between(1.0, 2.6),
        "start_by": begun,
        "finish_by": later(begun, 540, draw.whole(0, 360)),
    }


def _permit(draw: Draw) -> dict[str, Column]:
    codes, kinds = draw.said("land_use_code"), draw.said("permit_type")
    ratio = [value or 0.0 for value in indicators(draw, codes)["floor_area_ratio"]]
    floor = rounded(draw.areas * np.array(ratio), 1)
    issued = draw.said("issue_date", draw.day)
    return {
        "permit_number": [
            f"{_SIGNS.get(kind, '乡字第')}{id[:6]}{day.year}{id[-5:]}号（模拟）"
            for kind, day, id in zip(kinds, issued, draw.rows.ids, strict=True)
        ],
        "floor_area": [value if kind == "works" else None for kind, value in zip(kinds, floor, strict=True)],
        "approval_mode": draw.pick(_MODES, _MODE_ODDS),
        "expiry_date": later(issued, 365, [0] * len(draw)),
    }


def _project(draw: Draw) -> dict[str, Column]:
    entered = later([date(2016, 6, 1)] * len(draw), 0, draw.whole(0, 120))
    return {
        "project_level": draw.all("city"),
        "approval_mode": draw.all("confirmation"),
        "supply_mode": ["grant" if kind == "industrial" else "allocation" for kind in draw.said("works_type")],
        "state": draw.all("under-review"),
        "reviewed_on": draw.all(None),
        "entered_on": entered,
        "start_year": draw.all(2017),
        "progress": draw.all("not-begun"),
    }


RULES: dict[str, Rule] = {
    "approval-project-generation": _generation,
    "approval-siting-area": _siting,
    "approval-land-redline": _land,
    "approval-works-redline": _works,
    "approval-land-supply-redline": _supply,
    "permit": _permit,
    "project": _project,
}
