"""Which of the GeoJSON profiles an answer has (JSON-FG 1.0, /req/api/profile-parameter, /rec/api/profile-default)."""

import re

from server import profiles
from server.http.call import Call
from server.http.negotiate import GEOJSON, JSONFG, Format

_PROFILE = re.compile(r'geo\+json\s*;\s*profile="?(?:https?://www\.opengis\.net/def/profile/OGC/0/)?([a-z0-9-]+)"?')


def geojson_profile(call: Call, form: Format) -> str:
    """`rfc7946`, `jsonfg` or `jsonfg-plus`: by the parameter `profile`, else by that of the media type in Accept.

    `f=jsonfg` and JSON-FG's former media types mean `jsonfg`, unless the parameter says `jsonfg-plus`.

    Raises:
        ParameterError: a profile that is not offered here.
    """
    default = profiles.JSONFG if form is JSONFG else profiles.RFC7946
    if form not in (GEOJSON, JSONFG):
        return default
    text = call.asked("profile")
    if text is not None:
        wanted = profiles.choose(profiles.asked(text, profiles.FEATURES), profiles.GEOJSON, default)
        return default if form is JSONFG and wanted == profiles.RFC7946 else wanted
    accept = call.header(b"accept")
    if accept and "profile" in accept and call.asked("f") is None:
        found = _PROFILE.search(accept)
        if found and found[1] in profiles.GEOJSON:
            return found[1]
    return default
