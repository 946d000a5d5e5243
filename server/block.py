"""What a building block gives to the application: its routes, and beside them the conformance classes that they earn.

A handler is `async def handler(call: Call) -> Answer`. Errors are raised from `config.errors` or `server.http.errors`;
the application turns them into problem documents. A block is added by naming it in `server.app.BLOCKS`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from server.http.answer import Answer, respond
from server.http.call import Call, call_of

if TYPE_CHECKING:
    from server.node import Node

type Handler = Callable[[Call], Awaitable[Answer]]
type Advertised = Callable[[Call, Mapping[str, str]], bool]


class Endpoint:
    """A handler as a plain ASGI application, without Starlette's request and response objects.

    `advertised` says whether OPTIONS names its methods to this caller at this path.
    """

    def __init__(self, handler: Handler, operation: str, advertised: Advertised | None = None) -> None:
        self.handler = handler
        self.operation = operation
        self.advertised = advertised

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        call = call_of(scope)
        call.path_params = scope.get("path_params", {})
        call.operation = self.operation
        await respond(call, await self.handler(call), send)


def route(
    path: str,
    handler: Handler,
    methods: Sequence[str] = ("GET",),
    operation: str = "",
    advertised: Advertised | None = None,
) -> Route:
    """A Starlette route to a handler. `operation` is its operationId and its label in metrics and logs."""
    name = operation or getattr(handler, "__name__", "other")
    return Route(path, Endpoint(handler, name, advertised), methods=list(methods), name=name)


@dataclass(frozen=True, slots=True)
class LandingLink:
    """A link of the landing page: `path` below the base, titles in zh and en."""

    rel: str
    path: str
    media: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Block:
    """One building block. `paths` and `components` are its share of the OpenAPI document; `attach` is called once for
    each node that it serves; a node that `offered` denies claims none of its conformance classes and shows no link."""

    name: str
    conformance: tuple[str, ...] = ()
    routes: tuple[BaseRoute, ...] = ()
    links: tuple[LandingLink, ...] = ()
    paths: "Callable[[Node], dict[str, Any]] | None" = None
    components: "Callable[[Node], dict[str, Any]] | None" = None
    tags: tuple[tuple[str, str], ...] = field(default=())
    attach: "Callable[[Node], None] | None" = None
    offered: "Callable[[Node], bool] | None" = None
