"""The functions that filters know beside those of CQL2, as data: adding one means adding one entry.

`/functions` lists them; `store.filters.check` checks calls against them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from config.errors import ParameterError
from config.layers import Layer, Text
from store.filters import classes, measures
from store.filters.filter import Vocabulary


class Kind(StrEnum):
    """The type of a value, by the name that `/functions` gives it."""

    TEXT = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "datetime"
    GEOMETRY = "geometry"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument. `attribute`: it must be the name of an attribute, not a value."""

    name: str
    description: Text
    kinds: tuple[Kind, ...]
    attribute: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A call while it is checked: `arguments` are nodes and literals; `names` gathers the properties it rests on."""

    name: str
    layer: Layer
    vocabulary: Vocabulary
    arguments: Sequence[Any]
    refuse: Callable[[str, str], ParameterError]
    names: set[str]


@dataclass(frozen=True, slots=True)
class Function:
    """One function: what it is called, takes and returns, and how it is answered.

    Either `expand` gives the node that a call stands for, in nodes that every evaluator knows. Or it measures the
    feature's geometry: `measure` computes it of a shapely geometry, `postgis` makes its SQL from the geometry column.
    """

    name: str
    description: Text
    arguments: tuple[Argument, ...]
    returns: Kind
    expand: Callable[[Call], Any] | None = None
    measure: Callable[[Any], float] | None = None
    postgis: Callable[[Any], Any] | None = None


_GEOMETRY = Argument(
    "geometry",
    Text("要素的几何，可以省略", "The feature's geometry; may be left out"),
    (Kind.GEOMETRY,),
    attribute=True,
    optional=True,
)

_ENTRIES = (
    Function(
        "area",
        Text("几何在 CGCS2000 椭球面上的面积（平方米）", "The area of the geometry on the CGCS2000 ellipsoid, in m²"),
        (_GEOMETRY,),
        Kind.NUMBER,
        measure=measures.area,
        postgis=measures.on_ellipsoid("ST_Area"),
    ),
    Function(
        "length",
        Text("线在 CGCS2000 椭球面上的长度（米）", "The length of lines on the CGCS2000 ellipsoid, in m"),
        (_GEOMETRY,),
        Kind.NUMBER,
        measure=measures.length,
        postgis=measures.on_ellipsoid("ST_Length"),
    ),
    Function(
        "perimeter",
        Text("面的边界在 CGCS2000 椭球面上的长度（米）", "The length of the borders of polygons, in m"),
        (_GEOMETRY,),
        Kind.NUMBER,
        measure=measures.perimeter,
        postgis=measures.on_ellipsoid("ST_Perimeter"),
    ),
    Function(
        "within_division",
        Text(
            "要素的行政区划代码是否为该行政区或其下级，包括同一地方的其他代码和旧代码",
            "Whether the feature's division is this one or lies below it, by any code that the place has or had",
        ),
        (Argument("code", Text("行政区划代码", "Code of the division"), (Kind.TEXT,)),),
        Kind.BOOLEAN,
        expand=classes.within_division,
    ),
    Function(
        "in_class",
        Text("属性的代码是否为该类或其下级类", "Whether an attribute's code is this class or one below it in its list"),
        (
            Argument(
                "attribute", Text("有代码表的属性", "An attribute with a code list"), (Kind.TEXT,), attribute=True
            ),
            Argument("code", Text("该代码表中的代码", "A code of that list"), (Kind.TEXT,)),
        ),
        Kind.BOOLEAN,
        expand=classes.in_class,
    ),
)

FUNCTIONS: Mapping[str, Function] = {one.name: one for one in _ENTRIES}
