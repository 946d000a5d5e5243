"""Who comes in to edit, and under which conditions: what every edit's headers say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException

from config.errors import Fault, ParameterError, PreconditionError, RequestError
from config.layers import Layer
from config.settings import EditingSettings, Writer
from server import params
from server.access import known_writer, require_writer
from server.http.call import Call
from server.http.conditional import versions_of
from server.http.errors import HttpError
from server.schemas import stored_layer
from store.criteria import CRS84
from store.crs import Crs, resolve
from store.ingest.single import Rules

if TYPE_CHECKING:
    from server.node import Node

FEATURE_TYPES = ("application/geo+json", "application/json", "application/vnd.ogc.fg+json", "application/fg+json")
PATCH_TYPES = ("application/merge-patch+json",)
MUTATION = "OGC-Mutation-Datetime"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What must hold for an edit to be done. `expected`: versions of If-Match (None: any, or not asked for);
    `exists` that the feature is there at all; `absent` that it is not."""

    expected: frozenset[int] | None = None
    unmodified_since: datetime | None = None
    exists: bool = False
    absent: bool = False

    @property
    def given(self) -> bool:
        return self.exists or self.absent or self.unmodified_since is not None


def editing(node: "Node") -> EditingSettings | None:
    """The node's settings of edits; None where nobody may edit."""
    found = node.settings.editing
    return found if found is not None and found.writers else None


def takes_ids(layer: Layer) -> bool:
    """Whether a PUT can create a feature: who gives a layer's features their identifier gives them their id."""
    return layer.id_attribute is not None


def can_edit(node: "Node", layer: Layer) -> bool:
    """Whether some writer may edit the layer."""
    settings = editing(node)
    return settings is not None and layer.stored and any(one.covers(layer) for one in settings.writers)


def editable(call: Call, path_params: Mapping[str, str]) -> bool:
    """Whether edits of the path's collection are offered: to this writer, or, to a caller without token, to any."""
    layer = call.node.layers.get(path_params.get("collectionId", ""))
    if layer is None or not can_edit(call.node, layer):
        return False
    writer = call.node.access.writer(call.headers.get(b"authorization"))
    return writer is None or writer.covers(layer)


def enter(call: Call) -> tuple[Layer, Writer]:
    """The layer of the path and the writer, who may edit it.

    Raises:
        NotFoundError: no such collection. HTTPException: 405, edits are not offered here. UnauthorizedError: no
        writer's token. AccessError: not for this collection. HttpError: 405, the address is that of a version.
    """
    layer = stored_layer(call)
    if not can_edit(call.node, layer):
        raise HTTPException(405)
    writer = require_writer(call.node.access.writer(call.headers.get(b"authorization")), call.scope, layer)
    if call.asked("datetime") is not None:
        what = Fault(
            "datetime", "with it the address is that of one version", f"say from when in the header {MUTATION}"
        )
        raise HttpError(405, "A version is never changed", what, headers=(("Allow", "GET, HEAD, OPTIONS"),))
    call.params(("f", "lang"))
    return layer, writer


def some_writer(call: Call) -> Writer:
    """The caller, who must be a writer of something.

    Raises:
        UnauthorizedError: 401.
    """
    return known_writer(call.node.access.writer(call.headers.get(b"authorization")))


def media_type(call: Call) -> str:
    """The media type of the body, without parameters; empty where none is given."""
    return (call.header(b"content-type") or "").partition(";")[0].strip().lower()


def media(call: Call, types: Sequence[str], named: Sequence[str] = ()) -> str:
    """The media type of the body, which must be one of `types`; the refusal lists `named` (default: them).

    A PUT without one, as OWSLib sends it, can only be a feature: the first of `types` is assumed.

    Raises:
        HttpError: 415, another one, none, or a compressed body.
    """
    given = media_type(call) or (types[0] if call.method == "PUT" else "")
    listed = ", ".join(named or types)
    headers = (("Accept-Patch" if call.method == "PATCH" else "Accept-Post", listed),)
    if given not in types:
        what = Fault("Content-Type", f"'{given[:80]}'" if given else "none is given", f"use one of: {listed}")
        raise HttpError(415, "This resource does not take such a body", what, headers=headers)
    coding = call.header(b"content-encoding")
    if coding and coding.lower() != "identity":
        raise HttpError(415, "The body is compressed", Fault("Content-Encoding", coding[:40], "send it plain"))
    return given


