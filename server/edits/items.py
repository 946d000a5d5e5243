"""Features Part 4 (20-002r1, draft): create, replace, update and delete one feature.

Every write is a new version, a deletion a tombstone; the author is the writer's name. What a PUT or PATCH leaves as it
was makes no version.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

from config.errors import BodyError, ConflictError, GoneError, NotFoundError, PreconditionError
from config.layers import Layer
from server.edits import door
from server.edits.door import FEATURE_TYPES, PATCH_TYPES, Conditions
from server.edits.incoming import Checked, check, feature, parse
from server.features.item import Shown, last_modified, show
from server.features.post import QUERIES
from server.features.post import post_items as query_items
from server.http.answer import Answer, Header
from server.http.call import Call
from server.http.errors import HttpError
from store.criteria import Criteria, Edit, Operation
from store.crs import Crs
from store.interface import Written


class _Spelt(bytes):
    """A header's name that keeps its capitals: uvicorn makes small letters of all others."""

    def lower(self) -> bytes:
        return self


_LOCATION = _Spelt(b"Location")
"""As the QGIS of today's long-term release spells it: it compares by case, and holds a created feature for refused."""

_OPERATIONS = {"PUT": Operation.REPLACE, "PATCH": Operation.UPDATE}


@dataclass(frozen=True, slots=True)
class Order:
    """One edit as its request puts it."""

    layer: Layer
    author: str
    conditions: Conditions
    valid_from: date | None
    crs: Crs
    id: str | None = None


async def post_items(call: Call) -> Answer:
    """POST on items: a feature to be created, or a query; what it is, the media type of its body says."""
    given = door.media_type(call)
    if given in QUERIES:
        return await query_items(call)
    door.media(call, FEATURE_TYPES, (*FEATURE_TYPES, *QUERIES))
    return await create_item(call)


async def create_item(call: Call) -> Answer:
    """POST on items: 201 and Location (/req/create-replace-delete/post-op, post-response, post-response-rid)."""
    layer, writer = door.enter(call)
    order = Order(layer, writer.name, Conditions(), door.day(call), door.crs(call))
    return await _write(call, _create, order, await call.body())


async def change_item(call: Call) -> Answer:
    """PUT and PATCH of a feature (/req/create-replace-delete/put-op, /req/update/update-patch-op)."""
    layer, writer = door.enter(call)
    door.media(call, PATCH_TYPES if call.method == "PATCH" else FEATURE_TYPES)
    id = call.segments[3]
    order = Order(layer, writer.name, door.conditions(call, layer), door.day(call), door.crs(call), id)
    return await _write(call, _change, order, await call.body())


async def delete_item(call: Call) -> Answer:
    """DELETE of a feature: it is not there from the day on, its versions are (/req/create-replace-delete/delete-op)."""
    layer, writer = door.enter(call)
    id = call.segments[3]
    order = Order(layer, writer.name, door.conditions(call, layer), door.day(call), door.crs(call), id)
    return await _write(call, _delete, order, b"")


async def _write(call: Call, work: Callable[[Call, Order, bytes], Answer], order: Order, body: bytes) -> Answer:
    try:
        return await call.run(work, call, order, body)
    finally:
        call.node.wrote()


def _create(call: Call, order: Order, body: bytes) -> Answer:
    given = feature(parse(body), order.crs)
    checked = check(given, order.layer, door.ground(call.node).rules(), order.valid_from or call.node.today(), None)
    return _answer(call, order, _store(call, order, _edit(order, Operation.CREATE, checked)), 201)


def _change(call: Call, order: Order, body: bytes) -> Answer:
    operation = _OPERATIONS[call.method]
    whole = operation is Operation.REPLACE
    given = feature(parse(body), order.crs, whole=whole)
    checked = check(given, order.layer, door.ground(call.node).rules(), order.valid_from or call.node.today(), order.id)
    if order.conditions.absent:
        return _put_new(call, order, checked, absent=True)
    try:
        written = _store(call, order, _edit(order, operation, checked))
    except GoneError:
        raise
    except NotFoundError:
        if not whole:
            raise
        return _put_new(call, order, checked)
    return _answer(call, order, written, 204)


