"""Facilities: sizes that fit their kind."""

from collections.abc import Mapping

import numpy as np

from server.demo.sense.draw import Column, Draw, Rule, rounded

Ranges = Mapping[str, tuple[float, float]]


def _capacity(ranges: Ranges, decimals: int = 0) -> Rule:
    """A planned capacity by kind, and a present one below it."""

    def rule(draw: Draw) -> dict[str, Column]:
        planned = draw.ranged("facility_type", ranges, decimals)
        parts = draw.uniform(0.4, 0.9).tolist()
        present = [
            None if value is None else round(value * part, decimals) for value, part in zip(planned, parts, strict=True)
        ]
        return {"design_capacity": planned, "current_capacity": present, "protection_distance": draw.all(50.0)}

    return rule


def _power(draw: Draw) -> dict[str, Column]:
    volts = draw.pick((35.0, 110.0, 220.0), (3, 5, 2))
    units = draw.whole(2, 3)
    each = {35.0: 20.0, 110.0: 50.0, 220.0: 180.0}
    planned = [each[volt] * number for volt, number in zip(volts, units, strict=True)]
    return {
        "voltage": volts,
        "transformers": units,
        "design_capacity": planned,
        "current_capacity": [value - each[volt] for value, volt in zip(planned, volts, strict=True)],
    }


def _telecom(draw: Draw) -> dict[str, Column]:
    return {
        "design_capacity": rounded(draw.uniform(10_000, 60_000), -3),
        "tower_height": draw.all(None),
        "shared": draw.all(True),
    }


def _gas(draw: Draw) -> dict[str, Column]:
    made = _capacity(
        {"gate": (80_000, 300_000), "regulator": (10_000, 40_000), "filling": (10_000, 20_000), "storage": (5e4, 2e5)}
    )(draw)
    stored = draw.ranged("facility_type", {"storage": (20_000, 100_000), "filling": (18, 60)})
    return {"design_capacity": made["design_capacity"], "storage_capacity": stored, "safety_distance": draw.all(25.0)}


def _heating(draw: Draw) -> dict[str, Column]:
    """Fifty watts a square metre."""
    made = _capacity({"boiler": (58, 174), "cogeneration": (300, 700), "peak": (58, 116), "station": (6, 15)})(draw)
    heated = [None if power is None else power * 20_000.0 for power in made["design_capacity"]]
    return {**made, "heated_area": heated, "fuel": draw.pick(("天然气", "煤"), (7, 3))}


def _safety(draw: Draw) -> dict[str, Column]:
    people = draw.ranged("facility_type", {"flood": (0, 0), "fire-station": (20, 45)})
    return {
        "facility_grade": draw.all("district"),
        "capacity": people,
        "effective_area": draw.all(None),
        "service_radius": draw.ranged("facility_type", {"fire-station": (1_500, 2_500)}),
    }


_INFRASTRUCTURE = {
    "water-works": ((20_000, 100_000), "m3/d"),
    "sewage": ((20_000, 80_000), "m3/d"),
    "substation": ((40, 360), "MVA"),
    "gas-station": ((80_000, 300_000), "m3/d"),
    "heat-source": ((58, 174), "MW"),
    "waste": ((100, 400), "t/d"),
}


def _infrastructure(draw: Draw) -> dict[str, Column]:
    return {
        "design_capacity": draw.ranged(
            "facility_type", {kind: limits for kind, (limits, _) in _INFRASTRUCTURE.items()}
        ),
        "capacity_unit": draw.by("facility_type", {kind: unit for kind, (_, unit) in _INFRASTRUCTURE.items()}),
        "protection_distance": draw.pick((20.0, 30.0, 50.0)),
    }


def _service(draw: Draw) -> dict[str, Column]:
    grades = draw.pick(("city", "district", "neighbourhood"), (2, 4, 4))
    radius = {"city": 5_000.0, "district": 2_000.0, "neighbourhood": 800.0}
    people = {"city": 300_000, "district": 80_000, "neighbourhood": 30_000}
    return {
        "facility_grade": grades,
        "service_radius": [radius[one] for one in grades],
        "served_population": [people[one] for one in grades],
    }


def _project(draw: Draw) -> dict[str, Column]:
    begun = draw.whole(2015, 2018)
    return {
        "start_year": begun,
        "planned_year": [year + more for year, more in zip(begun, draw.whole(1, 4), strict=True)],
        "build_state": ["under-construction" if year < 2016 else "planned" for year in begun],
        "project_level": draw.pick(("provincial", "city", "county"), (1, 4, 3)),
    }


_CLASSES: Ranges = {
    **{"kindergarten": (6, 15), "primary": (12, 36), "junior": (18, 36), "nine-year": (27, 45)},
    **{"senior": (24, 60), "complete": (30, 60), "vocational": (20, 50), "university": (150, 400), "special": (6, 12)},
}


def _school(draw: Draw) -> dict[str, Column]:
    classes = np.array(draw.ranged("facility_type", _CLASSES), dtype=float)
    places = classes * 45
    site = places * draw.uniform(18, 26)
    small = {"kindergarten": "neighbourhood", "primary": "neighbourhood", "university": "city"}
    return {
        "classes": rounded(classes, 0),
        "places": rounded(places, 0),
        "pupils": rounded(places * draw.uniform(0.8, 1.05), 0),
        "teachers": rounded(classes * draw.uniform(2.2, 3.2), 0),
        "facility_grade": draw.by("facility_type", small, "district"),
        "land_area": rounded(site, 0),
        "floor_area": rounded(site * draw.uniform(0.45, 0.7), 0),
    }


