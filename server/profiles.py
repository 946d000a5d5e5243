"""Profiles of OGC's register: which are offered, which a caller asks for, and the links to those that were used.

Common Part 3, requirements class profile-parameter. A value that the resource does not list is refused (the abstract
test wants 400); one that it lists but cannot have in the negotiated media type is passed over.
"""

from collections.abc import Iterable, Sequence

from config.errors import ParameterError
from server.http.links import Link, link

REGISTER = "http://www.opengis.net/def/profile/OGC/0/"
KEY, LINK = "rel-as-key", "rel-as-link"
REFERENCES = (KEY, "rel-as-uri", LINK)
INLINE, BY_REFERENCE = CODELISTS = ("codelist-inline", "codelist-ref")
RFC7946, JSONFG, JSONFG_PLUS = GEOJSON = ("rfc7946", "jsonfg", "jsonfg-plus")
FEATURES = (*GEOJSON, *REFERENCES)
"""The profiles of features."""
VALID, ACTUAL = DOMAINS = ("valid-domain", "actual-domain")
MOST = 20
"""Profiles that one request may name."""


def asked(text: str | None, offered: Sequence[str]) -> tuple[str, ...]:
    """/req/profile-parameter/profile-param: the offered profiles that a caller names, by id or by URI, in its order.

    Raises:
        ParameterError: one that is not offered, or none at all.
    """
    if text is None:
        return ()
    found = []
    for part in text.split(",", MOST):
        name = part.strip()
        for lead in (REGISTER, REGISTER.replace("http:", "https:")):
            name = name.removeprefix(lead)
        if name not in offered:
            raise ParameterError("profile", f"'{part[:80]}' is not offered here", f"use one of: {', '.join(offered)}")
        found.append(name)
    return tuple(dict.fromkeys(found))


def choose(wanted: Iterable[str], kind: Sequence[str], default: str) -> str:
    """The first wanted profile of a kind, else the default: no two of a kind fit together."""
    return next((one for one in wanted if one in kind), default)


def links(names: Iterable[str]) -> tuple[Link, ...]:
    """/req/profile-parameter/profile-param-response: links to the profiles of a response."""
    return tuple(link(REGISTER + name, "profile", "text/html") for name in names)
