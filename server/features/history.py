"""Where the versions of a feature are, and from when one holds: the proposal "Versioned features" (2026-06), after
RFC 7089 (Memento, pattern 1.2) and RFC 5829.

The axis of versions is validity, in whole days of the node's zone: `datetime` picks the version of a day. What was
corrected since is another axis, which the proposal leaves out: `known-on` picks what was known then. So a version can
be corrected, and the proposal's rule that nothing is dated back does not hold: none of its classes is claimed.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from urllib.parse import quote
from zoneinfo import ZoneInfo

from server.http.answer import Header
from server.http.call import Call
from server.http.links import Link, link
from server.http.negotiate import GEOJSON
from store.interface import Item

LINK_FORMAT = "application/link-format"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def feature_address(call: Call) -> str:
    """The address of the path's feature, without query."""
    layer, id = call.path_params["collectionId"], call.path_params["featureId"]
    return f"{call.base}/collections/{quote(layer, safe='')}/items/{quote(id, safe='')}"


def standing_links(call: Call) -> list[Link]:
    """The links that every state of a feature has: the feature itself and the list of its versions."""
    place = feature_address(call)
    return [
        link(place, "original", GEOJSON.media),
        link(f"{place}/versions", "timemap", "application/json"),
        link(f"{place}/versions", "version-history", "application/json"),
    ]


def neighbour_links(call: Call, item: Item) -> Iterator[Link]:
    """The versions before and after one. They go into the Link header: the body of a version does not change when a
    neighbour does."""
    for rel, day in (("predecessor-version", item.previous), ("successor-version", item.following)):
        if day is not None:
            yield link(version_address(call, day, call.asked("known-on")), rel, GEOJSON.media)


def gone_links(call: Call, latest: str | None) -> list[Link]:
    """The links of the refusal of a feature that is gone; `latest` is the day on which its last version begins."""
    links = standing_links(call)
    if latest is not None:
        links.append(link(f"{links[0]['href']}?datetime={latest}", "latest-version", GEOJSON.media))
    return links[1:]


def version_address(call: Call, day: date, known: str | None = None) -> str:
    """The address of the version that begins on a day, as known now or on `known-on`."""
    more = f"&known-on={quote(known)}" if known else ""
    return f"{feature_address(call)}?datetime={day.isoformat()}{more}"


def memento(day: date, zone: ZoneInfo) -> Header:
    """`Memento-Datetime`: the instant from which a version holds."""
    return (b"memento-datetime", http_date(day, zone).encode())


def http_date(day: date, zone: ZoneInfo) -> str:
    """The beginning of a day of the zone as RFC 9110 writes dates, in any locale and for any year."""
    try:
        at = datetime.combine(day, time.min, zone).astimezone(UTC)
    except OverflowError:  # the first days that a date can name begin before them
        at = datetime.combine(day, time.min, UTC)
    name, month = _DAYS[at.weekday()], _MONTHS[at.month - 1]
    return f"{name}, {at.day:02d} {month} {at.year:04d} {at:%H:%M:%S} GMT"