_BEDS: Ranges = {"general": (300, 900), "chinese": (150, 400), "specialised": (100, 300), "maternal": (80, 250)}
_WARDS = {"general": "3B", "chinese": "2A", "specialised": "2", "maternal": "2A", "community": "1"}


def _medical(draw: Draw) -> dict[str, Column]:
    beds = draw.ranged("facility_type", {**_BEDS, "community": (20, 60)})
    floor = np.array([value or 0 for value in beds]) * draw.uniform(70, 95) + 1_200
    return {
        "beds": beds,
        "hospital_grade": draw.by("facility_type", _WARDS, "none"),
        "doctors": [None if value is None else round(value * 0.45) for value in beds],
        "emergency": [kind in ("general", "chinese") for kind in draw.said("facility_type")],
        "floor_area": rounded(floor, 0),
        "land_area": rounded(floor * draw.uniform(0.7, 1.2), 0),
    }


def _welfare(draw: Draw) -> dict[str, Column]:
    beds = np.array(draw.whole(60, 300))
    floor = beds * draw.uniform(28, 36)
    return {
        "facility_grade": draw.pick(("district", "neighbourhood"), (1, 2)),
        "beds": rounded(beds, 0),
        "residents": rounded(beds * draw.uniform(0.5, 0.95), 0),
        "floor_area": rounded(floor, 0),
        "land_area": rounded(floor * 1.2, 0),
    }


def _culture(draw: Draw) -> dict[str, Column]:
    return {
        "facility_grade": draw.pick(("city", "district"), (1, 2)),
        "collection": draw.ranged("facility_type", {"library": (80_000, 600_000), "museum": (2_000, 20_000)}),
        "seats": draw.ranged("facility_type", {"library": (200, 900), "theatre": (600, 1_400), "cinema": (400, 1_200)}),
    }


def _sports(draw: Draw) -> dict[str, Column]:
    seats = draw.ranged("facility_type", {"stadium": (8_000, 30_000), "gymnasium": (1_500, 6_000)})
    fields = draw.ranged(
        "facility_type",
        {
            "stadium": (16_000, 20_000),
            "gymnasium": (1_800, 4_000),
            "natatorium": (1_300, 2_500),
            "fitness": (800, 3_000),
        },
    )
    return {"facility_grade": draw.pick(("city", "district"), (1, 2)), "seats": seats, "field_area": fields}


def _funeral(draw: Draw) -> dict[str, Column]:
    places = np.array(draw.whole(300, 2_500))
    return {
        "facility_grade": draw.all("village"),
        "capacity": rounded(places, 0),
        "used": rounded(places * draw.uniform(0.2, 0.8), 0),
        "land_area": rounded(places * 6.0, 0),
        "floor_area": draw.between(80, 400, 0),
    }


def _transport(draw: Draw) -> dict[str, Column]:
    return {
        "daily_passengers": draw.ranged("facility_type", {"bus": (2_000, 12_000), "coach-station": (1_500, 8_000)}),
        "parking_spaces": draw.ranged(
            "facility_type", {"parking": (120, 600), "bus": (30, 90), "coach-station": (40, 160)}
        ),
    }


def _source(draw: Draw) -> dict[str, Column]:
    return {
        "source_grade": draw.pick(("2", "3", "4", "none"), (1, 3, 4, 2)),
        "quantity": draw.between(20, 900, 0),
        "safety_distance": draw.all(500.0),
    }


def _chemicals(draw: Draw) -> dict[str, Column]:
    return {
        "yearly_amount": draw.between(500, 80_000, 0),
        "safety_distance": draw.all(500.0),
        "major_hazard": draw.pick(("2", "3", "4", "none"), (1, 3, 4, 2)),
        "land_area": draw.between(15_000, 120_000, 0),
    }


RULES: dict[str, Rule] = {
    "plan-water-supply-point": _capacity({"works": (30_000, 150_000), "source": (20_000, 80_000), "pump": (5e3, 4e4)}),
    "plan-drainage-point": _capacity(
        {
            "sewage-works": (20_000, 100_000),
            "reclaimed": (1e4, 5e4),
            "sewage-pump": (5e3, 3e4),
            "storm-pump": (2e4, 2e5),
        }
    ),
    "plan-sanitation-point": _capacity({"transfer": (60, 300), "food-waste": (50, 200), "toilet": (1, 2)}),
    "plan-power-point": _power,
    "plan-telecom-point": _telecom,
    "plan-gas-point": _gas,
    "plan-heating-point": _heating,
    "plan-disaster-prevention-point": _safety,
    "plan-infrastructure": _infrastructure,
    "plan-public-service": _service,
    "plan-key-project": _project,
    "current-education-facility": _school,
    "current-medical-facility": _medical,
    "current-welfare-facility": _welfare,
    "current-culture-facility": _culture,
    "current-sports-facility": _sports,
    "current-funeral-facility": _funeral,
    "current-transport-facility": _transport,
    "current-hazard-source": _source,
    "current-hazardous-chemical-enterprise": _chemicals,
}
