"""The application: the building blocks in a list, and around them what every request and every answer has.

Hot routes (features and the list of collections) are found by their path's segments before Starlette's router is asked.
"""

import asyncio
import logging
import time
from collections.abc import Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.routing import Match, Router
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from config.errors import DefinitionError, DuoguiError, Fault, StoreError
from server import (
    codelists,
    collections,
    common,
    coverages,
    downloads,
    edits,
    features,
    functions,
    logs,
    operations,
    problems,
    processes,
    schemas,
    tiles,
)
from server.block import Block, Handler
from server.features.post import QUERIES
from server.html import CONTENT_SECURITY_POLICY
from server.html import block as html
from server.http.answer import Answer, Header, respond
from server.http.call import Call
from server.http.errors import HttpError
from server.http.query import decode
from server.node import Node

BLOCKS: tuple[Block, ...] = (
    common.BLOCK,
    collections.BLOCK,
    schemas.BLOCK,
    codelists.BLOCK,
    features.BLOCK,
    downloads.BLOCK,
    edits.BLOCK,
    functions.BLOCK,
    processes.BLOCK,
    operations.BLOCK,
    coverages.BLOCK,
    tiles.BLOCK,
    html.BLOCK,
)
"""Every building block, in the order of the landing page and of the OpenAPI document."""

type Quick = tuple[int, list[Header], bytes]
"""Status, headers and body of an answer that was finished before."""

_LOG = logging.getLogger("duogui.server")
_EXPOSED = (
    b"Link, ETag, Content-Crs, Memento-Datetime, Location, Content-Language, X-Request-Id, Preference-Applied, "
    b"Retry-After, Allow, Accept-Ranges, Content-Disposition, Content-Range, OGC-NumberReturned"
)
_ALLOWED = (
    b"Accept, Accept-Language, Authorization, Content-Crs, Content-Type, If-Match, If-None-Match, If-Range, "
    b"If-Unmodified-Since, OGC-Mutation-Datetime, Prefer, Range, X-Request-Id"
)
_PROBES = frozenset({"/livez", "/readyz", "/metrics"})
"""Resources without links: a probe may ask for them by whatever address it has."""
_VARY_ORIGIN = (b"vary", b"Origin")
_NOSNIFF = (b"x-content-type-options", b"nosniff")
_POLICY = (b"content-security-policy", CONTENT_SECURITY_POLICY.encode())


