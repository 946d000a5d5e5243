"""Features Part 11 (26-018, draft): several changes to several collections in one request.

`atomic`: all or nothing, one transaction of the store. `batch`: each action by itself, in order; what fails is reported
and the rest goes on. Features are chosen by `{"ids": [...]}`, as in the draft's example, or by CQL2; a filter is
evaluated before the transaction, and what it found must not have changed when it is written. Two members are this
node's own: `if-match` (entity tags, as in the header) and `mutation-datetime` (of one action; the header is for all).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import orjson
from starlette.exceptions import HTTPException

from config.errors import (
    ConflictError,
    DuoguiError,
    Fault,
    NotFoundError,
    PreconditionError,
    TooLargeError,
    UnavailableError,
)
from config.settings import Writer
from server import problems
from server.edits import door
from server.edits.actions import MOST_EDITS, Action, Order, edits_of, malformed, read_action
from server.edits.incoming import parse
from server.edits.items import address, preference, unprocessable
from server.http.answer import Answer, Header
from server.http.call import Call
from store.crs import Crs
from store.interface import Written

TYPES = ("application/ogc-tx+json", "application/json")
ATTEMPTS = 3
"""How often a filter is evaluated anew where somebody else changed what it had found."""
_TOTALS = {"insert": "Inserted", "update": "Updated", "replace": "Replaced", "delete": "Deleted"}


async def post_transaction(call: Call) -> Answer:
    """Execute a transaction (/req/transactions/post-op, post-response, post-response-rid)."""
    if door.editing(call.node) is None:
        raise HTTPException(405)
    writer = door.some_writer(call)
    call.params(("f", "lang"))
    door.media(call, TYPES)
    valid_from, crs = door.day(call), door.crs(call)
    body = await call.body()
    try:
        return await call.run(_execute, call, writer, (crs, valid_from), body)
    finally:
        call.node.wrote()


def _execute(call: Call, writer: Writer, held: tuple[Crs, date | None], body: bytes) -> Answer:
    document = parse(body)
    if not isinstance(document, Mapping):
        raise malformed("body", "it is no JSON object", '{"semantic": "atomic", "transaction": [...]}')
    semantic, listed = document.get("semantic", "atomic"), document.get("transaction")
    if semantic not in ("atomic", "batch"):
        raise malformed("semantic", f"{str(semantic)[:40]!r} is not offered", "atomic or batch")
    if not isinstance(listed, list) or not listed:
        raise malformed("transaction", "it is no list of actions", '[{"action": "insert", ...}]')
    if len(listed) > MOST_EDITS:
        what = Fault("transaction", f"more than {MOST_EDITS} actions", "send several transactions")
        raise TooLargeError("The transaction is too large", what)
    order = Order(call, writer, held[0], held[1], door.ground(call.node).rules())
    if semantic == "atomic":
        return _answer(call, semantic, _together(order, listed), [])
    done: list[tuple[Action, Written]] = []
    exceptions: list[dict[str, Any]] = []
    left = MOST_EDITS
    for number, one in enumerate(listed):
        try:
            written = _together(order, [one], number, left)
        except DuoguiError as error:
            exceptions.append(_exception(call, number, one, error))
        else:
            done += written
            left -= len(written)
    return _answer(call, semantic, done, exceptions)


def _together(
    order: Order, listed: Sequence[Any], first: int = 0, most: int = MOST_EDITS
) -> list[tuple[Action, Written]]:
    """All of the actions in one transaction of the store, or none; `first` is the place of the first one."""
    actions = [read_action(order, f"transaction[{first + n}]", one) for n, one in enumerate(listed)]
    for _ in range(ATTEMPTS):
        edits = edits_of(order, actions, most)
        if not edits:
            return []
        try:
            with unprocessable():
                written = order.call.node.store.write([edit for _, edit in edits], order.writer.name)
        except (NotFoundError, ConflictError) as error:
            action = edits[error.edit or 0][0]
            missed = isinstance(error, NotFoundError | PreconditionError)
            if missed and action.filtered and action.expected is None:
                continue  # somebody else changed what the filter had found
            error.faults = (Fault(action.where, error.message),)
            raise
        return [(action, one) for (action, _), one in zip(edits, written, strict=True)]
    raise UnavailableError("What the filters find changes all the time: try again later")


def _exception(call: Call, number: int, action: Any, error: DuoguiError) -> dict[str, Any]:
    """A failed action of a batch: a problem document with its place, and the members of OGC's exceptions."""
    status = problems.status_of(error)
    problem = problems.document(error, status, call)
    collection = action.get("collection") if isinstance(action, Mapping) else None
    return {
        "action": number,
        "collection": collection,
        "code": str(status),
        "description": problem["detail"],
        **problem,
    }


def _answer(
    call: Call, semantic: str, done: Sequence[tuple[Action, Written]], exceptions: list[dict[str, Any]]
) -> Answer:
    """/req/json/response, /rec/transactions/honor-prefer-return."""
    preferred = preference(call, ("none", "minimal", "representation"))
    headers: list[Header] = [(b"preference-applied", f"return={preferred}".encode())] if preferred else []
    if preferred == "none" and not exceptions:
        return Answer(b"", "", 204, headers, cache="no-store", vary="Prefer")
    counts = {f"total{total}": sum(one.name == name for one, _ in done) for name, total in _TOTALS.items()}
    made: dict[str, Any] = {"semantic": semantic, "summary": counts}
    if preferred != "minimal":
        for name in _TOTALS:
            made[f"{name}Results"] = [f"{call.base}{address(one.layer, w.id)}" for one, w in done if one.name == name]
    if exceptions:
        made["exceptions"] = exceptions
    return Answer(orjson.dumps(made), "application/json", 200, headers, cache="no-store", vary="Prefer")
