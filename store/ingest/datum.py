"""Datum shifts to CGCS2000: only by the parameters that the node's operator has entered, named in every report."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config.errors import DefinitionError, Fault
from store.ingest.zones import BEIJING54, DATUMS, XIAN80

ELLIPSOIDS = {XIAN80.id: "+a=6378140 +rf=298.257", BEIJING54.id: "+ellps=krass"}
CGCS2000_ELLIPSOID = "+a=6378137 +rf=298.257222101"
PARAMETERS = ("dx", "dy", "dz", "rx", "ry", "rz", "scale")
CONVENTIONS = ("coordinate_frame", "position_vector")
KEYS = frozenset({"name", "parameters", "convention", "pipeline"})


@dataclass(frozen=True)
class DatumShift:
    """From a datum's longitude and latitude to CGCS2000's, in degrees.

    Either `pipeline`, a PROJ pipeline that takes and gives longitude, latitude in degrees, or seven `parameters`: dx,
    dy, dz in metres, rx, ry, rz in seconds of arc, scale in ppm, under a sign convention of the rotations
    (`coordinate_frame`, as most Chinese sources print them, or `position_vector`). `name` says where they come from.
    """

    datum: str
    name: str
    pipeline: str

    @cached_property
    def _transformer(self) -> Any:
        from pyproj import Transformer

        return Transformer.from_pipeline(self.pipeline)

    def apply(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        x, y = self._transformer.transform(lon, lat)
        return np.asarray(x), np.asarray(y)

    def describe(self) -> str:
        return f"{self.name}: {self.pipeline}" if self.name else self.pipeline


def read_shifts(settings: Mapping[str, Any]) -> dict[str, DatumShift]:
    """The `datums:` block of a node's settings: datum id (xian80, beijing54) to its shift.

    Raises:
        DefinitionError: an unknown datum or key, a parameter missing, or a pipeline that PROJ refuses.
    """
    return {datum: _read(datum, entry) for datum, entry in settings.items()}


def _read(datum: str, entry: Any) -> DatumShift:
    from pyproj.exceptions import ProjError

    where = f"datums.{datum}"
    if datum not in ELLIPSOIDS:
        raise _wrong(where, "no such datum", f"use one of {', '.join(ELLIPSOIDS)}")
    if not isinstance(entry, Mapping) or set(entry) - KEYS:
        raise _wrong(where, "unknown keys", f"use {', '.join(sorted(KEYS))}")
    if ("pipeline" in entry) == ("parameters" in entry):
        raise _wrong(where, "needs either pipeline or parameters", "give exactly one of them")
    pipeline = str(entry["pipeline"]) if "pipeline" in entry else _helmert(where, datum, entry)
    shift = DatumShift(datum, str(entry.get("name", "")), pipeline)
    try:
        shift.apply(np.array([115.0]), np.array([38.0]))
    except ProjError as error:
        raise _wrong(where, f"PROJ refuses the pipeline: {error}", "correct it") from error
    return shift


def _helmert(where: str, datum: str, entry: Mapping[str, Any]) -> str:
    parameters, convention = entry["parameters"], entry.get("convention", "coordinate_frame")
    if convention not in CONVENTIONS:
        raise _wrong(where, f"convention {convention!r}", f"use {' or '.join(CONVENTIONS)}")
    if not isinstance(parameters, Mapping) or set(parameters) != set(PARAMETERS):
        raise _wrong(where, "parameters are incomplete", f"give {', '.join(PARAMETERS)}")
    if not all(isinstance(value, int | float) for value in parameters.values()):
        raise _wrong(where, "a parameter is not a number", "metres, seconds of arc, ppm")
    dx, dy, dz, rx, ry, rz, scale = (parameters[name] for name in PARAMETERS)
    return (
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad"
        f" +step +proj=cart {ELLIPSOIDS[datum]}"
        f" +step +proj=helmert +x={dx} +y={dy} +z={dz} +rx={rx} +ry={ry} +rz={rz} +s={scale} +convention={convention}"
        f" +step +inv +proj=cart {CGCS2000_ELLIPSOID}"
        " +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )


def _wrong(where: str, what: str, remedy: str) -> DefinitionError:
    return DefinitionError("The datum parameters of the node's settings are wrong.", Fault(where, what, remedy))


def title(datum: str) -> str:
    """Both names of a datum, for reports."""
    return f"{DATUMS[datum].zh} ({DATUMS[datum].en})" if datum in DATUMS else datum
