"""One request as the handlers see it."""

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from starlette.types import Receive
from starlette.types import Scope as AsgiScope

from config.errors import Fault, RequestError, TooLargeError
from config.layers import Language
from server.http.errors import HttpError
from server.http.negotiate import Format, pick_format, pick_language
from server.http.query import build, known_only, pairs
from store.criteria import Scope

if TYPE_CHECKING:
    from server.node import Node


class Call:
    """A request: what was asked, in which language and format, by whom, and under which base address.

    Attributes:
        base: what every link starts with, no trailing slash.
        path: the decoded path below the base, without a trailing slash; `segments` are its decoded parts.
        scope: what the caller may see (`store.criteria.Scope`).
        id: the request id, also sent back as X-Request-Id and handed on to jobs.
    """

    __slots__ = (
        "_language",
        "_pairs",
        "asgi",
        "base",
        "headers",
        "id",
        "method",
        "node",
        "operation",
        "path",
        "path_params",
        "receive",
        "root",
        "scope",
        "segments",
    )

    def __init__(
        self, asgi: AsgiScope, receive: Receive, node: "Node", headers: Mapping[bytes, bytes], id: str
    ) -> None:
        self.asgi = asgi
        self.receive = receive
        self.node = node
        self.headers = headers
        self.id = id
        self.method: str = asgi["method"]
        self.base = self.root = ""
        self.path = "/"
        self.segments: list[str] = []
        self.path_params: Mapping[str, str] = {}
        self.operation = "other"
        self.scope: Scope = node.public
        self._pairs: list[tuple[str, str]] | None = None
        self._language: Language | None = None

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The query parameters in order, decoded."""
        if self._pairs is None:
            self._pairs = pairs(self.asgi["query_string"].decode("latin-1"))
        return self._pairs

    def add_pairs(self, more: list[tuple[str, str]]) -> None:
        """Parameters that came in the body; those of the address come after them, and so count before them."""
        self._pairs = [*more, *self.pairs]

    def at(self, path: str, **path_params: str) -> "Call":
        """The call of a plain GET of another resource of this node by the same caller; `path` is percent-encoded."""
        asgi = {**self.asgi, "method": "GET", "raw_path": (self.root + path).encode(), "query_string": b""}
        other = Call(asgi, self.receive, self.node, self.headers, self.id)
        other.base, other.root, other.scope = self.base, self.root, self.scope
        other.path, other.path_params, other._language = path, path_params, self._language
        return other

    def header(self, name: bytes) -> str | None:
        """A header by its lower-case name."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    def params(self, known: Collection[str]) -> dict[str, str]:
        """The query parameters by name; refuses any that is not `known`, and a language that is not offered."""
        found = known_only(self.pairs, known)
        if "lang" in found:
            pick_language(found["lang"], None)
        return found

    def asked(self, name: str) -> str | None:
        """The last value of one query parameter."""
        return next((value for key, value in reversed(self.pairs) if key == name), None)

    @property
    def language(self) -> Language:
        """`zh` or `en`, by the parameter `lang`, else by Accept-Language."""
        if self._language is None:
            self._language = pick_language(self.asked("lang"), self.header(b"accept-language"))
        return self._language

    def format(self, offered: tuple[Format, ...]) -> Format:
        """The representation to send, by the parameter `f`, else by Accept."""
        return pick_format(offered, self.asked("f"), self.header(b"accept"))

    def url(self, **changes: str | None) -> str:
        """This resource's address with its query, parameters set to other values, or removed by None."""
        given = [pair for pair in self.pairs if pair[0] not in changes]
        given += [(name, value) for name, value in changes.items() if value is not None]
        query = build(given)
        return f"{self.base}{self.raw_path}?{query}" if query else f"{self.base}{self.raw_path}"

    @property
    def raw_path(self) -> str:
        """This resource's path below the base as it was sent, percent-encoded."""
        raw: str = self.asgi["raw_path"].decode("latin-1").split("?", 1)[0]
        below = raw[len(self.root) :] if self.root and raw.startswith(self.root) else raw
        return below.rstrip("/") or "/"

    async def run[**P, T](self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do blocking work in one of the node's threads."""
        return await self.node.threads.run(work, *args, **kwargs)

    async def body(self, limit: int | None = None) -> bytes:
        """The request's body.

        Raises:
            TooLargeError: more than `limit` bytes (default: the node's limit).
            RequestError: the caller went away before its end.
        """
        most = self.node.settings.server.limits.body if limit is None else limit
        declared = self.header(b"content-length")
        if declared and declared.isdigit() and int(declared) > most:
            raise _too_large(most)
        pieces: list[bytes] = []
        size = 0
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise RequestError("The request ended early", Fault("body", "incomplete"))
            piece: bytes = message.get("body", b"")
            size += len(piece)
            if size > most:
                raise _too_large(most)
            pieces.append(piece)
            if not message.get("more_body", False):
                return b"".join(pieces)


def call_of(asgi: AsgiScope) -> Call:
    """The call of a Starlette request's scope: `call_of(request.scope)`."""
    call = asgi["duogui.call"]
    if not isinstance(call, Call):
        raise HttpError(500, "The request did not come through the application")
    return call


def _too_large(most: int) -> TooLargeError:
    return TooLargeError("The body is too large", Fault("body", f"more than {most} bytes", "send less at once"))
