"""Which source column gives which attribute: by a mapping file, else by name.

A mapping file (YAML): `columns` (source column: attribute), `constants` (attribute: value), `values` (attribute:
{source value: value}), `factors` (attribute: number to multiply with), `ignore` (source columns), and what may also be
said on the command line: `source-layer`, `encoding`, `crs`, `datum`, `swap-xy`, `geometry` (columns of a table).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from config.errors import DefinitionError, Fault
from config.layers import Attribute, Layer

KEYS = {
    "columns", "constants", "values", "factors", "ignore", "source-layer", "encoding", "crs", "datum", "swap-xy",
    "geometry",
}  # fmt: skip
NOISE = frozenset({
    "fid", "objectid", "oid", "ogc_fid", "gid", "fid_1", "objectid_1", "shape_leng", "shape_length", "shape_area",
    "shape__area", "shape__length", "shape_len", "valid_from", "valid_to", "globalid", "version", "bbox",
    # what KML says of every placemark
    "timestamp", "begin", "end", "altitudemode", "tessellate", "extrude", "visibility", "draworder", "icon", "snippet",
    # what DXF says of every entity
    "layer", "paperspace", "subclasses", "linetype", "entityhandle", "text",
    # what a coordinate list says of every plot
    "jzds", "jltxsx", "tfh",
})  # fmt: skip
"""Columns that programs write of themselves: not loaded, and not worth a warning."""

DAYS = ("valid_from", "valid_to")
"""Days of validity of each row, taken only where the mapping file names them: half-open, empty is open."""

VARIANTS: Mapping[str, tuple[str, ...]] = {
    "identifier": ("标识码", "BSM", "TBBH", "编号", "GUID"),
    "name": ("名称", "MC", "DKMC"),
    "division_code": ("行政区代码", "XZQDM", "XZQHDM", "adcode", "district_adcode", "ZLDWDM"),
    "division_name": ("行政区名称", "XZQMC", "district_name", "ZLDWMC"),
    "plot_number": ("地块编号", "DKBH"),
    "land_use_code": ("用途代码", "YDDM", "DLBM", "地类编码"),
    "land_use_name": ("用途名称", "YDMC", "DLMC", "DKYT", "地类名称"),
    "territorial_use_code": ("用地用海分类代码", "YDYHFLDM", "YDYHDM", "DLBM"),
    "area": ("面积", "MJ", "TBMJ", "YDMJ", "DKMJ", "shape_mj"),
    "remarks": ("备注", "BZ"),
    "approval_number": ("批准文号", "PZWH"),
    "approval_date": ("批准日期", "批准时间", "PZRQ", "PZSJ"),
}
"""Names in use beside an attribute's own name, code and title."""


@dataclass(frozen=True, slots=True)
class MappingFile:
    """A mapping file as read."""

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)
    ignore: frozenset[str] = frozenset()
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done with each column. `sources`: attribute to source column; `id_column`: source of the feature's id
    where the layer has no attribute for it; `days`: columns of each row's own validity; `unmapped`: columns nobody
    asked for; `missing`: required, not given."""

    sources: Mapping[str, str]
    constants: Mapping[str, Any]
    values: Mapping[str, Mapping[str, Any]]
    factors: Mapping[str, float]
    id_column: str | None
    days: Mapping[str, str]
    unmapped: tuple[str, ...]
    missing: tuple[str, ...]

    def summary(self) -> dict[str, Any]:
        return {
            "columns": {source: name for name, source in self.sources.items()},
            "constants": dict(self.constants),
            "translated": sorted(self.values),
            "factors": dict(self.factors),
            "id_column": self.id_column,
            "validity": dict(self.days),
            "unmapped": list(self.unmapped),
        }


def read_mapping(path: Path, layer: Layer) -> MappingFile:
    """Read a mapping file for `layer`.

    Raises:
        DefinitionError: no YAML mapping, an unknown key, or an attribute that the layer does not have.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DefinitionError("The mapping file cannot be read.", Fault(path.name, str(error))) from error
    if not isinstance(content, Mapping):
        raise DefinitionError("The mapping file is no mapping.", Fault(path.name, "must hold key: value lines"))
    faults = [Fault(path.name, f"unknown key {key!r}", f"use {', '.join(sorted(KEYS))}") for key in set(content) - KEYS]
    columns = _section(content, "columns", path.name, faults)
    constants = _section(content, "constants", path.name, faults)
    values = _section(content, "values", path.name, faults)
    factors = _section(content, "factors", path.name, faults)
    known = {one.name for one in layer.attributes} | {"id", *DAYS}
    strange = sorted({*map(str, columns.values()), *constants, *values, *factors} - known)
    remedy = f"use {', '.join(sorted(known))}"
    faults += [Fault(path.name, f"layer {layer.id} has no attribute {name!r}", remedy) for name in strange]
    faults += [Fault(path.name, f"factor of {key} is not a number") for key, one in factors.items() if not _number(one)]
    faults += [Fault(path.name, f"values of {key} must be a mapping") for key, one in values.items() if not _maps(one)]
    if faults:
        raise DefinitionError("The mapping file is wrong.", *faults)
    return MappingFile(
        columns={str(source): str(name) for source, name in columns.items()},
        constants=constants,
        values={name: {str(key): value for key, value in table.items()} for name, table in values.items()},
        factors=factors,
        ignore=frozenset(map(str, content.get("ignore") or ())),
        options={
            key: content[key] for key in content if key not in {"columns", "constants", "values", "factors", "ignore"}
        },
    )


