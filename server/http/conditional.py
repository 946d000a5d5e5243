"""Validators and the conditions on them (RFC 9110, section 13).

A list's tag is weak: its bytes carry the time of the answer, its meaning does not change with it. A feature's tag is
its version, followed by what distinguishes the representation, a digest of the text among it: `"7-1f0c9a2e"`,
`"7-1f0c9a2e-br"`, `"7-html-zh-1f0c9a2e-br"`; conditions on writes compare the version alone (`version_of`).
"""

import hashlib
import re
from collections.abc import Iterable

_TAG = re.compile(r'\s*(W/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*(?:,|$)')


def digest(parts: Iterable[object]) -> str:
    """24 hexadecimal digits of the parts, in order."""
    return hashlib.blake2b("\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def short(parts: Iterable[object], body: bytes) -> str:
    """8 hexadecimal digits of the parts and a body: what tells apart representations of one version."""
    made = hashlib.blake2b(body, digest_size=4)
    made.update("\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass"))
    return made.hexdigest()


def weak(parts: Iterable[object]) -> str:
    """A weak entity tag of the parts."""
    return f'W/"{digest(parts)}"'


def matches(header: str, tag: str) -> bool:
    """Whether an If-None-Match header names `tag`, by weak comparison; lists, `W/` forms and `*` included."""
    if header == tag:
        return True
    if header.strip() == "*":
        return True
    opaque = tag.removeprefix("W/").strip('"')
    place = 0
    while place < len(header):
        found = _TAG.match(header, place)
        if found is None:
            return False
        if found[2] == opaque:
            return True
        place = found.end()
    return False


def version_of(tag: str) -> int | None:
    """The feature version that an entity tag of ours carries, whatever the representation; None for a foreign tag."""
    found = re.fullmatch(r'(?:W/)?"(\d{1,15})(?:-[a-z0-9-]*)?"', tag.strip())
    return int(found[1]) if found else None


def versions_of(header: str) -> frozenset[int] | None:
    """The feature versions that an If-Match header names; None for `*`, empty where no tag is one of ours.

    A tag that a proxy made weak by compressing (`W/"7-..."`) names the same version, and counts.
    """
    if header.strip() == "*":
        return None
    tags = (f'"{found[2]}"' for found in _TAG.finditer(header))
    return frozenset(version for tag in tags if (version := version_of(tag)) is not None)