class Application:
    """The ASGI application of one node. `swap` puts another node in its place between two requests."""

    def __init__(self, node: Node, blocks: tuple[Block, ...] = BLOCKS) -> None:
        self.node = node
        _join(node, blocks)
        self.blocks = blocks
        self.router = Router(routes=[one for block in blocks for one in block.routes], redirect_slashes=False)
        _check_root(node, self.router)
        origins = node.settings.server.cors_origins
        self._any_origin = "*" in origins
        self._origins = frozenset(origin.encode() for origin in origins)

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    def swap(self, node: Node) -> Node:
        """Serve another node from the next request on; returns the former, for its owner to close."""
        _check_root(node, self.router)
        former, self.node = self.node, node
        _join(node, self.blocks)
        node.metrics = former.metrics
        return former

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        warming: list[asyncio.Task[None]] = []
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
                warming = [asyncio.ensure_future(_begin(self.node, work)) for work in self.node.at_start]
            elif message["type"] == "lifespan.shutdown":
                for one in warming:
                    one.cancel()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _serve(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        node = self.node
        headers: dict[bytes, bytes] = dict(scope["headers"])
        id = logs.identify(headers.get(b"x-request-id"))
        for shortcut, operation in node.shortcuts:
            quick = shortcut(scope, headers)
            if quick is not None:
                await self._finish(scope, send, id, operation, quick, began)
                return
        logs.request_id.set(id)
        call = Call(scope, receive, node, headers, id)
        out = _Outgoing(send, [(b"x-request-id", id.encode()), _NOSNIFF, *self._cors(headers)])
        node.metrics.in_flight += 1
        try:
            await self._guarded(call, out)
        finally:
            node.metrics.in_flight -= 1
            seconds = time.perf_counter() - began
            node.metrics.observe(call.operation, out.status, seconds)
            if node.settings.server.request_log:
                logs.access_line(id, (call.method, scope["path"]), call.operation, out.status, seconds)

    async def _finish(  # noqa: PLR0913  what an answer and its line in the log need
        self, scope: AsgiScope, send: Send, id: str, operation: str, quick: Quick, began: float
    ) -> None:
        """Send what was finished before, with the headers that every answer has."""
        status, known, body = quick
        headers = [*known, (b"x-request-id", id.encode()), _NOSNIFF, *self._cors(dict(scope["headers"]))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        seconds = time.perf_counter() - began
        self.node.metrics.observe(operation, status, seconds)
        if self.node.settings.server.request_log:
            logs.access_line(id, (scope["method"], scope["path"]), operation, status, seconds)

    async def _guarded(self, call: Call, out: "_Outgoing") -> None:
        """The one boundary where every error becomes an answer."""
        refusal: DuoguiError
        cause: Exception
        try:
            await self._dispatch(call, out)
            return
        except DuoguiError as err:
            refusal = cause = err
        except HTTPException as err:
            refusal, cause = self._routing_error(call, err), err
        except Exception as err:  # noqa: BLE001  the boundary: the caller gets a 500, the log the traceback
            refusal, cause = StoreError(type(err).__name__), err
        if problems.status_of(refusal) >= 500:
            _LOG.error("request failed: %s", refusal, exc_info=cause)
        if out.status:
            raise refusal from cause  # in the middle of a body: all that is left is to break the connection
        await respond(call, problems.answer(refusal, call), out)

    async def _dispatch(self, call: Call, out: "_Outgoing") -> None:
        scope, node = call.asgi, call.node
        raw = scope["raw_path"].decode("latin-1").split("?", 1)[0]
        if raw not in _PROBES:
            client = scope.get("client")
            call.base, call.root = node.addresses.resolve(scope["scheme"], client[0] if client else None, call.headers)
        if len(raw) + len(scope["query_string"]) > node.settings.server.limits.url:
            most = node.settings.server.limits.url
            raise HttpError(414, "The address is too long", Fault("url", f"more than {most} characters"))
        if call.root and raw.startswith(call.root) and raw[len(call.root) : len(call.root) + 1] in ("", "/"):
            raw = raw[len(call.root) :]
        raw = raw.removesuffix("/") or "/"
        call.segments = [decode(part, "path") for part in raw.split("/")[1:]]
        call.scope = node.access.scope(call.headers.get(b"authorization"))
        hot = self._hot(call)
        if hot is not None:
            await respond(call, await hot(call), out)
            return
        call.path = "/" + "/".join(part.replace("/", "%2F") for part in call.segments)
        inner: MutableMapping[str, Any] = {
            **scope,
            "path": call.path,
            "root_path": "",
            "app": self,
            "duogui.call": call,
        }
        if call.method == "OPTIONS":
            await respond(call, self._options(call, inner), out)
        else:
            await self.router(inner, call.receive, out)

    def _hot(self, call: Call) -> Handler | None:
        """The handlers of the most frequent resources, by their path's segments."""
        segments = call.segments
        if call.method not in ("GET", "HEAD") or segments[0] != "collections":
            return None
        count = len(segments)
        if count == 3 and segments[2] == "items":
            call.operation, handler = "getItems", features.get_items
        elif count == 4 and segments[2] == "items":
            call.operation, handler = "getItem", features.get_item
        else:
            return None
        call.path_params = (
            {"collectionId": segments[1], "featureId": segments[3]} if count == 4 else {"collectionId": segments[1]}
        )
        return handler

    def _methods(self, call: Call, scope: AsgiScope, *, every: bool = False) -> list[str]:
        """The methods that some route takes at this path for this caller, or `every` one; empty where there is none."""
        found: set[str] = set()
        for one in self.router.routes:
            match, child = one.matches(scope)
            if match is Match.NONE:
                continue
            advertised = getattr(getattr(one, "endpoint", None), "advertised", None)
            if every or advertised is None or advertised(call, child.get("path_params", {})):
                found |= getattr(one, "methods", None) or {"GET", "HEAD"}
        return sorted(found | {"OPTIONS"}) if found else []

    def _options(self, call: Call, scope: AsgiScope) -> Answer:
        methods = self._methods(call, scope)
        if not methods:
            raise HTTPException(404)
        allow = ", ".join(methods).encode()
        headers: list[Header] = [(b"allow", allow)]
        if len(call.segments) == 3 and call.segments[2] == "items":
            # Queries by POST are told here alone: a client that reads POST in Allow would offer to add features.
            headers.append((b"accept-post", ", ".join(QUERIES).encode()))
        if b"access-control-request-method" in call.headers:
            headers += [
                (b"access-control-allow-methods", ", ".join(self._methods(call, scope, every=True)).encode()),
                (b"access-control-allow-headers", _ALLOWED),
                (b"access-control-max-age", b"86400"),
            ]
        call.operation = "options"
        return Answer(b"", "", 200, headers, vary="Authorization, Origin")

    def _routing_error(self, call: Call, error: HTTPException) -> HttpError:
        where = Fault("path", call.path[:200])
        if error.status_code == 405:
            methods = ", ".join(self._methods(call, {**call.asgi, "path": call.path, "root_path": ""}))
            what = Fault("method", f"{call.method[:20]} is not offered here", f"use one of: {methods}")
            return HttpError(405, "This resource does not take this method", what, headers=(("Allow", methods),))
        if error.status_code == 404:
            return HttpError(404, "There is no such resource", where)
        return HttpError(error.status_code, str(error.detail), where)

    def _cors(self, headers: MutableMapping[bytes, bytes]) -> list[Header]:
        if self._any_origin:
            return [(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", _EXPOSED)]
        origin = headers.get(b"origin")
        if origin is None or origin not in self._origins:
            return [_VARY_ORIGIN]
        return [(b"access-control-allow-origin", origin), (b"access-control-expose-headers", _EXPOSED), _VARY_ORIGIN]


class _Outgoing:
    """Adds the headers that every answer has, and remembers the status."""

    __slots__ = ("_common", "_send", "status")

    def __init__(self, send: Send, common: list[Header]) -> None:
        self._send = send
        self._common = common
        self.status = 0

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = message["headers"] = [*message.get("headers", ()), *self._common]
            if any(name == b"content-type" and value.startswith(b"text/html") for name, value in headers):
                headers.append(_POLICY)
        await self._send(message)


def _check_root(node: Node, router: Router) -> None:
    """Refuse a sub-path that is also a resource: with a proxy that strips it, `/api` would mean two things."""
    server = node.settings.server
    root = urlsplit(server.public_url).path if server.public_url else server.root_path
    taken = {getattr(one, "path", "").split("/")[1] for one in router.routes}
    first = root.split("/")[1] if root else ""
    if first and first in taken:
        what = Fault(
            "server.public_url", f"its path begins with '/{first}', which is a resource", "choose another path"
        )
        raise DefinitionError("The node configuration is wrong", what)


def _join(node: Node, blocks: tuple[Block, ...]) -> None:
    """Make the blocks known to the node, and the node to those that keep something running for it."""
    node.blocks = tuple(block for block in blocks if block.offered is None or block.offered(node))
    for block in blocks:
        if block.attach is not None:
            block.attach(node)


async def _begin(node: Node, work: Callable[[], object]) -> None:
    """Do in a thread what a first request would wait for; that request tells the caller what is wrong with it."""
    try:
        await node.threads.run(work)
    except DuoguiError as err:
        _LOG.warning("not made ready: %s", err)


def create_app(node: Node) -> Application:
    """The ASGI application of `node`."""
    return Application(node)
