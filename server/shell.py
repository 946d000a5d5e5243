"""The one module that touches pygeoapi's internals, so that an upgrade of pygeoapi touches one file.

Importing it imports pygeoapi (about a second): import it inside the function that needs it. What is used of pygeoapi,
and what of its behaviour is relied upon, is written down as tests in `tests/server/test_pygeoapi_contract.py`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from babel import Locale
from babel.support import Translations
from jinja2 import Environment, FileSystemLoader, select_autoescape
from pygeoapi import __version__ as version
from pygeoapi import util
from pygeoapi.api import API, APIRequest
from pygeoapi.api.coverages import get_collection_coverage
from pygeoapi.config import validate_config
from pygeoapi.provider.base import (
    BaseProvider,
    ProviderInvalidQueryError,
    ProviderItemNotFoundError,
    ProviderNoDataError,
    ProviderQueryError,
)

from config.errors import DefinitionError, DuoguiError, Fault, NotFoundError, RequestError
from server.pygeoapi_config import configuration, coverage_provider
from server.rasters import filed, years

if TYPE_CHECKING:
    from pygeoapi.provider.rasterio_ import RasterioProvider

    from server.node import Node
else:

    def __getattr__(name: str) -> Any:
        """`RasterioProvider`, loaded with rasterio when a raster is first asked for."""
        if name == "RasterioProvider":
            from pygeoapi.provider.rasterio_ import RasterioProvider

            return RasterioProvider
        raise AttributeError(name)


__all__ = [
    "BaseProvider",
    "ProviderInvalidQueryError",
    "ProviderItemNotFoundError",
    "ProviderNoDataError",
    "ProviderQueryError",
    "RasterioProvider",
    "Shell",
    "check_configuration",
    "environment",
    "node_configuration",
    "openapi_document",
    "render_template",
    "shell_of",
    "told",
]

HTML = Path(__file__).parent / "html"
TEMPLATES = HTML / "templates"
LOCALES = HTML / "locale"


@contextmanager
def told() -> Iterator[None]:
    """Our errors as pygeoapi's, with the status that each means there."""
    try:
        yield
    except NotFoundError as err:
        raise ProviderItemNotFoundError(str(err), user_msg=err.message) from err
    except RequestError as err:
        raise ProviderInvalidQueryError(str(err), user_msg=err.message) from err
    except DuoguiError as err:
        raise ProviderQueryError(str(err)) from err


@cache
def environment(language: str) -> Environment:
    """The template environment that `pygeoapi.util.render_j2_template` builds anew for every page, built once.

    The same search path (ours before pygeoapi's), filters, globals and translations; the templates stay compiled.
    """
    made = Environment(
        loader=FileSystemLoader([TEMPLATES, util.TEMPLATESDIR]),
        extensions=["jinja2.ext.i18n"],
        autoescape=select_autoescape(),
        auto_reload=False,
        cache_size=-1,
    )
    for name in ("to_json", "format_datetime", "format_duration", "human_size", "get_path_basename"):
        made.filters[name] = getattr(util, name)
    made.filters["get_breadcrumbs"] = util.get_breadcrumbs
    made.filters["filter_dict_by_key_value"] = util.filter_dict_by_key_value
    made.globals.update(
        to_json=util.to_json,
        get_path_basename=util.get_path_basename,
        get_breadcrumbs=util.get_breadcrumbs,
        filter_dict_by_key_value=util.filter_dict_by_key_value,
    )
    translations = Translations.load(str(LOCALES), [language])
    made.install_gettext_translations(translations)  # type: ignore[attr-defined]  # added by the extension
    return made


def render_template(config: Mapping[str, Any], template: str, data: Mapping[str, Any], language: str) -> str:
    """One page by pygeoapi's rendering contract: the variables `config`, `data`, `locale` and `version`.

    `config` is already in the page's language (pygeoapi translates it with `l10n.translate_struct`, and keeps the
    first answer for the life of the process).
    """
    page = environment(language).get_template(template)
    return page.render(config=config, data=data, locale=Locale.parse(language), version=version)