def crs(call: Call) -> Crs:
    """The system that Content-Crs names, in `<>` as the answers have it or plain as QGIS sends it (Part 4,
    /req/features/content-crs-header).

    Raises:
        RequestError: not one that this server computes.
    """
    given = call.header(b"content-crs")
    if given is None:
        return resolve(CRS84)
    try:
        return resolve(given.strip().removeprefix("<").removesuffix(">"), "Content-Crs")
    except ParameterError as err:
        raise RequestError("The system of Content-Crs is not known here", *err.faults) from err


def day(call: Call) -> date | None:
    """The day from which the edit holds; None where OGC-Mutation-Datetime does not say it.

    Raises:
        RequestError: the header is no instant and no day.
    """
    return moment(call.header(MUTATION.lower().encode()), MUTATION, call)


def moment(text: str | None, where: str, call: Call) -> date | None:
    """The day, in the node's zone, of an RFC 3339 instant or day.

    Raises:
        RequestError: it is neither.
    """
    if text is None:
        return None
    try:
        found = params.moment(text.strip(), call.node.zone)
    except ParameterError as err:
        found = None
        cause: Exception | None = err
    else:
        cause = None
    if found is None or not found.instant or found.start is None:
        what = Fault(where, f"'{text[:60]}' is no day and no instant", "2020-01-31 or 2020-01-31T08:00:00Z")
        raise RequestError(f"{where} is not right", what) from cause
    return found.start


def conditions(call: Call, layer: Layer) -> Conditions:
    """If-Match, If-Unmodified-Since and `If-None-Match: *` (RFC 9110, section 13).

    Raises:
        HttpError: 428, the layer demands one and there is none.
    """
    made = Conditions()
    match, since = call.header(b"if-match"), call.header(b"if-unmodified-since")
    if match is not None:
        made = Conditions(versions_of(match), exists=True)
    elif since is not None:
        made = Conditions(unmodified_since=_http_date(since))  # a text that is no date is to be ignored
    elif (call.header(b"if-none-match") or "").strip() == "*":
        made = Conditions(absent=True)
    require_conditions(call, layer, given=made.given)
    return made


def require_conditions(call: Call, layer: Layer, *, given: bool) -> None:
    """Refuse an unconditional change of a layer whose edits must say what they are based on.

    Raises:
        HttpError: 428.
    """
    settings = editing(call.node)
    if settings is not None and settings.locking.covers(layer) and not given:
        what = Fault("If-Match", "not given", "read the feature and send its ETag in If-Match")
        raise HttpError(428, f"Edits of collection '{layer.id}' must be conditional", what)


def _http_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def missing(layer: Layer, id: str) -> PreconditionError:
    """The refusal of a conditional edit of a feature that never was."""
    return PreconditionError(f"Layer '{layer.id}' has no feature '{id}', so no condition on it holds")


class Ground:
    """What features of a node are checked against; its area is read anew when the administrative areas change."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._area: tuple[int, Any] | None = None
        self._lock = Lock()

    def rules(self) -> Rules:
        """The rules of this moment. Runs in a thread: it may read the store."""
        return Rules(self._node.registry.codelists, self._node.zone, self._own_area())

    def _own_area(self) -> Any:
        from store.ingest.context import REFERENCE, reference

        node, settings = self._node, editing(self._node)
        if settings is None or not settings.within_area or REFERENCE not in node.store.layers():
            return None
        revision = node.store.state(REFERENCE).revision
        with self._lock:  # a province's outline takes a second: it is made once for all who wait for it
            if self._area is None or self._area[0] != revision:
                found = reference(node.store, node.registry.divisions.within(node.settings.node.division))
                self._area = (revision, None if found is None else found.area)
            return self._area[1]


def ground(node: "Node") -> Ground:
    """The node's ground for checks, kept with it."""
    if node.ground is None:
        node.ground = Ground(node)
    return node.ground


def attach(node: "Node") -> None:
    """Have the outline of the node's area made before the first edit comes."""
    if editing(node) is not None:
        node.at_start.append(ground(node).rules)
