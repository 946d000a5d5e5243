"""Values that make sense for the feature they stand on: a park has no floor area ratio, a farm road no voltage.

Each rule knows one layer and gives whole columns; what a row says itself comes before it, what no rule gives is drawn
by `server.demo.fill` from type, unit and code list.
"""

from collections.abc import Mapping

from server.demo.sense import approvals, common, facilities, lines, networks, parcels, today
from server.demo.sense.draw import Column, Draw, Rule

RULES: Mapping[str, Rule] = {
    **approvals.RULES,
    **facilities.RULES,
    **lines.RULES,
    **networks.RULES,
    **parcels.RULES,
    **today.RULES,
}


def sensible(draw: Draw) -> dict[str, Column]:
    """Columns by attribute name, one value per row each; None says that the row has none."""
    columns = common.columns(draw)
    rule = RULES.get(draw.layer.id)
    if rule is not None:
        columns |= rule(draw)
    return columns
