"""What of a layer goes into a tile, by its `tiles` section and by zoom.

Without a section: the attribute that gives the colour and the one with the role `type` from zoom 0, names and labels
from 10, what is indexed from 12. Every feature carries its integer key as id, and its own id as the property `id`.
"""

from dataclasses import dataclass

from config.layers import Attribute, Layer, Role, Small
from tiles.grid import EXTENT

NAMES_FROM = 10
DETAILS_FROM = 12
MOST_FEATURES = 20_000
"""Features of one layer in one tile. Of more, the smallest go first: least area, then length, then highest key."""
MOST_BYTES = 4_000_000
"""Bytes of one layer in one tile, before compression. Beyond: first attributes go, then the smallest features."""
_PIXELS = 256
_NEVER = 99


@dataclass(frozen=True, slots=True)
class Content:
    """What a layer gives to tiles of one zoom. `least` is in units of the tile, 0 for no rule."""

    layer: Layer
    attributes: tuple[Attribute, ...]
    buffer: int
    least: float
    keep: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The attributes' names."""
        return tuple(one.name for one in self.attributes)

    def plain(self) -> "Content":
        """The same with the attribute that gives the colour alone: what a tile that is too large begins with."""
        wanted = {self.layer.style.get("by")}
        kept = tuple(one for one in self.attributes if one.name in wanted or one.role is Role.TYPE)
        return Content(self.layer, kept, self.buffer, self.least, self.keep)


def content(layer: Layer, zoom: int) -> Content | None:
    """What a layer gives to tiles of a zoom; None below its first."""
    rules = layer.tiles
    if zoom < rules.first:
        return None
    chosen = tuple(one for one in layer.attributes if _from(layer, one) <= zoom)
    return Content(layer, chosen, rules.buffer, rules.least * EXTENT / _PIXELS, rules.small is Small.KEEP)


def attributes(layer: Layer) -> dict[str, int]:
    """Every attribute that some tile carries, and the zoom from which."""
    known = {one.name: _from(layer, one) for one in layer.attributes}
    return {name: zoom for name, zoom in known.items() if zoom < _NEVER}


def _from(layer: Layer, one: Attribute) -> int:
    """The zoom from which tiles carry an attribute."""
    given = layer.tiles.attributes
    if given is not None:
        return given.get(one.name, _NEVER)
    style = layer.style
    if one.role is Role.ID:
        return _NEVER  # the property `id` says the same
    if one.name == style.get("by") or one.role is Role.TYPE:
        return 0
    if one.name == style.get("label") or one.role is Role.TITLE:
        return NAMES_FROM
    return DETAILS_FROM if one.indexed else _NEVER
