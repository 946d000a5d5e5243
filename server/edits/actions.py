"""The actions of a transaction (Features Part 11, /req/json/transaction), taken apart, checked and made edits of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import orjson

from config.errors import BodyError, Fault, NotFoundError, ParameterError, TooLargeError
from config.layers import Layer
from config.settings import Writer
from server.access import require_writer
from server.edits import door
from server.edits.incoming import Given, check, feature
from server.http.call import Call
from server.http.conditional import versions_of
from server.http.errors import HttpError
from store.criteria import CRS84, Criteria, Edit, Operation
from store.crs import Crs, resolve
from store.filters import read as read_filter
from store.filters.guard import MOST_DEPTH
from store.ingest.single import Rules

MOST_EDITS = 1000
"""Features that one request may write: the store is locked while an atomic one is written."""
OPERATIONS = {
    "insert": Operation.CREATE,
    "replace": Operation.REPLACE,
    "update": Operation.UPDATE,
    "delete": Operation.DELETE,
}
_CHANGES = ("add", "modify", "delete")
"""What an update may say: pairs of name and value, or names."""
_REMEDY = "feature, or add, modify and delete"


@dataclass(frozen=True, slots=True)
class Order:
    """What holds for the whole request: its call, who, the system of coordinates, the day, the checks."""

    call: Call
    writer: Writer
    crs: Crs
    valid_from: date | None
    rules: Rules


@dataclass(frozen=True, slots=True)
class Action:
    """One action of the request; `where` is its place in the body."""

    where: str
    name: str
    layer: Layer
    body: Mapping[str, Any]
    valid_from: date | None
    expected: frozenset[int] | None

    @property
    def operation(self) -> Operation:
        return OPERATIONS[self.name]

    @property
    def ids(self) -> Any:
        """The ids that the action names itself; None where a filter chooses features."""
        given = self.body.get("filter")
        return given["ids"] if isinstance(given, Mapping) and set(given) == {"ids"} else None

    @property
    def named(self) -> int:
        """How many features the action names or brings itself."""
        listed = self.ids if self.operation is not Operation.CREATE else self.items
        return len(listed) if isinstance(listed, list) else 0

    @property
    def items(self) -> Any:
        """What the action inserts."""
        return self.body.get("items", self.body.get("item"))

    @property
    def filtered(self) -> bool:
        return self.operation is not Operation.CREATE and self.ids is None


def read_action(order: Order, where: str, body: Any) -> Action:
    """One action, whose collection the writer may edit.

    Raises:
        BodyError: malformed. NotFoundError, UnauthorizedError, AccessError: its collection. HttpError: 428.
    """
    name = body.get("action") if isinstance(body, Mapping) else None
    if not isinstance(name, str) or name not in OPERATIONS:
        raise malformed(f"{where}.action", "there is no such action", f"one of {', '.join(OPERATIONS)}")
    call, id, tags = order.call, body.get("collection"), body.get("if-match")
    layer = call.node.layer(id if isinstance(id, str) else "")
    if not layer.stored:
        raise NotFoundError(f"Collection '{layer.id}' holds no features")
    require_writer(order.writer, call.scope, layer)
    if tags is not None and not isinstance(tags, str):
        raise malformed(f"{where}.if-match", "it is no text", 'entity tags as in the header: "\\"7-1f0c9a2e\\""')
    if name != "insert":
        door.require_conditions(call, layer, given=tags is not None)
    day = body.get("mutation-datetime")
    valid_from = order.valid_from if day is None else door.moment(str(day), f"{where}.mutation-datetime", call)
    return Action(where, name, layer, body, valid_from, None if tags is None else versions_of(tags))


def edits_of(order: Order, actions: Sequence[Action], most: int) -> list[tuple[Action, Edit]]:
    """The edits of the actions.

    Raises:
        HttpError: 422, every fault of every action. TooLargeError: more than `most`.
    """
    found: list[tuple[Action, Edit]] = []
    faults: list[Fault] = []
    if sum(action.named for action in actions) > most:
        raise _too_large(most)
    for action in actions:
        try:
            for edit in _of_action(order, action):
                found.append((action, edit))
                if len(found) > most:
                    raise _too_large(most)
        except HttpError as error:
            if error.status != 422:
                raise
            faults += error.faults
    if faults:
        raise HttpError(422, "Features of the transaction do not fit their collections", *faults)
    return found


def _of_action(order: Order, action: Action) -> Iterator[Edit]:
    if action.operation is Operation.CREATE:
        yield from _inserts(order, action)
        return
    given = _change(order, action)
    for id, expected in _chosen(order.call, action):
        edit = Edit(action.layer.id, action.operation, id, valid_from=action.valid_from, expected=expected)
        if given is None:
            yield edit
            continue
        checked = _checked(order, action, given, id, f"{action.where}.properties")
        yield replace(
            edit, geometry=checked.geometry, keep_geometry=checked.keep_geometry, properties=checked.properties
        )


def _inserts(order: Order, action: Action) -> Iterator[Edit]:
    items = action.items
    if not isinstance(items, list) or not items:
        raise malformed(f"{action.where}.items", "it is no list of features", "a list of GeoJSON features")
    faults: list[Fault] = []
    for number, item in enumerate(items):
        where = f"{action.where}.items[{number}]"
        given = _feature(where, item, order)
        try:
            yield _checked(order, action, given, None, where)
        except HttpError as error:
            faults += error.faults
    if faults:
        raise HttpError(422, "Features do not fit their collection", *faults)


def _checked(order: Order, action: Action, given: Given, id: str | None, where: str) -> Edit:
    day = action.valid_from or order.call.node.today()
    try:
        checked = check(given, action.layer, order.rules, day, id)
    except HttpError as error:
        raise HttpError(error.status, error.message, *(_placed(where, one) for one in error.faults)) from error
    return Edit(
        action.layer.id,
        action.operation,
        checked.id if id is None else id,
        checked.wkb,
        keep_geometry=action.operation is Operation.UPDATE and not checked.shaped,
        properties=checked.properties,
        valid_from=action.valid_from,
    )


def _change(order: Order, action: Action) -> Given | None:
    """What a replacement or an update sets; None for a deletion."""
    if action.operation is Operation.DELETE:
        return None
    where, said = f"{action.where}.properties", action.body.get("properties")
    if not isinstance(said, Mapping):
        raise malformed(where, "it is no JSON object", _REMEDY)
    if action.operation is Operation.REPLACE:
        return _feature(f"{where}.feature", said.get("feature"), order)
    return feature(_patch(where, said), order.crs, whole=False)


def _patch(where: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """The merge patch that an update says as pairs and names."""
    strange = [name for name in said if name not in _CHANGES]
    if strange or not said:
        raise malformed(f"{where}.{strange[0][:60]}" if strange else where, "it says no change", _REMEDY)
    values: dict[str, Any] = {}
    for group in ("add", "modify"):
        for number, pair in enumerate(_list(said, group, where)):
            if not isinstance(pair, Mapping) or not isinstance(pair.get("name"), str) or "value" not in pair:
                raise malformed(f"{where}.{group}[{number}]", "it is no pair", '{"name": ..., "value": ...}')
            values[pair["name"]] = pair["value"]
    for number, name in enumerate(_list(said, "delete", where)):
        if not isinstance(name, str):
            raise malformed(f"{where}.delete[{number}]", "it is no text", "the name of a property")
        values[name] = None
    patch: dict[str, Any] = {"properties": {name: value for name, value in values.items() if name != "geometry"}}
    if "geometry" in values:
        patch["geometry"] = values["geometry"]
    return patch


def _feature(where: str, value: Any, order: Order) -> Given:
    if isinstance(value, Mapping) and "href" in value:
        raise malformed(where, "links are not followed", "send the feature itself")
    try:
        return feature(value, order.crs)
    except BodyError as error:
        raise BodyError(error.message, *(_placed(where, one) for one in error.faults)) from error


def _list(said: Mapping[str, Any], name: str, where: str) -> Sequence[Any]:
    found = said.get(name, [])
    if not isinstance(found, list):
        raise malformed(f"{where}.{name}", "it is no list", "a list")
    return found


def _chosen(call: Call, action: Action) -> list[tuple[str, frozenset[int] | None]]:
    """The features that an action is for: their ids, and the versions that they must have."""
    where, given = f"{action.where}.filter", action.body.get("filter")
    ids = action.ids
    if ids is not None:
        if not isinstance(ids, list) or not all(isinstance(one, str) and one for one in ids):
            raise malformed(f"{where}.ids", "it is no list of ids", '["..."]')
        return [(id, action.expected) for id in dict.fromkeys(ids)]
    if given is None:
        raise malformed(where, "it is missing", 'say which features: {"ids": [...]} or CQL2')
    language = action.body.get("filter-lang", "cql2-text" if isinstance(given, str) else "cql2-json")
    try:
        text = given if isinstance(given, str) else _as_json(given)
        if language not in ("cql2-text", "cql2-json"):
            raise ParameterError("filter-lang", f"'{str(language)[:40]}' is not offered", "cql2-text or cql2-json")
        named = action.body.get("filter-crs")
        system = CRS84 if named is None else resolve(str(named), "filter-crs").uri
        found = read_filter(text, language, action.layer, system, vocabulary=call.node.registry)
    except ParameterError as error:
        raise BodyError(error.message, *(_placed(action.where, one) for one in error.faults)) from error
    criteria = Criteria(scope=call.scope, filter=found, properties=(), geometry=False)
    chosen: list[tuple[str, frozenset[int] | None]] = []
    for batch in call.node.store.batches(action.layer.id, criteria, MOST_EDITS + 1):
        for id, version in zip(batch.id.tolist(), batch.version.tolist(), strict=True):
            chosen.append((id, frozenset({version}) if action.expected is None else action.expected))
        if len(chosen) > MOST_EDITS:
            break  # refused where the edits are counted
    return chosen


def _too_large(most: int) -> TooLargeError:
    what = Fault("transaction", f"it writes more than {most} features", "send several transactions")
    return TooLargeError("The transaction is too large", what)


def _as_json(given: Any) -> str:
    try:
        return orjson.dumps(given).decode()
    except orjson.JSONEncodeError as error:  # it writes fewer levels than it reads
        raise ParameterError("filter", "the filter is nested too deep", f"nest at most {MOST_DEPTH} levels") from error


def _placed(where: str, fault: Fault) -> Fault:
    return Fault(f"{where}.{fault.where}", fault.what, fault.remedy)


def malformed(where: str, what: str, remedy: str) -> BodyError:
    return BodyError("The body is no transaction", Fault(where, what, remedy))