def _put_new(call: Call, order: Order, checked: Checked, *, absent: bool = False) -> Answer:
    """A PUT of a feature that never was (/req/create-replace-delete/put-rid-exception, /per/put-create)."""
    id = str(order.id)
    if absent and _known(call, order.layer, id):
        raise PreconditionError(f"Layer '{order.layer.id}' has or had a feature '{id}'")
    if order.conditions.exists or order.conditions.unmodified_since is not None:
        raise door.missing(order.layer, id)
    if not door.takes_ids(order.layer):
        raise NotFoundError(f"Layer '{order.layer.id}' has no feature '{id}', and draws the ids of new ones itself")
    try:
        written = _store(call, order, _edit(order, Operation.CREATE, checked))
    except ConflictError as err:
        if absent:  # somebody else created it meanwhile
            raise PreconditionError(err.message, *err.faults) from err
        raise
    return _answer(call, order, written, 201)


def _known(call: Call, layer: Layer, id: str) -> bool:
    try:
        return bool(call.node.store.versions(layer.id, id))
    except NotFoundError:
        return False


def _delete(call: Call, order: Order, _body: bytes) -> Answer:
    _store(call, order, _edit(order, Operation.DELETE, None))
    return Answer(b"", "", 204, vary="")


def _edit(order: Order, operation: Operation, checked: Checked | None) -> Edit:
    held = order.conditions
    created = operation is Operation.CREATE
    return Edit(
        order.layer.id,
        operation,
        checked.id if checked is not None and created else order.id,
        None if checked is None else checked.wkb,
        keep_geometry=operation is Operation.UPDATE and not (checked is not None and checked.shaped),
        properties={} if checked is None else checked.properties,
        valid_from=order.valid_from,
        expected=None if created else held.expected,
        unmodified_since=None if created else held.unmodified_since,
    )


def _store(call: Call, order: Order, edit: Edit) -> Written:
    with unprocessable():
        (written,) = call.node.store.write([edit], order.author)
    return written


@contextmanager
def unprocessable() -> Iterator[None]:
    """What the store itself finds wrong with a feature is answered as what was found before: 422."""
    try:
        yield
    except BodyError as err:
        raise HttpError(422, err.message, *err.faults) from err


def _answer(call: Call, order: Order, written: Written, status: int) -> Answer:
    """The answer with entity tag and date of the state that holds now; with its text where that is preferred."""
    path = address(order.layer, written.id)
    shown, at = _state(call.at(path, collectionId=order.layer.id, featureId=written.id), order.layer, written)
    headers: list[Header] = [(_LOCATION, f"{call.base}{path}".encode())] if status == 201 else []
    if at is not None:
        headers.append(last_modified(at))
    tag = shown.tag if shown else f'"{written.present}"' if written.present else None
    preferred = preference(call)
    if preferred:
        headers.append((b"preference-applied", f"return={preferred}".encode()))
    if preferred != "representation" or shown is None:
        return Answer(b"", "", status, headers, tag, "no-cache", vary="Prefer")
    headers.append((b"content-location", f"{call.base}{path}".encode()))
    media = "application/geo+json"
    return Answer(shown.body, media, 201 if status == 201 else 200, headers, tag, "no-cache", vary="Prefer")


def _state(call: Call, layer: Layer, written: Written) -> tuple[Shown | None, datetime | None]:
    """The state that holds after a write, unless somebody else has written meanwhile: the caller has not seen that."""
    if written.text is not None:
        return show(call, layer, written.version, written.text), written.at
    try:
        item = call.node.store.item(layer.id, written.id, Criteria(scope=call.scope))
    except NotFoundError:
        return None, written.at
    if item.version != written.present:
        return None, written.at
    return show(call, layer, item.version, item.text), item.known_from


def address(layer: Layer, id: str) -> str:
    """The path of a feature, percent-encoded."""
    return f"/collections/{layer.id}/items/{quote(id, safe='')}"


def preference(call: Call, known: tuple[str, ...] = ("minimal", "representation")) -> str | None:
    """The `return` that the caller prefers, where it is one of `known`."""
    for part in (call.header(b"prefer") or "").split(","):
        name, _, value = part.partition(";")[0].strip().lower().partition("=")
        if name == "return" and value.strip('"') in known:
            return value.strip('"')
    return None
