"""Who may read and who may write what: sharing classes that are open to all, a bearer token that opens the rest, and
writers' tokens, each for some collections.

One check for every door: items, tiles, downloads and process inputs call `require`; edits call `require_writer`.
"""

import hashlib
import hmac
import os
from collections.abc import Mapping

from config.errors import AccessError, DefinitionError, Fault
from config.layers import Layer
from config.settings import AccessSettings, EditingSettings, Writer
from server.http.errors import UnauthorizedError
from store.criteria import ALL, Scope

SHORTEST = 16
"""Characters of a writer's token: a shorter one can be guessed."""


class Access:
    """The node's rule: `public` is the scope of a caller without a token. Tokens are kept and compared as digests."""

    def __init__(self, settings: AccessSettings, editing: EditingSettings | None = None) -> None:
        self.public = Scope("public", settings.open)
        self._reader = _digest(os.environ.get(settings.token_env, "").encode())
        self._writers = _tokens(editing.writers if editing else ())

    def scope(self, authorization: bytes | None) -> Scope:
        """What the bearer of this Authorization header may see.

        Raises:
            UnauthorizedError: a bearer token that is not the node's. Other schemes are a proxy's business.
        """
        token = _bearer(authorization)
        if token is None:
            return self.public
        digest = _digest(token)
        writer = self._find(digest)
        if writer is not None:
            return ALL if writer.reads_closed else self.public
        if self._reader is not None and digest is not None and hmac.compare_digest(digest, self._reader):
            return ALL
        fault = Fault(
            "Authorization", "not a token of this node", "leave it out, or send 'Bearer' and the node's token"
        )
        raise UnauthorizedError("The token is not valid", fault, error="invalid_token")

    def writer(self, authorization: bytes | None) -> Writer | None:
        """The writer whose token this Authorization header bears; None for every other caller."""
        token = _bearer(authorization)
        return None if token is None else self._find(_digest(token))

    def _find(self, digest: bytes | None) -> Writer | None:
        """Every token is compared, so that time tells nothing of which begins alike."""
        found = None
        for known, writer in self._writers.items():
            if digest is not None and hmac.compare_digest(known, digest):
                found = writer
        return found


def _bearer(authorization: bytes | None) -> bytes | None:
    scheme, _, token = (authorization or b"").partition(b" ")
    return token.strip() if scheme.lower() == b"bearer" else None


def _digest(token: bytes) -> bytes | None:
    return hashlib.sha256(token).digest() if token else None


def _tokens(writers: tuple[Writer, ...]) -> Mapping[bytes, Writer]:
    """The writers by the digests of their tokens, as far as the environment has them.

    Raises:
        DefinitionError: a token that is too short, or of two writers.
    """
    found: dict[bytes, Writer] = {}
    for writer in writers:
        token = os.environ.get(writer.token_env, "")
        digest = _digest(token.encode())
        if digest is None:
            continue
        place = f"editing.writers: {writer.name}"
        if len(token) < SHORTEST:
            what = Fault(place, f"its token is shorter than {SHORTEST} characters", "openssl rand -hex 24 makes one")
            raise DefinitionError("A writer's token is not safe", what)
        if digest in found:
            raise DefinitionError("Two writers have one token", Fault(place, "", "give each its own"))
        found[digest] = writer
    return found


def require(scope: Scope, layer: Layer) -> None:
    """Refuse a layer whose sharing class `scope` does not open.

    Raises:
        UnauthorizedError: 401 with a hint.
    """
    if not scope.allows(layer.sharing):
        fault = Fault(
            layer.id,
            f"its sharing class is '{layer.sharing}', which is not open here",
            f"send a token, or ask the provider: {layer.provider}",
        )
        raise UnauthorizedError(f"Collection '{layer.id}' needs a token", fault)


def require_writer(writer: Writer | None, scope: Scope, layer: Layer) -> Writer:
    """Refuse an edit of a layer that the caller may not write.

    Raises:
        UnauthorizedError: 401, no writer's token. AccessError: 403, the token is not for this collection.
    """
    writer = known_writer(writer)
    if not writer.covers(layer):
        what = Fault(layer.id, f"'{writer.name}' may not edit it", "ask the node's operator (editing.writers)")
        raise AccessError(f"The token is not for edits of collection '{layer.id}'", what)
    require(scope, layer)
    return writer


def known_writer(writer: Writer | None) -> Writer:
    """Refuse a caller who is no writer.

    Raises:
        UnauthorizedError: 401 with a hint.
    """
    if writer is None:
        what = Fault("Authorization", "no token of a writer", "send 'Bearer' and the token that the node gave you")
        raise UnauthorizedError("Edits need a writer's token", what)
    return writer
