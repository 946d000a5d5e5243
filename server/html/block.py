"""The route of the files that pages load."""

from server.block import Block, route
from server.html.assets import asset, digest
from server.http.answer import Answer
from server.http.call import Call

_FOREVER = "public, max-age=31536000, immutable"
_SHORT = "public, max-age=3600"


async def get_asset(call: Call) -> Answer:
    """One file. Under the address that pages use (`?v=` and the digest of all files) it never changes."""
    given = call.params(("v",))
    found = asset(call.path_params["path"])
    cache = _FOREVER if given.get("v") == digest() else _SHORT
    return Answer(found.body, found.media, etag=found.etag, cache=cache, vary="")


BLOCK = Block("html", routes=(route("/static/{path:path}", get_asset, operation="getAsset"),))
