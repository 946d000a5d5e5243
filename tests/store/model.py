"""A plain model of edits: what features there are, on which days, in which version. No database, no shared code.

A state is (start, end, version, content), days half-open. The model repeats what the documentation says of edits, so
that random edits of a store can be held against it.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date

from store.criteria import END_OF_TIME, Edit, Operation

type State = tuple[date, date, int, tuple[str, float]]


class RefusedError(Exception):
    """The kind of refusal that the store must answer with."""


@dataclass
class Feature:
    version: int = 0
    states: list[State] = field(default_factory=list)

    def on(self, day: date) -> State | None:
        return next((one for one in self.states if one[0] <= day < one[1]), None)


@dataclass
class Model:
    """One node's layers. `today` is the day of every edit."""

    today: date
    layers: dict[str, dict[str, Feature]] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)

    def write(self, edits: list[Edit]) -> None:
        """All of the edits or none.

        Raises:
            RefusedError: by the name of the store's error.
        """
        layers, changed, revisions = deepcopy(self.layers), dict(self.changed), dict(self.revisions)
        touched = set()
        for edit in edits:
            if self._apply(layers.setdefault(edit.layer, {}), edit):
                changed[edit.layer] = changed.get(edit.layer, 0) + 1
                touched.add(edit.layer)
        for layer, features in layers.items():
            before = self.layers.get(layer, {})
            for id in [id for id, one in features.items() if not one.states and id not in before]:
                del features[id]  # made and deleted in one transaction: it never was
        for layer in touched:
            revisions[layer] = revisions.get(layer, 0) + 1
        self.layers, self.changed, self.revisions = layers, changed, revisions

    def _apply(self, features: dict[str, Feature], edit: Edit) -> bool:
        id = str(edit.id)
        known = features.get(id)
        if edit.operation is Operation.CREATE:
            if known is not None:
                raise RefusedError("ConflictError")
            features[id] = Feature(1, [(edit.valid_from or self.today, END_OF_TIME, 1, content(edit))])
            return True
        if known is None:
            raise RefusedError("NotFoundError")
        if not known.states:
            raise RefusedError("GoneError")
        start = edit.valid_from or self._default_start(known)
        self._check_expected(known, edit, start)
        if edit.operation is Operation.DELETE:
            return self._cut(known, start, END_OF_TIME, None)
        return self._set(known, edit, start)

    def _default_start(self, feature: Feature) -> date:
        if feature.on(self.today) is None:
            return next((one[0] for one in feature.states if one[0] > self.today), self.today)
        return self.today

    def _check_expected(self, feature: Feature, edit: Edit, start: date) -> None:
        if edit.expected is None:
            return
        at_start = feature.on(start)
        present = next((one for one in feature.states if one[1] > self.today), feature.states[-1])
        if not edit.expected & {present[2], (at_start or present)[2]}:
            raise RefusedError("PreconditionError")

    def _set(self, feature: Feature, edit: Edit, start: date) -> bool:
        base, last = feature.on(start), max(one[1] for one in feature.states)
        ends = [one[1] if one[0] <= start else one[0] for one in feature.states if one[1] > start]
        end = min(ends, default=END_OF_TIME)
        if last <= self.today and (base is None or end > last):
            raise RefusedError("GoneError")
        if edit.operation is Operation.UPDATE and base is None:
            raise RefusedError("ConflictError")
        name, area = content(edit)
        if edit.operation is Operation.UPDATE and base is not None:
            area = base[3][1]
        return self._cut(feature, start, end, (name, area))

    def _cut(self, feature: Feature, start: date, end: date, new: tuple[str, float] | None) -> bool:
        """Let `new` hold over the days (None: nothing); whether that changes anything."""
        met = [one for one in feature.states if one[0] < end and one[1] > start]
        if new is None and not met:
            raise RefusedError("GoneError")
        if new is not None and len(met) == 1 and met[0][0] <= start and end <= met[0][1] and met[0][3] == new:
            return False
        kept = [one for one in feature.states if one not in met]
        for first, last, _, what in met:
            for a, b in ((first, min(last, start)), (max(first, end), last)):
                if a < b:
                    feature.version += 1
                    kept.append((a, b, feature.version, what))
        if new is not None:
            feature.version += 1
            kept.append((start, end, feature.version, new))
        feature.states = sorted(kept)
        return True


def content(edit: Edit) -> tuple[str, float]:
    """What the model knows of a feature: its name, and its area, which updates leave alone."""
    return edit.properties.get("name", ""), edit.properties.get("area", 0.0)
