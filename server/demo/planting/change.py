"""Change monitoring 2014 to 2015: 248 patches in the central city with the seed's counts and areas."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely

from server.demo.metres import area
from server.demo.plans import Sheet
from server.demo.planting.permits import Project, add_chain, buildable, documents, inset
from server.demo.plots import Plot
from server.demo.world import World
from server.demo.zoning import Parcel

LAYER, TASKS = "monitor-change-patch", "monitor-task"
TABLE = {"approved": (33, 1_218_301), "unapproved": (201, 950_270), "not-required": (14, 90_181)}
GRANTED, AGAINST_PLAN = 12, 90
PROGRESS = (("built", 61), ("building", 142), ("not-begun", 45))
EARLIER, LATER = date(2014, 10, 1), date(2015, 10, 1)
LOADED, RETURNED = date(2015, 12, 31), date(2016, 3, 31)
REJECTED = 3


@dataclass(frozen=True, slots=True)
class Site:
    """A parcel on which something changed."""

    parcel: Parcel
    size: float
    frame: Plot
    wide: float
    high: float


def whole_areas(total: int, number: int, rng: np.random.Generator, least: float) -> list[int]:
    """Whole square metres that add up to `total`, the smallest first."""
    weights = rng.uniform(least, 2 - least, number)
    parts = np.floor(total * weights / weights.sum()).astype(int)
    parts[: total - int(parts.sum())] += 1
    return sorted(parts.tolist())


def sites(sheet: Sheet, parcels: list[Parcel]) -> list[Site]:
    """The parcels with their own frames, the smallest first."""
    lattice = sheet.zoned.lattice
    found = []
    for parcel in parcels:
        corners = lattice.corners(parcel.patch)
        middle = corners.mean(axis=0)
        across = (corners[1] + corners[2] - corners[0] - corners[3]) / 2
        up = (corners[2] + corners[3] - corners[0] - corners[1]) / 2
        wide, high = float(np.hypot(*across)), float(np.hypot(*up))
        angle = float(np.arctan2(across[1], across[0]))
        found.append(Site(parcel, wide * high, Plot(float(middle[0]), float(middle[1]), angle), wide, high))
    return sorted(found, key=lambda site: site.size)


def footprint(site: Site, wanted: int) -> shapely.Geometry:
    """A rectangle in the middle of the parcel with exactly so many square metres."""
    high = float(np.sqrt(wanted * site.high / site.wide))
    return site.frame.sized(-wanted / high / 2, -high / 2, high / 2, float(wanted))


def plant_change(world: World, sheet: Sheet, avoid: set[Parcel]) -> set[tuple[int, Parcel]]:
    """Adds patches, permits and tasks; returns the parcels of the first town that no other permit may use."""
    urban = [one for one in sheet.zoned.parcels if buildable(one) and one not in avoid]
    rng = world.rng
    large = sites(sheet, [one for one in urban if one.zone in ("dwellings", "industry")])[-TABLE["approved"][0] :]
    chosen = [(site, "approved") for site in large]
    rest = [one for one in urban if one not in {site.parcel for site in large}]
    rng.shuffle(rest)
    number = {name: count for name, (count, _) in TABLE.items()}
    conforming = number["unapproved"] + number["not-required"] - AGAINST_PLAN
    against = [one for one in sheet.zoned.parcels if _against(one) and one not in avoid]
    rng.shuffle(against)
    others = sites(sheet, rest[:conforming] + against[:AGAINST_PLAN])
    classes = np.array(["unapproved"] * number["unapproved"] + ["not-required"] * number["not-required"])
    chosen += list(zip(others, rng.permutation(classes).tolist(), strict=True))
    areas = {name: whole_areas(total, count, rng, 0.55) for name, (count, total) in TABLE.items()}
    _add(world, sheet, [(site, name, areas[name].pop(0)) for site, name in chosen])
    return {(0, site.parcel) for site, _ in chosen}


def _against(parcel: Parcel) -> bool:
    """Works there are against the plan: parks, and fields outside the boundary."""
    if parcel.block is None:
        return False
    return parcel.code.startswith("G") or (parcel.code == "E2" and parcel.patch.east - parcel.patch.west == 3)


def _add(world: World, sheet: Sheet, chosen: list[tuple[Site, str, int]]) -> None:
    progress = world.rng.permutation([name for name, count in PROGRESS for _ in range(count)]).tolist()
    tasks = {code: _task(world, code) for code in ("130902", "130903", "130921")}
    entries: list[dict[str, Any]] = []
    granted = 0
    returned: list[str] = []
    for index, ((site, name, wanted), state) in enumerate(zip(chosen, progress, strict=True)):
        shape = footprint(site, wanted)
        permits: list[str] = []
        is_granted = False
        if name == "approved":
            is_granted = granted < GRANTED
            granted += is_granted
            outline = inset(sheet, site.parcel, (0.05, 0.05, 0.95, 0.95))
            permits = documents(world, Project(outline, site.parcel.code, is_granted, date(2015, 3, 1)))
            add_chain(world, [outline] * 4, outline, granted=is_granted, code=site.parcel.code)
        elif name == "unapproved" and 33 <= index < 41 and buildable(site.parcel):
            permits = _not_enough(world, sheet, site, index)
        id = _patch(world, shape, index, wanted, tasks)
        rejected = name == "unapproved" and len(returned) < REJECTED and index % 60 > 50
        if rejected:
            returned.append(id)
        found = {
            "state": "rejected" if rejected else "approved",
            "progress": state,
            "not_required_reason": "temporary" if name == "not-required" else None,
            "area": float(wanted),
        }
        _returned(world, id, shape, found)
        entries.append(
            {
                "patch": id,
                "class": name,
                "area_m2": wanted,
                "permits": permits,
                "supply_mode": ("grant" if is_granted else "allocation") if name == "approved" else None,
                "conformity": "conforming" if buildable(site.parcel) else "non-conforming",
                "progress": state,
            }
        )
    _count(world)
    _truth(world, entries, returned)


def _count(world: World) -> None:
    """Each task says how many patches it has."""
    patches = [values.get("task") for values in world.rows[LAYER, LOADED].columns]
    for id, values in zip(world.rows[TASKS, LOADED].ids, world.rows[TASKS, LOADED].columns, strict=True):
        values["patches"] = patches.count(id)


def _task(world: World, code: str) -> str:
    return world.add_record(
        TASKS,
        day=LOADED,
        division_code=code,
        task_name="2014-2015年变化图斑核查（模拟）",
        state="approved",
        period="2014-2015",
        issued_on=LOADED,
        due_date=date(2016, 2, 29),
        finished_on=None,
    )


def _patch(world: World, shape: shapely.Geometry, index: int, wanted: int, tasks: dict[str, str]) -> str:
    place = world.divisions_of(np.array([shapely.centroid(shape)]))[0]
    return world.add_one(
        LAYER,
        shape,
        day=LOADED,
        division_code=place,
        patch_number=f"2015-{index + 1:03d}",
        task=tasks.get(place),
        state="issued",
        earlier_image=EARLIER,
        later_image=LATER,
        change_type="built",
        cover_before="cropland",
        cover_after="built-up",
        area=float(wanted),
        **dict.fromkeys(_EMPTY),
    )


_EMPTY = (
    *("finding", "approval", "not_required_reason", "permit_number", "permit_share", "supply_mode", "planned_use"),
    *("conformity", "lines_touched", "progress", "verified_on", "verifier", "attachment"),
)
"""What the classifier, the city and the province find out: not known when patches are loaded."""


def _returned(world: World, id: str, shape: shapely.Geometry, found: dict[str, Any]) -> None:
    """The state after the city's return: progress, and a reason where no approval is required."""
    values = {"division_code": id[:6], "verified_on": date(2016, 3, 1), **found}
    world.change(LAYER, id, shape, values, day=RETURNED)


