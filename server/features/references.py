"""How references to other features are told: as key (as they are stored), as URI, or as link with a title.

Common Part 3, requirements class profile-references. Only what is asked for in another way than stored is rewritten;
every other page is sent as it lies in the store. A page shows references as links always, whatever the profile, and
formats without objects (CSV, FlatGeobuf and the like) have the key.
"""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

import orjson

from config.errors import GoneError, NotFoundError
from config.layers import Layer, Role
from server import profiles
from server.features.formats.profile import geojson_profile
from server.http.call import Call
from server.http.negotiate import GEOJSON, JSONFG, Format
from store.criteria import Criteria
from store.render import with_properties

MOST_TITLES = 200
"""Features whose titles are looked up for one answer; where it refers to more, its links have none."""


def used(call: Call, form: Format) -> tuple[str, ...]:
    """The profiles of an answer: those that the caller asked for, as far as the format has them."""
    if form not in (GEOJSON, JSONFG):
        return ()
    geojson = geojson_profile(call, form)
    text = call.asked("profile")
    if text is None:
        return () if geojson == profiles.RFC7946 else (geojson,)
    reference = profiles.choose(profiles.asked(text, profiles.FEATURES), profiles.REFERENCES, profiles.KEY)
    return (geojson, reference)


def told(call: Call, layer: Layer, texts: Sequence[str], form: Format) -> Sequence[str]:
    """Finished texts of features with their references as the caller asks for them. Runs in a thread."""
    profile = profiles.choose(used(call, form), profiles.REFERENCES, profiles.KEY)
    addresses = _addresses(call, layer) if profile != profiles.KEY else {}
    if not addresses:
        return texts
    titles = _titles(call, layer, texts, list(addresses)) if profile == profiles.LINK else {}

    def change(properties: dict[str, Any]) -> None:
        for name, address in addresses.items():
            key = properties.get(name)
            if key is None:
                continue
            href = address(str(key))
            properties[name] = href
            if profile == profiles.LINK:
                title = titles.get((name, key))
                properties[name] = {"href": href} | ({"title": title} if title else {})

    return [with_properties(text, change) for text in texts]


def _addresses(call: Call, layer: Layer) -> dict[str, Callable[[str], str]]:
    """By property: from the key to the address of what it refers to."""

    def local(collection: str) -> Callable[[str], str]:
        return lambda key: f"{call.base}/collections/{collection}/items/{quote(key, safe='')}"

    def remote(template: str) -> Callable[[str], str]:
        return lambda key: template.replace("{resourceId}", quote(key, safe=""))

    made = {}
    for one in layer.attributes:
        target = call.node.layers.get(one.reference or "")
        if target is not None and target.stored:
            made[one.name] = local(target.id)
        elif one.uri_template is not None:
            made[one.name] = remote(one.uri_template)
    return made


def _titles(call: Call, layer: Layer, texts: Sequence[str], names: list[str]) -> dict[tuple[str, Any], str]:
    """By property and key: the title of the feature, where the caller may read it and it has one."""
    targets = {}
    for name in names:
        attribute = layer.attribute(name)
        target = call.node.layers.get((attribute.reference if attribute else None) or "")
        title = next((one.name for one in target.attributes if one.role is Role.TITLE), None) if target else None
        if target is not None and title is not None and call.scope.allows(target.sharing):
            targets[name] = (target.id, title)
    every = [orjson.loads(text)["properties"] for text in texts] if targets else []
    keys = {(name, one[name]) for one in every for name in targets if one.get(name) is not None}
    if len(keys) > MOST_TITLES:
        return {}
    found = {}
    for name, key in keys:
        collection, title = targets[name]
        try:
            item = call.node.store.item(collection, str(key), Criteria(scope=call.scope, geometry=False))
        except (NotFoundError, GoneError):
            continue
        said = orjson.loads(item.text)["properties"].get(title)
        if said:
            found[name, key] = str(said)
    return found
