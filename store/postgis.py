"""Places on PostGIS: how they are bound, and when a plan made for the very values pays.

A prepared plan does not know how much a box holds and always takes the spatial index: right for the small boxes of a
map, at half the cost; wrong for one that holds most of a layer, where the first rows in order are found sooner.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Any

from store.columns import placed_box
from store.interface import LayerState
from store.places import share
from store.question import Question
from store.select import Place, Shape

MARGIN = 1e-4  # degrees: several times what rounding a box to 32 bits can move it
FEW = 20_000  # features in a box up to which the spatial index is surely right


def bind(asked: Question, state: LayerState | None) -> tuple[Shape, dict[str, Any]]:
    """The shape and values of a question with its regions. `state` is the layer's as last seen, for an estimate."""
    if not asked.regions:
        return asked.shape, asked.values
    replan = state is None or state.count * sum(share(region, state.extent) for region in asked.regions) > FEW
    region = asked.regions[0]
    west, south, east, north = region.bounds
    bound = asked.values.copy()
    if len(asked.regions) > 1 or not region.rectangle or min(east - west, north - south) <= 4 * MARGIN:
        bound |= {f"region{number}": one.placed for number, one in enumerate(asked.regions)}
        return _placed(asked.shape, Place.ONE if len(asked.regions) == 1 else Place.TWO, replan), bound
    shape = _placed(asked.shape, Place.BOX, replan)
    bound["box"] = placed_box(west, south, east, north)
    if not shape.in_order:
        bound["inner"] = placed_box(west + MARGIN, south + MARGIN, east - MARGIN, north - MARGIN)
    return shape, bound


@lru_cache(maxsize=1024)
def _placed(shape: Shape, place: Place, replan: bool) -> Shape:
    return replace(shape, place=place, replan=replan)
