"""One layer inside a transaction of edits: what its features are, what the edits make of them, and how it is written.

Edits see what earlier edits of the same transaction did. Rows reach the database once, at the end.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa

from config.errors import BodyError, ConflictError, Fault, GoneError, NotFoundError, PreconditionError, UnavailableError
from config.layers import Layer
from store import slices
from store.boundaries import Tally
from store.changes import Entry, Held, Published, union
from store.criteria import END_OF_TIME, OPEN_REVISION, Box, Edit, Operation
from store.engine import Database
from store.interface import Written
from store.prepare import Prepared, prepare
from store.rows import Reentry, Rows, Stored, next_version
from store.slices import Cut, Slice
from store.tables import VERSIONS, row_id


class AbandonedError(Exception):
    """Rows that a load left behind when it died are in the way: sweep them and try again."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """A state that this transaction makes."""

    content: Prepared
    slice: Slice
    text: str


def _fresh(content: Prepared, version: int, start: date, end: date) -> Fresh:
    return Fresh(content, Slice(version, start, end, content.digests[0]), content.texts([(start, end)])[0])


@dataclass(slots=True)
class Feature:
    """A feature under edit: its open states, stored or fresh, by version."""

    id: str
    fid: int
    version: int
    stored: dict[int, Stored] = field(default_factory=dict)
    fresh: dict[int, Fresh] = field(default_factory=dict)
    reentered: dict[int, Reentry] = field(default_factory=dict)
    boxes: dict[int, Box | None] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)

    @property
    def slices(self) -> list[Slice]:
        """Open states in order of days."""
        found = [one.slice for one in self.stored.values()] + [one.slice for one in self.fresh.values()]
        found += [
            Slice(one.version, one.valid_from, one.valid_to, one.source.digest) for one in self.reentered.values()
        ]
        return sorted(found, key=lambda one: one.valid_from)

    def next_version(self) -> int:
        """A version number never used before, whose row key is free."""
        self.version = next_version(self.version, self.taken)
        return self.version


class Draft:
    """The edits of one layer in one transaction; `held` is its locked state."""

    def __init__(self, connection: sa.Connection, database: Database, held: Held, author: str) -> None:
        if held.load_revision is not None and held.revision + 1 >= held.load_revision:
            raise UnavailableError(f"Layer '{held.layer}' takes no more edits until its bulk load is published")
        self.database = database
        self.held = held
        self.author = author
        self.revision = held.revision + 1
        self.today = database.today()
        self.at = held.instant(database.now())
        self.layer = database.layers[held.layer]
        self.rows = Rows(connection, database.tables[held.layer], held.hidden)
        self.features: dict[str, Feature] = {}
        self.entries: list[Entry] = []
        self.tally = Tally()
        self.next_fid = held.next_fid
        self.extent = held.extent
        self._removed: list[tuple[Feature, Box | None]] = []
        self._closed: list[int] = []

    def fetch(self, ids: Iterable[str]) -> None:
        """Read what the store holds of these features.

        Raises:
            UnavailableError: a bulk load under way replaces one of them. AbandonedError: a dead one did.
        """
        wanted = sorted(set(ids))
        current, past = self.rows.stored(wanted), self.rows.past(wanted)
        keys = []
        for id in wanted:
            rows, (fid, highest) = current.get(id, []), past.get(id, (0, 0))
            if not rows and not fid:
                continue
            if any(one.tx_from > self.held.revision or self.held.revision < one.tx_to < OPEN_REVISION for one in rows):
                self._refuse_pending(id)
            feature = Feature(id, rows[0].fid if rows else fid, max([highest, *(one.version for one in rows)]))
            feature.stored = {one.version: one for one in rows if one.tx_to == OPEN_REVISION}
            feature.taken = {one.version % VERSIONS for one in rows}
            keys += [one.row_id for one in feature.stored.values()]
            self.features[id] = feature
        self._contents = self.rows.contents(keys)
        for feature in self.features.values():
            for version, one in feature.stored.items():
                feature.boxes[version] = _box(self._contents[one.row_id].get("geom"))

    def _refuse_pending(self, id: str) -> None:
        if not self.held.loading(self.database.now()):
            raise AbandonedError
        raise UnavailableError(
            f"A bulk load of layer '{self.layer.id}' is replacing feature '{id}': try again when it is published"
        )

    def apply(self, edit: Edit, content: Prepared | None) -> Written:
        """One edit. `content` is the new state for CREATE and REPLACE.

        Raises: as `Store.write`.
        """
        if edit.operation is Operation.CREATE and content is not None:
            return self._create(edit, content)
        feature = self._feature(edit)
        start = self._start(edit, feature)
        self._check_expected(edit, feature, start)
        if edit.operation is Operation.DELETE:
            return self._delete(edit, feature, start)
        base = slices.valid_on(feature.slices, start)
        end = edit.valid_to or slices.end_of(feature.slices, start)
        self._check_alive(edit, feature, base, end)
        if content is None:
            content = self._merged(edit, feature, base, start)
        _check_days(edit, start, end)
        cut = slices.supersede(feature.slices, start, end, content.digests[0])
        if cut.empty:
            kept = base.version if base else 0
            return Written(
                self.layer.id, feature.id, feature.fid, kept, self.held.revision, False, self._holding(feature)
            )
        before = self._cut(feature, cut)
        version = self._add(feature, content, start, end)
        return self._noted(edit.operation, feature, version, before, content.box(0))

    def _create(self, edit: Edit, content: Prepared) -> Written:
        id = content.ids[0]
        known = self.features.get(id)
        if known is not None:
            alive = any(one.valid_to > self.today for one in known.slices)
            what = "is in use" if alive else "belonged to a feature that was deleted, and is never used again"
            raise ConflictError(f"The id '{id}' {what} in layer '{self.layer.id}': choose another")
        start, end = edit.valid_from or self.today, edit.valid_to or END_OF_TIME
        _check_days(edit, start, end)
        feature = self.features[id] = Feature(id, self.next_fid, 0)
        self.next_fid += 1
        return self._noted(edit.operation, feature, self._add(feature, content, start, end), None, content.box(0))

    def _delete(self, edit: Edit, feature: Feature, start: date) -> Written:
        end = edit.valid_to or END_OF_TIME
        _check_days(edit, start, end)
        cut = slices.retire(feature.slices, start, end)
        if cut.empty:
            raise GoneError(f"Feature '{feature.id}' of layer '{self.layer.id}' has no state from {start} on")
        before = self._cut(feature, cut)
        return self._noted(edit.operation, feature, max(cut.closed), before, None)

    def _feature(self, edit: Edit) -> Feature:
        feature = self.features.get(str(edit.id))
        if feature is None:
            raise NotFoundError(f"Layer '{self.layer.id}' has no feature '{edit.id}'")
        if not feature.slices:
            raise self._gone(feature)
        return feature

    def _gone(self, feature: Feature) -> GoneError:
        return GoneError(f"Feature '{feature.id}' of layer '{self.layer.id}' was deleted")

    def _start(self, edit: Edit, feature: Feature) -> date:
        """The day that an edit without one means: today, or the first of a feature that is still to begin."""
        if edit.valid_from is not None:
            return edit.valid_from
        open_slices = feature.slices
        if slices.valid_on(open_slices, self.today) is None:
            return next((one.valid_from for one in open_slices if one.valid_from > self.today), self.today)
        return self.today

    def _present(self, feature: Feature) -> Slice:
        """The state of today, else the next, else the last."""
        found = feature.slices
        return next((one for one in found if one.valid_to > self.today), found[-1])

    def _holding(self, feature: Feature) -> int | None:
        """The version that holds today, or else the next one that will."""
        return next((one.version for one in feature.slices if one.valid_to > self.today), None)

    def _check_expected(self, edit: Edit, feature: Feature, start: date) -> None:
        present = self._present(feature)
        name = f"Feature '{feature.id}' of layer '{self.layer.id}'"
        if edit.expected is not None:
            at_start = slices.valid_on(feature.slices, start) or present
            if edit.expected.isdisjoint((present.version, at_start.version)):
                seen = " or ".join(map(str, sorted(edit.expected))) or "one that this node gave out"
                raise PreconditionError(f"{name} is at version {present.version}, not {seen}: read it again")
        if edit.unmodified_since is not None:
            changed = self._known_from(feature, present.version).replace(microsecond=0)
            if changed > edit.unmodified_since:
                raise PreconditionError(f"{name} was changed at {changed.isoformat()}: read it again")

    def _known_from(self, feature: Feature, version: int) -> datetime:
        """When the node came to know an open state."""
        stored = feature.stored.get(version)
        return self.at if stored is None else self.rows.known_from(self.database.tables.node, stored.tx_from)

    def _check_alive(self, edit: Edit, feature: Feature, base: Slice | None, end: date) -> None:
        """A deleted feature's past may be corrected, but it does not come back."""
        last = max(one.valid_to for one in feature.slices)
        if last <= self.today and (base is None or end > last):
            raise self._gone(feature)
        if edit.operation is Operation.UPDATE and base is None:
            first = feature.slices[0].valid_from
            raise ConflictError(
                f"Feature '{feature.id}' has no state on {edit.valid_from} that could be updated: it begins on {first}"
            )

    def _merged(self, edit: Edit, feature: Feature, base: Slice | None, start: date) -> Prepared:
        """The state of `start` with the edit's changes."""
        if base is None:
            raise ConflictError(f"Feature '{feature.id}' has no state on {start}")
        wkb, properties = self._content(feature, base.version)
        if edit.operation is Operation.REPLACE:
            properties = {}
        shape = wkb if edit.keep_geometry else edit.geometry
        return single(self.layer, feature.id, shape, {**properties, **edit.properties})

    def _content(self, feature: Feature, version: int) -> tuple[bytes | None, dict[str, Any]]:
        if version in feature.fresh:
            content = feature.fresh[version].content
            return content.wkb[0], {name: column[0] for name, column in content.columns.items()}
        reentry = feature.reentered.get(version)
        source = reentry.source if reentry else feature.stored[version]
        row = self._contents[source.row_id]
        return row.get("geom"), {one.name: row[one.name] for one in self.layer.attributes}

    def _cut(self, feature: Feature, cut: Cut) -> Box | None:
        """Close what the cut closes and re-enter what remains; returns the box of what was closed."""
        before: Box | None = None
        closed = {one.version: one for one in feature.slices if one.version in cut.closed}
        for remnant in cut.remnants:
            version = feature.next_version()
            feature.boxes[version] = feature.boxes[remnant.version]
            days = remnant.valid_from, remnant.valid_to
            if remnant.version in feature.fresh:
                content = feature.fresh[remnant.version].content
                feature.fresh[version] = _fresh(content, version, *days)
            else:
                earlier = feature.reentered.get(remnant.version)
                source = earlier.source if earlier else feature.stored[remnant.version]
                feature.reentered[version] = Reentry(source, version, *days)
            self.tally.add(*days)
        for version, one in closed.items():
            before = union(before, feature.boxes[version])
            self.tally.add(one.valid_from, one.valid_to, -1)
            self._removed.append((feature, feature.boxes[version]))
            if version in feature.stored:
                self._closed.append(feature.stored.pop(version).row_id)
            feature.fresh.pop(version, None)
            feature.reentered.pop(version, None)
        return before

    def _add(self, feature: Feature, content: Prepared, start: date, end: date) -> int:
        version = feature.next_version()
        feature.fresh[version] = _fresh(content, version, start, end)
        feature.boxes[version] = content.box(0)
        self.tally.add(start, end)
        self.extent = union(self.extent, content.box(0))
        return version

    def _noted(
        self, operation: Operation, feature: Feature, version: int, before: Box | None, after: Box | None
    ) -> Written:
        self.entries.append(Entry(operation, feature.id, feature.fid, version, before, after))
        holding, made = self._holding(feature), feature.fresh.get(version)
        text = made.text if made is not None and holding == version else None
        return Written(self.layer.id, feature.id, feature.fid, version, self.revision, True, holding, text, self.at)

    @property
    def loosened(self) -> bool:
        """Whether the extent may be too large now: a box at its edge is gone, and its feature does not reach there."""
        for feature, box in self._removed:
            if box is None or self.held.extent is None or not touches(box, self.held.extent):
                continue
            kept: Box | None = None
            for one in feature.slices:
                kept = union(kept, feature.boxes[one.version])
            if union(kept, box) != kept:
                return True
        return False

    def flush(self) -> Published | None:
        """Write the rows; what there is to publish, None if nothing changed."""
        if not self.entries:
            return None
        made = [(feature, one) for feature in self.features.values() for one in feature.fresh.values()]
        self.rows.insert(
            [self._row(feature, one) for feature, one in made],
            [feature.boxes[one.slice.version] for feature, one in made],
        )
        reentered = [one for feature in self.features.values() for one in feature.reentered.values()]
        self.rows.reenter(reentered, self.revision, self.author)
        self.rows.move(self._closed, self.revision)
        return Published(self.revision, self.next_fid, self.entries, self.tally, self.extent, self.author, at=self.at)

    def _row(self, feature: Feature, made: Fresh) -> Mapping[str, Any]:
        content, days = made.content, made.slice
        row = {one.name: None for one in self.layer.attributes}
        row |= {name: column[0] for name, column in content.columns.items()}
        if self.layer.geometry is not None:
            row["geom"] = content.wkb[0]
        return row | {
            "row_id": row_id(feature.fid, days.version),
            "fid": feature.fid,
            "id": feature.id,
            "version": days.version,
            "valid_from": days.valid_from,
            "valid_to": days.valid_to,
            "tx_from": self.revision,
            "tx_to": OPEN_REVISION,
            "digest": days.digest,
            "author": self.author,
            "json": made.text,
        }


def single(layer: Layer, id: str | None, wkb: bytes | None, properties: Mapping[str, Any]) -> Prepared:
    """One feature, checked and normalised."""
    shape = np.empty(1, dtype=object)
    shape[0] = wkb
    return prepare(layer, [id], shape, {name: [value] for name, value in properties.items()})


def touches(box: Box, extent: Box) -> bool:
    """Whether a box reaches an edge of an extent, so that taking it away may shrink it."""
    return box.west <= extent.west or box.south <= extent.south or box.east >= extent.east or box.north >= extent.north


def _box(wkb: bytes | None) -> Box | None:
    return None if wkb is None else Box(*shapely.bounds(shapely.from_wkb(wkb)).tolist())


def _check_days(edit: Edit, start: date, end: date) -> None:
    if start >= end:
        fault = Fault("valid_to", f"{end} is not after {start}", "validity is [valid_from, valid_to)")
        raise BodyError(f"Layer '{edit.layer}': a state that holds on no day", fault)
