"""The register of plans: every plan that some feature names, and above it those of the city and the province."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from config.layers import Layer, Level
from server.demo.places import city_of
from server.demo.world import Rows

REGISTER = "plan-document"
_LEVELS = {2: ("provincial", Level.PROVINCE), 4: ("city", Level.CITY)}
_PROVINCES = {"13": "河北省", "37": "山东省"}


def plan_of(layer: Layer, id: str) -> str:
    """The plan that lays a feature down: one of each layer in each county, by the county's code."""
    return f"{id[:6]}{layer.order:09d}"


@dataclass(slots=True)
class Register:
    """Gathers the plans while the planning layers are finished. `divisions` are the codes that have a feature."""

    divisions: frozenset[str]
    plans: dict[str, dict[str, Any]] = field(default_factory=dict)

    def note(self, layer: Layer, subject: str, columns: Mapping[str, NDArray[Any]]) -> None:
        """The plans of finished rows; what is said of one plan is the same in all its rows."""
        for k, plan in enumerate(columns["plan"].tolist()):
            if plan in self.plans:
                continue
            said = {name: columns[name][k] for name in ("plan_name", "plan_type", "approval_number") if name in columns}
            if "approval_date" in columns:
                said["approval_date"] = columns["approval_date"].astype(object)[k]
            self.plans[plan] = {"plan_type": "integrated", **said, "plan_level": "county", "division_code": plan[:6]}
            self.plans[plan]["superior"] = self._superior(layer, subject, plan, said.get("plan_type", "integrated"))

    def _superior(self, layer: Layer, subject: str, plan: str, kind: str) -> str | None:
        """The nearest plan above, entered with those above it; none where the division has no feature."""
        above = None
        for digits, (level, needed) in _LEVELS.items():
            code = plan[:digits].ljust(6, "0")
            id = f"{code}{plan[6:]}"
            if needed not in layer.levels or code not in self.divisions or id == plan:
                continue
            place = _PROVINCES[plan[:2]] if level == "provincial" else city_of(plan)[0]
            made = {"plan_name": f"{place}{subject}（模拟）", "plan_type": kind, "plan_level": level}
            self.plans.setdefault(id, {**made, "division_code": code, "superior": above, "approval_number": None})
            above = id
        return above

    def rows(self, level: str | None = None) -> Rows:
        """The plans in order of their ids; of one level only, or all."""
        ids = sorted(id for id, plan in self.plans.items() if level in (None, plan["plan_level"]))
        return Rows(ids, [None] * len(ids), [self.plans[id] for id in ids])
