"""Filters in CQL2 (OGC 21-065r2): read and checked here, answered by both stores alike.

The text is guarded, parsed by `cql2`, checked against the layer and kept as pygeofilter's tree; SQL is made of it once
for each shape, literals are always bound.
"""

from config.layers import Layer
from store.criteria import CRS84
from store.filters.filter import NO_VOCABULARY, Filter, Terms, Vocabulary
from store.filters.functions import FUNCTIONS, Argument, Function, Kind

__all__ = ["FUNCTIONS", "NO_VOCABULARY", "Argument", "Filter", "Function", "Kind", "Terms", "Vocabulary", "read"]


def read(  # noqa: PLR0913
    text: str | bytes,
    lang: str,
    layer: Layer,
    crs: str = CRS84,
    parameter: str = "filter",
    vocabulary: Vocabulary = NO_VOCABULARY,
) -> Filter:
    """The filter that a caller wrote, checked against a layer.

    Args:
        text: CQL2 text, or CQL2 JSON as text or bytes.
        lang: `cql2-text` or `cql2-json`.
        layer: whose properties it names.
        crs: the system of its coordinates, axes in the authority's order.
        parameter: whose value it is, for messages.
        vocabulary: code lists and divisions, for the functions that look them up.

    Raises:
        ParameterError: too large, not CQL2, unknown names, wrong types, impossible coordinates; names `parameter`.
    """
    from store.filters.reading import read_filter

    return read_filter(text, lang, layer, crs, parameter, vocabulary)