def check_configuration(config: Mapping[str, Any]) -> None:
    """Refuse a configuration that does not fit pygeoapi's own schema.

    Raises:
        DefinitionError: names the place in the configuration.
    """
    from jsonschema import ValidationError

    try:
        validate_config(dict(config))
    except ValidationError as err:
        place = ".".join(map(str, err.absolute_path)) or "configuration"
        raise DefinitionError("The pygeoapi configuration is wrong", Fault(place, err.message)) from err


def processors() -> dict[str, str]:
    """The dotted path of the pygeoapi processor of every process that has one, by process id."""
    from processes.registry import all_processes, module_of

    return {id: f"{module_of(one)}.{type(one).__name__}Processor" for id, one in all_processes().items()}


def node_configuration(node: "Node") -> dict[str, Any]:
    """The pygeoapi configuration of a node, with the extents of its layers as they are now."""
    extents = {id: node.store.state(id).extent for id, layer in node.layers.items() if layer.stored}
    return configuration(node.settings, node.registry, extents, processors(), node.layers)


def openapi_document(config: Mapping[str, Any]) -> str:
    """The OpenAPI document that pygeoapi makes of a configuration, as JSON text."""
    from pygeoapi.openapi import get_oas

    text: str = util.to_json(get_oas(dict(config)))
    return text


class _Request:
    """As much of a web framework's request as `APIRequest` reads."""

    def __init__(self, path: str, query: Mapping[str, str]) -> None:
        self.query_params = dict(query)
        self.headers: dict[str, str] = {}
        self.scope = {"path": path}


class Shell:
    """pygeoapi's API of one node, for the parts of pygeoapi that answer for us: coverages.

    Each file of a raster collection is a dataset: `id`, or `id@year`. `swap` replaces the API by another between two
    requests, which is how a reload is done.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self._api = API(config, {})

    def swap(self, config: dict[str, Any]) -> None:
        """Answer by another configuration from the next request on.

        Raises:
            DefinitionError: the configuration is wrong; the former stays.
        """
        check_configuration(config)
        self._api = API(config, {})

    def coverage(self, dataset: str, query: Mapping[str, str]) -> tuple[bytes, str]:
        """Body and media type of a coverage. `query` holds f, subset and properties, already checked.

        Raises:
            RequestError: pygeoapi refused it all the same.
        """
        api = self._api
        request = APIRequest(_Request(f"collections/{dataset}/coverage", query), api.locales)
        headers, status, content = get_collection_coverage(api, request, dataset)
        if status != 200:
            raise RequestError("The coverage cannot be read so", Fault(dataset, str(content)[:300]))
        body = content.encode() if isinstance(content, str) else content
        return body, headers["Content-Type"]


_SHELLS: "WeakKeyDictionary[Node, Shell]" = WeakKeyDictionary()
_LOCK = Lock()


def shell_of(node: "Node") -> Shell:
    """The shell of a node, made when first asked for; a reloaded node is another node and has its own."""
    with _LOCK:
        found = _SHELLS.get(node)
        if found is None:
            found = _SHELLS[node] = Shell(_raster_configuration(node))
        return found


def _raster_configuration(node: "Node") -> dict[str, Any]:
    """The node's configuration with every file of its raster collections, and nothing else."""
    config = configuration(node.settings, node.registry, {}, {}, {})
    for layer in node.layers.values():
        if filed(layer):
            for year in years(layer) or (None,):
                name = layer.id if year is None else f"{layer.id}@{year}"
                provider = coverage_provider(layer, node.settings, year)
                config["resources"][name] = {
                    "type": "collection",
                    "title": layer.id,
                    "description": layer.id,
                    "keywords": [],
                    "extents": {"spatial": {"bbox": [-180, -90, 180, 90]}},
                    "providers": [provider],
                }
    return config