def _section(content: Mapping[str, Any], key: str, where: str, faults: list[Fault]) -> Mapping[str, Any]:
    section = content.get(key) or {}
    if isinstance(section, Mapping):
        return section
    faults.append(Fault(where, f"{key} must hold key: value lines"))
    return {}


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _maps(value: Any) -> bool:
    return isinstance(value, Mapping)


def make_plan(layer: Layer, columns: Sequence[str], mapping: MappingFile) -> Plan:
    """The plan for a file with `columns`. What the mapping names comes first; the rest goes by name."""
    sources: dict[str, str] = {}
    taken = set(mapping.ignore)
    for source, name in mapping.columns.items():
        if source in columns:
            sources[name] = source
            taken.add(source)
    for names in (_own_names, _variants):
        for one in layer.attributes:
            if one.name not in sources and one.name not in mapping.constants:
                found = _by_name(names(one), [name for name in columns if name not in taken])
                if found is not None:
                    sources[one.name] = found
                    taken.add(found)
    id_column = sources.pop("id", None)
    days = {name: sources.pop(name) for name in DAYS if name in sources}
    if id_column is None and layer.id_attribute is None:
        id_column = next((name for name in columns if name.lower() == "id"), None)
    left = [name for name in columns if name not in taken and name != id_column and name.lower() not in NOISE | {"id"}]
    given = sources.keys() | mapping.constants.keys()
    absent = [source for source in mapping.columns if source not in columns]
    return Plan(
        sources=sources,
        constants={name: value for name, value in mapping.constants.items() if name != "id"},
        values=mapping.values,
        factors={**_unit_factors(layer, sources), **mapping.factors},
        id_column=id_column,
        days=days,
        unmapped=(*left, *(f"{name} (not in the file)" for name in absent)),
        missing=tuple(one.name for one in layer.attributes if one.required and one.name not in given),
    )


def _unit_factors(layer: Layer, sources: Mapping[str, str]) -> dict[str, float]:
    """The plot area of a coordinate list (DKMJ) is in hectares, whatever unit the layer's area has."""
    to = {"m2": 1e4, "har": 1.0, "km2": 0.01}
    return {
        name: to[one.unit]
        for name, source in sources.items()
        if source == "DKMJ" and (one := layer.attribute(name)) and one.code != "DKMJ" and one.unit in to
    }


def _own_names(attribute: Attribute) -> Sequence[str]:
    return (attribute.name, attribute.code, attribute.title.zh, attribute.title.en)


def _variants(attribute: Attribute) -> Sequence[str]:
    return VARIANTS.get(attribute.name, ())


def _by_name(wanted: Sequence[str], columns: Sequence[str]) -> str | None:
    """The column with one of the names; letter case, blanks and dashes do not count."""
    by_key = {_key(name): name for name in reversed(columns)}
    return next((by_key[_key(name)] for name in wanted if _key(name) in by_key), None)


def _key(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter not in " _-（）()")
