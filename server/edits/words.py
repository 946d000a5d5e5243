"""What the checks of uploads find, said to a program that sent one feature."""

from collections.abc import Mapping

from config.errors import Fault
from store.ingest.catalogue import KINDS
from store.ingest.problems import Problem, message, remedy

_REMEDIES: Mapping[str, str] = {
    "code-not-in-list": "Use a code of the list: /codelists/{list}",
    "coordinates-not-finite": "Check the coordinates, and the system that Content-Crs names",
    "crs-axes-swapped": "Send the axes in the order of the system of Content-Crs; without it longitude, latitude",
    "crs-prefix-missing": "Name the system without prefix in Content-Crs (here EPSG:{other}), or add the prefix",
    "crs-unit-contradiction": "Name the system that the coordinates are in, in Content-Crs",
    "crs-zone-contradiction": "Name the system that the coordinates are in, in Content-Crs",
    "geometry-missing": "Send a geometry",
    "geometry-wrong-type": "Send a {expected}",
    "outside-area": "Check the coordinates, and the system that Content-Crs names",
}
"""What to do where a file's load would advise otherwise."""


def fault(problem: Problem) -> Fault:
    """The finding with the name of its property, or of the geometry."""
    kind = KINDS[problem.code]
    where = problem.attribute or "geometry"
    if problem.code == "geometry-repaired":  # a file's load repairs it and says so; who sends one feature can mend it
        reason = str(problem.params["reason"])
        return Fault(where, f"The geometry is invalid: {reason}", "Send rings and lines that are valid")
    advice = _REMEDIES.get(problem.code)
    return Fault(
        where,
        message(kind, problem, "en"),
        remedy(kind, problem, "en") if advice is None else advice.format_map({**problem.params}),
    )
