"""Attributes that mean the same in every layer: states of building, years, dates of plans, depths."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from zlib import crc32

from server.demo.register import plan_of
from server.demo.sense.draw import Column, Draw, rounded

_SIMPLE: Mapping[str, Callable[[Draw], Column]] = {
    "approval_date": lambda d: _approval_dates(d),
    "survey_year": lambda d: d.all(d.day.year),
    "list_year": lambda d: d.all(2016),
    "start_year": lambda d: d.whole(2015, 2018),
    "built_year": lambda d: d.whole(1985, d.day.year),
    "burial_depth": lambda d: d.between(0.8, 2.4),
    "laying": lambda d: d.pick(("buried", "duct", "tunnel"), (6, 3, 1)),
    "pipe_class": lambda d: d.pick(("main", "branch", "transmission"), (5, 4, 1)),
    "line_status": lambda d: d.all("firm"),
    "public_school": lambda d: d.pick((True, False), (9, 1)),
    "public_home": lambda d: d.pick((True, False), (7, 3)),
    "provisional": lambda d: d.all(False),
    "investment": lambda d: rounded(d.uniform(3_000, 80_000), 0),
}

_PLAN_TYPES = {
    "plan-land-use": "regulatory",
    "plan-other": "special",
    "submission": "integrated",
}
_STATES, _ODDS = ("existing", "planned", "under-construction", "to-expand"), (55, 28, 12, 5)


def columns(draw: Draw) -> dict[str, Column]:
    """What can be said from an attribute's name alone."""
    made = {name: make(draw) for name, make in _SIMPLE.items() if draw.has(name)}
    if draw.has("plan_type"):
        made["plan_type"] = draw.all(_PLAN_TYPES.get(draw.layer.id, "integrated"))
    if draw.has("plan"):
        made["plan"] = [plan_of(draw.layer, id) for id in draw.rows.ids]
    if draw.has("build_state"):
        made |= states(draw, draw.pick(_STATES, _ODDS))
    if draw.has("land_area") and draw.has("floor_area"):
        site = draw.uniform(2_000, 30_000)
        made |= {"land_area": rounded(site, 1), "floor_area": rounded(site * draw.uniform(0.4, 1.6), 1)}
    return made


def states(draw: Draw, values: list[str]) -> dict[str, Column]:
    """States of building with the year that is planned: none for what exists."""
    years = draw.whole(2016, 2025)
    made: dict[str, Column] = {"build_state": values}
    if draw.has("planned_year"):
        made["planned_year"] = [
            None if value == "existing" else year for value, year in zip(values, years, strict=True)
        ]
    return made


def _approval_dates(draw: Draw) -> Column:
    """Within the year before the day of validity; a plan is approved on one day in each county."""
    key = draw.layer.id if draw.has("plan_name") else ""
    names = [key + (id[:6] if key else id) for id in draw.rows.ids]
    days = {name: draw.day - timedelta(days=crc32(name.encode()) % 330 + 10) for name in dict.fromkeys(names)}
    return [days[name] for name in names]
