"""Content negotiation: format by `f` and Accept, language by `lang` and Accept-Language, coding by Accept-Encoding.

RFC 9110, section 12, with quality values. An explicit parameter always wins over a header.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from config.errors import Fault, ParameterError
from config.layers import Language
from server.http.errors import HttpError

LANGUAGES: tuple[Language, ...] = ("zh", "en")
MAX_HEADER = 2000


@dataclass(frozen=True, slots=True)
class Format:
    """One representation: the value of `f`, the media type sent, and other names that Accept may use for it."""

    key: str
    media: str
    aliases: tuple[str, ...] = ()


JSON = Format("json", "application/json")
HTML = Format("html", "text/html; charset=utf-8", ("text/html", "application/xhtml+xml"))
GEOJSON = Format("json", "application/geo+json", ("application/json", "application/vnd.geo+json"))
SCHEMA = Format("json", "application/schema+json", ("application/json",))
OPENAPI = Format(
    "json", "application/vnd.oai.openapi+json;version=3.0", ("application/json", "application/openapi+json")
)
PAGES = (JSON, HTML)
JSONFG = Format("jsonfg", "application/geo+json", ("application/vnd.ogc.fg+json", "application/fg+json"))
CSV = Format("csv", "text/csv; charset=utf-8")
FLATGEOBUF = Format("fgb", "application/flatgeobuf", ("application/vnd.flatgeobuf",))
GEOPARQUET = Format("parquet", "application/vnd.apache.parquet", ("application/x-parquet",))
GEOPACKAGE = Format("gpkg", "application/geopackage+sqlite3", ("application/x-gpkg",))
FEATURE = (GEOJSON, HTML, JSONFG)
FEATURES = (*FEATURE, CSV, FLATGEOBUF, GEOPARQUET, GEOPACKAGE)
SCHEMAS = (SCHEMA, HTML)
DEFINITIONS = (OPENAPI, HTML)


def qualities(header: str) -> list[tuple[str, float]]:
    """The entries of an Accept-like header with their quality values; a malformed quality counts as 0."""
    found = []
    for entry in header[:MAX_HEADER].split(","):
        name, *parameters = entry.split(";")
        quality = 1.0
        rest = []
        for parameter in parameters:
            key, _, value = parameter.strip().partition("=")
            if key.strip().lower() == "q":
                quality = _quality(value.strip())
            elif key:
                rest.append(f"{key.strip()}={value.strip()}")
        name = name.strip().lower()
        if name:
            found.append((";".join([name, *rest]), quality))
    return found


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


@lru_cache(maxsize=512)
def pick_format(offered: tuple[Format, ...], asked: str | None, accept: str | None) -> Format:
    """The representation to send.

    Raises:
        ParameterError: `f` names no offered format. HttpError: 406, Accept allows none of them.
    """
    if asked is not None:
        for one in offered:
            if asked == one.key or asked.lower() == one.media:
                return one
        known = ", ".join(one.key for one in offered)
        raise ParameterError(
            "f", f"'{asked[:40]}' is not offered here" if asked else "it is empty", f"use one of: {known}"
        )
    if not accept:
        return offered[0]
    wanted = qualities(accept)
    best = max(offered, key=lambda one: _score(one, wanted))
    if _score(best, wanted)[0] <= 0:
        known = ", ".join(one.media for one in offered)
        raise HttpError(
            406, "Nothing that Accept allows is offered here", Fault("Accept", accept[:80], f"offered: {known}")
        )
    return best


def _score(offer: Format, wanted: Sequence[tuple[str, float]]) -> tuple[float, float]:
    """Quality of the most specific entry that names the offer, then how exactly it does so."""
    exact = {offer.media, offer.media.split(";")[0]}
    kind = offer.media.split("/")[0]
    best = (0.0, 0.0)
    rank = -1
    for name, quality in wanted:
        plain = name.split(";")[0]
        if name in exact or plain in exact:
            level = 3
        elif plain in offer.aliases:
            level = 2
        elif plain == f"{kind}/*":
            level = 1
        elif plain == "*/*":
            level = 0
        else:
            continue
        if level > rank:
            rank, best = level, (quality, float(level > 1))
    return best


@lru_cache(maxsize=512)
def pick_language(asked: str | None, accept: str | None, silent: Language = "zh") -> Language:
    """`zh` or `en`; `silent` where the caller does not say.

    Raises:
        ParameterError: `lang` names another language.
    """
    if asked is not None:
        for language in LANGUAGES:
            if asked.lower().split("-")[0] == language:
                return language
        raise ParameterError("lang", f"'{asked[:40]}' is not offered", "use zh or en")
    if accept:
        ranked = [(quality, -place, name) for place, (name, quality) in enumerate(qualities(accept)) if quality > 0]
        for _, _, name in sorted(ranked, reverse=True):
            for language in LANGUAGES:
                if name.split("-")[0] == language:
                    return language
    return silent


@lru_cache(maxsize=128)
def pick_coding(accept: str | None) -> str | None:
    """`br`, `gzip` or None (identity)."""
    if not accept:
        return None
    wanted = dict(qualities(accept))
    rest = wanted.get("*", 0.0)
    scores = {"br": wanted.get("br", rest), "gzip": max(wanted.get("gzip", rest), wanted.get("x-gzip", 0.0))}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] > 0 else None
