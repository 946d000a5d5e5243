"""Points: planned facilities in parcels of their own class (C18), and what stands there today."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from server.demo.metres import to_degrees
from server.demo.plans import PLAN, Sheet
from server.demo.planting.township import hit, miss, pair, settle, standing
from server.demo.plots import Plot
from server.demo.world import World
from server.demo.zoning import Parcel

SPECIAL_PLANS: dict[str, tuple[str, ...]] = {
    "plan-water-supply-point": ("U11",),
    "plan-drainage-point": ("U21",),
    "plan-power-point": ("U12",),
    "plan-telecom-point": ("U15",),
    "plan-gas-point": ("U13",),
    "plan-heating-point": ("U14",),
    "plan-sanitation-point": ("U22",),
    "plan-disaster-prevention-point": ("U31", "U32"),
}
"""Facilities of the special plans and the class of parcel in which each must stand (rule C18)."""

OTHERS: dict[str, tuple[tuple[str, ...], int]] = {
    "plan-key-project": (("M1", "M2", "B29", "A51", "S41"), 60),
    "plan-infrastructure": (("U11", "U12", "U13", "U14", "U21", "U22"), 90),
    "plan-public-service": (("A1", "A21", "A22", "A33", "A41", "A51", "A6"), 160),
    "current-culture-facility": (("A21", "A22"), 60),
    "current-education-facility": (("A33", "A31"), 220),
    "current-sports-facility": (("A41",), 50),
    "current-medical-facility": (("A51",), 90),
    "current-welfare-facility": (("A6",), 50),
    "current-funeral-facility": (("H14",), 12),
    "current-transport-facility": (("S41", "S42"), 90),
    "current-key-polluter": (("M3", "U21"), 50),
}
"""Layers of points, the classes of parcels they stand in, and about how many."""

KINDS: dict[str, tuple[str, ...]] = {
    "plan-water-supply-point U11": ("works", "pump", "source", "pump"),
    "plan-drainage-point U21": ("sewage-works", "sewage-pump", "storm-pump", "reclaimed"),
    "plan-power-point U12": ("substation",),
    "plan-telecom-point U15": ("exchange", "hub", "exchange", "data-centre"),
    "plan-gas-point U13": ("gate", "regulator", "filling", "storage"),
    "plan-heating-point U14": ("boiler", "station", "peak", "cogeneration"),
    "plan-sanitation-point U22": ("transfer", "toilet", "vehicle-yard", "food-waste"),
    "plan-disaster-prevention-point U31": ("fire-station",),
    "plan-disaster-prevention-point U32": ("flood",),
    "plan-key-project M": ("industry",),
    "plan-key-project B": ("other",),
    "plan-key-project A": ("livelihood",),
    "plan-key-project S": ("transport",),
    "plan-infrastructure U11": ("water-works",),
    "plan-infrastructure U12": ("substation",),
    "plan-infrastructure U13": ("gas-station",),
    "plan-infrastructure U14": ("heat-source",),
    "plan-infrastructure U21": ("sewage",),
    "plan-infrastructure U22": ("waste",),
    "plan-public-service A1": ("administration",),
    "plan-public-service A2": ("culture",),
    "plan-public-service A33": ("education",),
    "plan-public-service A41": ("sports",),
    "plan-public-service A51": ("medical",),
    "plan-public-service A6": ("welfare",),
    "current-culture-facility A21": ("library", "museum", "exhibition", "gallery"),
    "current-culture-facility A22": ("centre", "theatre", "youth", "cinema"),
    "current-education-facility A33": ("primary", "junior", "primary", "nine-year", "senior", "complete"),
    "current-education-facility A31": ("university", "vocational"),
    "current-sports-facility A41": ("stadium", "gymnasium", "natatorium", "fitness"),
    "current-medical-facility A51": ("general", "community", "chinese", "community", "maternal", "specialised"),
    "current-welfare-facility A6": ("elderly", "comprehensive", "elderly", "children"),
    "current-funeral-facility H14": ("public-cemetery", "ashes"),
    "current-transport-facility S41": ("bus", "coach-station"),
    "current-transport-facility S42": ("parking",),
    "current-key-polluter M3": ("air", "soil", "air"),
    "current-key-polluter U21": ("water",),
    "current-hazard-source M3": ("tank", "store", "production", "tank"),
    "current-hazardous-chemical-enterprise M3": ("3", "2", "8", "6"),
}
"""What stands on a class of parcel in each layer, in turn; a class's beginning holds for its parts."""