def _not_enough(world: World, sheet: Sheet, site: Site, index: int) -> list[str]:
    """Permits that do not make a patch approved: too late, without works permit, or beside it."""
    whole = inset(sheet, site.parcel, (0.05, 0.05, 0.95, 0.95))
    if index % 3 == 0:
        return documents(world, Project(whole, site.parcel.code, True, date(2016, 2, 1)))
    if index % 3 == 1:
        return documents(world, Project(whole, site.parcel.code, False, date(2015, 3, 1)), kinds=("siting", "land"))
    corner = inset(sheet, site.parcel, (0.03, 0.03, 0.12, 0.97))
    return documents(world, Project(corner, site.parcel.code, True, date(2015, 3, 1)))


def _truth(world: World, entries: list[dict[str, Any]], returned: list[str]) -> None:
    shapes = dict(zip(world.rows[LAYER, LOADED].ids, world.rows[LAYER, LOADED].geometry, strict=True))
    measured = {name: sum(area(shapes[e["patch"]]) for e in entries if e["class"] == name) for name in TABLE}
    world.truth["change"] = {
        "layer": LAYER,
        "images": [str(EARLIER), str(LATER)],
        "table": {name: {"count": count, "area_m2": total} for name, (count, total) in TABLE.items()},
        "measured_m2": {name: round(value, 2) for name, value in measured.items()},
        "before_returns": {"approved": 33, "unapproved": 215},
        "approved_granted": sum(e["supply_mode"] == "grant" for e in entries),
        "against_plan": sum(e["conformity"] == "non-conforming" for e in entries),
        "progress": dict(PROGRESS),
        "returned_on": str(RETURNED),
        "rejected": returned,
        "patches": entries,
    }
