"""The current status: buildings, housing, hazards, heritage, what censuses say; divisions; the working tables."""

from datetime import timedelta

import numpy as np

from server.demo.sense.draw import Column, Draw, Rule, later, rounded

_FLOORS = {
    **{"residential": (3, 18), "office": (3, 12), "commercial": (2, 16), "industrial": (1, 3), "warehouse": (1, 2)},
    **{"education": (2, 5), "medical": (3, 12), "public": (1, 6)},
}
_TALL = 6


def _building(draw: Draw) -> dict[str, Column]:
    """Storeys by use; farmhouses (nothing said of their use) have one or two."""
    uses = draw.said("building_use", "")
    low, high = (np.array([_FLOORS.get(use, (1, 2))[end] for use in uses]) for end in (0, 1))
    storeys = np.floor(low + draw.uniform(0, 1) * (high - low + 1)).astype(int)
    each = np.array([5.4 if use in ("industrial", "warehouse") else 3.1 for use in uses])
    return {
        "building_use": [use or "residential" for use in uses],
        "storeys": storeys.tolist(),
        "building_height": rounded(storeys * each, 1),
        "floor_area": rounded(draw.areas * storeys, 1),
        "structure": [_structure(use, number) for use, number in zip(uses, storeys.tolist(), strict=True)],
        "heritage": draw.all(False),
    }


def _structure(use: str, storeys: int) -> str:
    if use in ("industrial", "warehouse"):
        return "steel"
    if not use:
        return "brick-timber"
    return "reinforced-concrete" if storeys > _TALL else "mixed"


def _housing(draw: Draw) -> dict[str, Column]:
    floor = draw.areas * draw.uniform(1.2, 2.2)
    homes = np.round(floor / 68)
    begun = later([draw.day - timedelta(days=1_500)] * len(draw), 0, draw.whole(0, 500))
    return {
        "build_state": draw.all("existing"),
        "floor_area": rounded(floor, 0),
        "dwellings": rounded(homes, 0),
        "allocated": rounded(homes * draw.uniform(0.7, 1.0), 0),
        "start_date": begun,
        "completion_date": later(begun, 500, draw.whole(0, 400)),
    }


def _hazard_kinds(draw: Draw) -> list[str]:
    """By name: of a plain subsidence, of the hills what falls and flows."""
    words = {"滑坡": "landslide", "崩塌": "collapse", "泥石流": "debris-flow"}
    return [next((kind for word, kind in words.items() if word in name), "subsidence") for name in draw.said("name")]


def _hazard_site(draw: Draw) -> dict[str, Column]:
    houses = draw.whole(3, 40)
    return {
        "hazard_type": _hazard_kinds(draw),
        "scale": draw.pick(("small", "medium"), (7, 3)),
        "stability": draw.pick(("fair", "poor"), (1, 2)),
        "threatened_houses": houses,
        "threatened_people": [3 * number for number in houses],
        "threatened_property": [15.0 * number for number in houses],
    }


def _hazard_area(draw: Draw) -> dict[str, Column]:
    kinds = _hazard_kinds(draw)
    return {
        "hazard_type": kinds,
        "susceptibility": ["low" if kind == "subsidence" else "medium" for kind in kinds],
        "threatened_people": rounded(draw.areas / 1e4 * draw.uniform(0.5, 2), 0),
    }


_ERAS = {"tomb": "汉", "ruins": "战国", "building": "明", "modern": "1930年代", "grotto": "北齐"}


def _heritage(draw: Draw) -> dict[str, Column]:
    return {
        "era": draw.by("heritage_type", _ERAS),
        "protection_radius": draw.pick((30.0, 50.0, 80.0)),
        "announced_date": draw.by("heritage_grade", {}, draw.day - timedelta(days=900)),
    }


def _old_building(draw: Draw) -> dict[str, Column]:
    return {
        "structure": draw.all("brick-timber"),
        "storeys": draw.whole(1, 2),
        "floor_area": draw.between(120, 900, 0),
        "era": draw.pick(("清", "民国")),
    }


