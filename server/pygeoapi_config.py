"""A node as a true pygeoapi configuration: a stock `pygeoapi serve` on it publishes the same layers, processes and
pages, through our provider, our processors and our templates, only slower.

pygeoapi knows no callers: what the node opens to everybody is published, nothing else. Its Admin API, its gzip, its
callbacks and its TinyDB plugins stay off. The address of the store stands in the file, with its password if it has
one: write it for the server's eyes only.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.layers import Layer, Role, Sharing, Text
from config.registry import Registry
from config.settings import Settings
from server.rasters import bands, file_of, filed, newest_year
from store.criteria import CRS84, Box
from store.crs import layer_crs

PROVIDER = "server.provider.DuoguiProvider"
RASTER_PROVIDER = "server.raster_provider.RasterProvider"
HTML = Path(__file__).parent / "html"
CHINA = Box(73.62, 16.7, 134.77, 53.56)
"""The extent of a layer without features: the area that EPSG gives for CGCS2000."""
_LANGUAGES = ("zh", "en")

type Configuration = dict[str, Any]


def configuration(
    settings: Settings,
    registry: Registry,
    extents: Mapping[str, Box | None],
    processors: Mapping[str, str],
    layers: Mapping[str, Layer] | None = None,
) -> Configuration:
    """The configuration as a mapping that `yaml.safe_dump` can write.

    Args:
        settings: of the node.
        registry: its definitions.
        extents: of the layers with features, in degrees.
        processors: dotted path of the processor of each process, by process id.
        layers: those that the node publishes, all of the registry if None.
    """
    resources: Configuration = {}
    published = registry.layers if layers is None else layers
    for layer in published.values():
        if layer.sharing in settings.access.open:
            provider = _provider(layer, settings, extents.get(layer.id))
            if provider is not None:
                if settings.node.notice:
                    provider["notice"] = _text(settings.node.notice)
                resources[layer.id] = _collection(layer, provider, extents.get(layer.id))
    source = _source(settings)
    if settings.node.notice:
        source["notice"] = _text(settings.node.notice)
    for id, name in processors.items():
        resources[id] = {"type": "process", "processor": {"name": name, **source}}
    return {"server": _server(settings), "logging": {"level": "ERROR"}, "metadata": _metadata(settings)} | {
        "resources": resources
    }


def _server(settings: Settings) -> Configuration:
    server = settings.server
    return {
        "bind": {"host": server.host, "port": server.port},
        "url": server.public_url or f"http://{_spoken(server.host)}:{server.port}{server.root_path}",
        "mimetype": "application/json; charset=UTF-8",
        "encoding": "utf-8",
        "gzip": False,
        "admin": False,
        "languages": list(_LANGUAGES),
        "locale_dir": str(HTML / "locale"),
        "cors": False,  # with Flask it needs a package that pygeoapi does not bring
        "pretty_print": False,
        "limits": {"default_items": server.limits.default_page, "max_items": server.limits.page},
        "templates": {"path": str(HTML / "templates"), "static": str(HTML / "static")},
        "map": {"url": "", "attribution": ""},
    }


def _spoken(host: str) -> str:
    """The host by which a client on this machine reaches a server that listens on `host`."""
    return {"0.0.0.0": "localhost", "::": "localhost"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104


def _metadata(settings: Settings) -> Configuration:
    node = settings.node
    url = _server(settings)["url"]
    identification = {
        "title": _text(node.title),
        "description": _text(node.description or node.title),
        "keywords": {"zh": ["多规合一", "国土空间规划"], "en": ["multi-plan integration", "spatial planning"]},
        "keywords_type": "theme",
        "url": url,
    }
    if node.notice:
        identification["terms_of_service"] = _text(node.notice)
    return {
        "identification": identification,
        "license": {"name": _text(node.license.name), "url": node.license.url or url},
        "provider": {"name": _text(node.title), "url": url},
        "contact": {"name": node.title.zh},
    }


def _collection(layer: Layer, provider: Configuration, extent: Box | None) -> Configuration:
    box = extent or CHINA
    return {
        "type": "collection",
        "title": _text(layer.title),
        "description": _text(layer.description),
        "keywords": {
            language: [layer.theme.value, *(one[language] for one in layer.keywords)] for language in _LANGUAGES
        },
        "links": [],
        "extents": {"spatial": {"bbox": [box.west, box.south, box.east, box.north], "crs": CRS84}},
        "providers": [provider],
    }


def _provider(layer: Layer, settings: Settings, extent: Box | None) -> Configuration | None:
    """None for a layer whose data this node does not hold."""
    if filed(layer):
        year = newest_year(layer, settings.data_dir)
        there = file_of(layer, settings.data_dir, year).is_file()
        return coverage_provider(layer, settings, year) if there else None
    if not layer.stored:
        return None
    identity = layer.id_attribute
    made: Configuration = {
        "type": "feature",
        "name": PROVIDER,
        "data": {"layer": layer.id, **_source(settings)},
        "id_field": identity.name if identity else "id",
        "storage_crs": CRS84,
        "crs": list(layer_crs(extent)) if layer.geometry else [CRS84],
    }
    titled = next((one.name for one in layer.attributes if one.role is Role.TITLE), None)
    if titled:
        made["title_field"] = titled
    return made


def coverage_provider(layer: Layer, settings: Settings, year: int | None) -> Configuration:
    """pygeoapi's rasterio provider, in our reading of it, on one of the layer's files."""
    said = settings.node.notice
    return {
        "type": "coverage",
        "name": RASTER_PROVIDER,
        "data": str(file_of(layer, settings.data_dir, year)),
        **({"image_description": f"{said.zh} / {said.en}"} if said else {}),
        "format": {"name": "GTiff", "mimetype": "image/tiff"},
        "bands": [
            {"name": one["name"], "title": _plain(one["title"]), "unit": one.get("unit") or ""} for one in bands(layer)
        ],
    }


def _plain(text: object) -> dict[str, str]:
    """A text of a definition's free part, which may be a mapping still."""
    return _text(text) if isinstance(text, Text) else dict(text) if isinstance(text, Mapping) else {}


def _source(settings: Settings) -> Configuration:
    """Where provider and processors find the node's data."""
    return {
        "store": settings.store.url,
        "collections": str(settings.collections.path),
        "timezone": settings.node.timezone,
        "open": sorted(Sharing(one).value for one in settings.access.open),
    }


def _text(text: Text) -> dict[str, str]:
    return {language: text[language] for language in _LANGUAGES}
