"""What goes around the stored texts of features: the node's notice and the headers that pages and features share."""

from config.layers import Language
from server.http.call import Call
from server.http.negotiate import HTML, Format

_VARY = "Accept, Authorization"


def spoken(call: Call, form: Format) -> Language | None:
    """The language of the answer; GeoJSON has one only where the node says something of all its data."""
    return call.language if form is HTML or call.node.notices else None


def notice(call: Call) -> bytes:
    """`,"notice":"..."`, the member that says e.g. that the data are synthetic; mostly empty."""
    members = call.node.notice_members
    return members[call.language] if members else b""


def vary(language: Language | None) -> str:
    """The request headers that chose the representation."""
    return f"{_VARY}, Accept-Language" if language else _VARY


def cache(call: Call) -> str:
    """Always asked again: a write, or a validity that begins at midnight, shows at once; 304 makes it cheap."""
    return "no-cache" if call.scope is call.node.public else "private, no-cache"
