"""Content-Disposition with a plain and a Chinese file name (RFC 6266, RFC 8187)."""

import re
from urllib.parse import quote

from server.http.answer import Header

_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')


def disposition(plain: str, name: str) -> Header:
    """A file to be kept: `plain` is its ASCII name, `name` the one that people read.

    Characters that no file name may have on some system become underscores.
    """
    ascii_name = _UNSAFE.sub("_", plain).encode("ascii", "replace").decode().replace("?", "_")
    shown = quote(_UNSAFE.sub("_", name), safe="")
    return (b"content-disposition", f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{shown}".encode("ascii"))
