"""Edits: several features of several layers in one transaction with revision, change log and outbox, or nothing."""

from collections.abc import Mapping, Sequence

from config.errors import BodyError, DuoguiError, Fault, NotFoundError, UnavailableError
from config.layers import Layer
from store import changes, compiled, extent, sweep
from store.criteria import Edit, Operation
from store.draft import AbandonedError, Draft, single
from store.engine import Database
from store.interface import Written
from store.prepare import Prepared

EDITS = frozenset({Operation.CREATE, Operation.REPLACE, Operation.UPDATE, Operation.DELETE})


def write(database: Database, edits: Sequence[Edit], author: str) -> list[Written]:
    """All edits in one durable transaction, or none; see `Store.write`.

    `valid_to` None: a new feature is valid without end; a state that replaces another holds as long as that one
    would have; a deletion is for good. `valid_from` None: today, or the first day of a feature that is to begin later.

    Raises:
        BodyError: an edit that does not fit its layer. NotFoundError, GoneError, ConflictError, PreconditionError:
        see `Store.write`. UnavailableError: busy, or a bulk load replaces one of the features.
    """
    contents = [_content(database.layers, edit) for edit in edits]
    for attempt in range(2):
        try:
            return _transaction(database, edits, contents, author)
        except AbandonedError:
            if attempt == 0:
                for layer in sorted({edit.layer for edit in edits}):
                    sweep.sweep(database, layer)
    raise UnavailableError("What an interrupted bulk load left behind is in the way: try again")


def _content(layers: Mapping[str, Layer], edit: Edit) -> Prepared | None:
    """The new state of a CREATE or REPLACE, ready; what is wrong with it is found before the store is locked."""
    layer = layers.get(edit.layer)
    if layer is None:
        raise NotFoundError(f"The store holds no layer '{edit.layer}'")
    if edit.operation not in EDITS:
        raise BodyError(
            f"'{edit.operation}' is not an edit", Fault("operation", "is not create, replace, update or delete")
        )
    if edit.operation is not Operation.CREATE and not edit.id:
        raise BodyError(f"An edit of layer '{edit.layer}' names no feature", Fault("id", "is missing"))
    if edit.operation is Operation.CREATE or (edit.operation is Operation.REPLACE and not edit.keep_geometry):
        return single(layer, edit.id, edit.geometry, edit.properties)
    return None


def _transaction(
    database: Database, edits: Sequence[Edit], contents: Sequence[Prepared | None], author: str
) -> list[Written]:
    with database.guard(), database.writer.begin() as connection, compiled.together(connection):
        held = changes.hold(connection, database, [edit.layer for edit in edits])
        drafts = {layer: Draft(connection, database, one, author) for layer, one in held.items()}
        ids: dict[str, list[str]] = {layer: [] for layer in drafts}
        for edit, content in zip(edits, contents, strict=True):
            ids[edit.layer].append(content.ids[0] if content else str(edit.id))
        for layer, draft in drafts.items():
            draft.fetch(ids[layer])
        written = []
        for place, (edit, content) in enumerate(zip(edits, contents, strict=True)):
            try:
                written.append(drafts[edit.layer].apply(edit, content))
            except DuoguiError as error:
                error.edit = place
                raise
        for layer, draft in drafts.items():
            done = draft.flush()
            if done is not None:
                changes.publish(connection, database, held[layer], done)
    for layer, draft in drafts.items():
        if draft.loosened:
            extent.tighten(database, layer)
    return written