def _tourism(draw: Draw) -> dict[str, Column]:
    grades = draw.pick(("none", "2A", "3A", "4A"), (6, 2, 3, 1))
    busy = {"none": (0.5, 6), "2A": (3, 15), "3A": (8, 40), "4A": (30, 120)}
    parts = draw.uniform(0, 1).tolist()
    return {
        "grade": grades,
        "visitors": [
            round(low + (high - low) * part, 1)
            for (low, high), part in zip(map(busy.__getitem__, grades), parts, strict=True)
        ],
        "ticket": [0.0 if grade == "none" else 40.0 for grade in grades],
    }


def _industry_area(draw: Draw) -> dict[str, Column]:
    return {
        "area_type": draw.pick(("industrial", "economic", "logistics"), (6, 2, 2)),
        "area_level": draw.pick(("county", "city"), (3, 1)),
        "leading_industry": draw.pick(("装备制造", "管道装备", "食品加工", "新材料")),
    }


def _division(draw: Draw) -> dict[str, Column]:
    """About as many people as live on so much land; a city has its counties', the province all."""
    size = np.array(draw.said("land_area_total", 600.0), dtype=float)
    people = dict(zip(draw.rows.ids, rounded(size * draw.uniform(300, 480), -2), strict=True))
    counties = {id: number for id, number in people.items() if not id.endswith("00")}
    sums = {
        id: sum(number for one, number in counties.items() if one.startswith(id[:2] if id[2:] == "0000" else id[:4]))
        for id in people
        if id.endswith("00")
    }
    return {"population": [sums.get(id) or people[id] for id in draw.rows.ids]}


def _frontier(draw: Draw) -> dict[str, Column]:
    return {"boundary_state": draw.all("surveyed"), "agreed_on": draw.all(draw.day.replace(year=2002, day=20))}


def _task(draw: Draw) -> dict[str, Column]:
    issued = draw.said("issued_on", draw.day)
    received = later(issued, 3, draw.whole(0, 4))
    return {"received_on": received, "reported_on": later(received, 30, draw.whole(0, 20)), "returns": draw.all(0)}


def _opinion(draw: Draw) -> dict[str, Column]:
    given = later(draw.said("asked_on", draw.day), 4, draw.whole(0, 12))
    return {"opinion": draw.pick(("agree", "agree-on-condition"), (3, 1)), "given_on": given, "adopted": draw.all(True)}


def _submission(draw: Draw) -> dict[str, Column]:
    return {
        "submission_kind": draw.all("check-in"),
        "state": draw.all("accepted"),
        "verdict": draw.all("pass"),
        "errors": draw.all(0),
        "conflicts": draw.all(0),
        "department": draw.all("planning"),
    }


def _report(draw: Draw) -> dict[str, Column]:
    """Only closed cases have an end, some weeks before it was due."""
    states = draw.pick(("closed", "rectifying", "verified", "unfounded"), (6, 3, 3, 3))
    ended = [one in ("closed", "unfounded") for one in states]
    finished = later(draw.said("due_date", draw.day), -40, draw.whole(0, 30))
    return {
        "state": states,
        "department": draw.all("planning"),
        "finished_on": [day if one else None for day, one in zip(finished, ended, strict=True)],
        "published": ended,
    }


def _inspection(draw: Draw) -> dict[str, Column]:
    results = draw.pick(("normal", "suspected", "rectified"), (6, 2, 2))
    return {"result": results, "state": ["rectifying" if one == "suspected" else "closed" for one in results]}


def _value(draw: Draw) -> dict[str, Column]:
    return {"scope": draw.all("city"), "base_value": draw.all(None)}


RULES: dict[str, Rule] = {
    "indicator-value": _value,
    "current-building": _building,
    "current-affordable-housing": _housing,
    "current-geohazard-site": _hazard_site,
    "current-geohazard-area": _hazard_area,
    "plan-heritage-site": _heritage,
    "current-heritage-site": _heritage,
    "plan-historic-building": _old_building,
    "current-tourism": _tourism,
    "plan-functional-area": _industry_area,
    "base-admin-area": _division,
    "base-admin-boundary": _frontier,
    "monitor-task": _task,
    "review-opinion": _opinion,
    "submission": _submission,
    "public-report": _report,
    "inspection": _inspection,
}