_NAMED = {
    "plan-key-project": "category",
    "current-key-polluter": "polluter_type",
    "current-hazard-source": "source_type",
    "current-hazardous-chemical-enterprise": "chemical_class",
}
"""The attribute that holds the kind, where it is not `facility_type`."""

WORKS: dict[str, int] = {"current-hazard-source": 24, "current-hazardous-chemical-enterprise": 30}
"""Only in 临港化工园区, far from any dwelling."""


def add_facilities(world: World, sheets: list[Sheet], plots: Iterator[Plot]) -> None:
    parcels = [(sheet, parcel) for sheet in sheets for parcel in sheet.zoned.parcels]
    for layer, codes in SPECIAL_PLANS.items():
        chosen = [(sheet, parcel) for sheet, parcel in parcels if parcel.code in codes]
        world.add(layer, _middles(world, chosen), _kinds(layer, [parcel.code for _, parcel in chosen]))
        _misplaced(world, plots, layer, codes[0])
    for layer, (codes, number) in OTHERS.items():
        suited = [(sheet, parcel) for sheet, parcel in parcels if parcel.code in codes]
        order = world.rng.permutation(len(suited))[:number].tolist()
        chosen = [suited[k] for k in order]
        world.add(layer, _middles(world, chosen), _kinds(layer, [parcel.code for _, parcel in chosen]))
    works = [
        (sheet, parcel) for sheet, parcel in parcels if parcel.code == "M3" and sheet.zoned.lattice.town.industrial
    ]
    for layer, number in WORKS.items():
        order = world.rng.permutation(len(works))[:number].tolist()
        world.add(layer, _middles(world, [works[k] for k in order]), _kinds(layer, ["M3"] * len(order)))


def _kinds(layer: str, codes: list[str]) -> list[dict[str, Any]]:
    """The kind of facility of each parcel, by the parcel's class."""
    name = _NAMED.get(layer, "facility_type")
    found = [next(KINDS[key] for n in (3, 2, 1) if (key := f"{layer} {code[:n]}") in KINDS) for code in codes]
    return [{name: kinds[k % len(kinds)]} for k, kinds in enumerate(found)]


def _middles(world: World, chosen: list[tuple[Sheet, Parcel]]) -> list[shapely.Geometry]:
    """A point well inside each parcel."""
    if not chosen:
        return []
    corners = np.stack([sheet.zoned.lattice.corners(parcel.patch) for sheet, parcel in chosen])
    u, v = world.rng.uniform(0.35, 0.65, (2, len(chosen), 1))
    inside = (1 - v) * ((1 - u) * corners[:, 0] + u * corners[:, 1]) + v * ((1 - u) * corners[:, 3] + u * corners[:, 2])
    return list(shapely.points(to_degrees(inside)))


def _misplaced(world: World, plots: Iterator[Plot], layer: str, code: str) -> None:
    """C18: one facility of each special plan in housing, and one barely inside a parcel of its class."""
    plot = next(plots)
    shape = standing(plot)
    home = settle(world, plot, shape, "R21")
    kind = _kinds(layer, [code])[0]
    hit(world, "C18", pair(world.add_one(layer, plot.point(-100.0, 20.0), **kind), home, 0.0, layer=layer))
    plot = next(plots)
    site = settle(world, plot, standing(plot), code)
    edge = world.add_one(layer, plot.point(-0.5, 0.0), **kind)
    miss(world, "C18", "touching", pair(edge, site, 0.0, layer=layer, **{PLAN: code}))
