"""Who may read what: sharing classes that are open to all, and a bearer token that opens the rest.

One check for every door: items, tiles, downloads and process inputs call `require`.
"""

import hmac
import os

from config.errors import Fault
from config.layers import Layer
from config.settings import AccessSettings
from server.http.errors import UnauthorizedError
from store.criteria import ALL, Scope


class Access:
    """The node's rule: `public` is the scope of a caller without a token."""

    def __init__(self, settings: AccessSettings) -> None:
        self.public = Scope("public", settings.open)
        self._token = os.environ.get(settings.token_env, "").encode()

    def scope(self, authorization: bytes | None) -> Scope:
        """What the bearer of this Authorization header may see.

        Raises:
            UnauthorizedError: a bearer token that is not the node's. Other schemes are a proxy's business.
        """
        if authorization is None:
            return self.public
        scheme, _, token = authorization.partition(b" ")
        if scheme.lower() != b"bearer":
            return self.public
        if self._token and hmac.compare_digest(token.strip(), self._token):
            return ALL
        fault = Fault(
            "Authorization", "not a token of this node", "leave it out, or send 'Bearer' and the node's token"
        )
        raise UnauthorizedError("The token is not valid", fault, error="invalid_token")


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
