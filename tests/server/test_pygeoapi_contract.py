"""What this program relies on in pygeoapi 0.24: an upgrade that breaks one of these touches `server/shell.py` alone."""

import inspect
import json
from pathlib import Path
from typing import Any

import pytest
from pygeoapi import l10n, util
from pygeoapi.api import API, coverages
from pygeoapi.plugin import load_plugin
from pygeoapi.process.manager.dummy import DummyManager
from pygeoapi.provider.base import BaseProvider, ProviderInvalidQueryError, ProviderItemNotFoundError

from config.errors import DefinitionError, NotFoundError, ParameterError, UnavailableError
from config.settings import load as load_settings
from server import shell
from server.html.pages import PAGES, page_data
from server.node import open_node
from server.pygeoapi_config import configuration
from tests.server import tiny
from tests.server.html import examples
from tests.server.pygeoapi_node import PLAN, RASTER, make


@pytest.fixture
def config(tmp_path: Path) -> dict[str, Any]:
    return configuration(tiny.settings(tmp_path), tiny.registry(), {}, {"echo": "processes.echo.EchoProcessor"})


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_our_rendering_is_pygeoapis(name: str, language: str) -> None:
    """The kept environment gives byte for byte what `render_j2_template` gives with an environment of its own."""
    view = examples.page_view(name, language)
    template, settings, data = page_data(name, examples.documents(language)[name], view)
    ours = shell.render_template(settings, template, data, language)
    l10n._cfg_cache.clear()
    settings["server"]["locale_dir"] = str(shell.LOCALES)
    theirs = util.render_j2_template(
        settings, {"path": str(shell.TEMPLATES)}, template, data, l10n.str2locale(language)
    )
    l10n._cfg_cache.clear()
    assert ours == theirs


def test_rendering_keeps_its_signature_and_variables() -> None:
    assert list(inspect.signature(util.render_j2_template).parameters) == [
        "config",
        "tpl_config",
        "template",
        "data",
        "locale_",
    ]
    source = inspect.getsource(util.render_j2_template)
    for name in ("to_json", "format_datetime", "format_duration", "human_size", "get_path_basename"):
        assert f"env.filters['{name}']" in source
    assert "data=data, locale=locale_, version=__version__" in source


def test_every_template_of_pygeoapi_that_the_node_needs_is_ours() -> None:
    """A page of pygeoapi's would load scripts from elsewhere."""
    theirs = {path.relative_to(util.TEMPLATESDIR).as_posix() for path in util.TEMPLATESDIR.rglob("*.html")}
    ours = {path.relative_to(shell.TEMPLATES).as_posix() for path in shell.TEMPLATES.rglob("*.html")}
    missing = {one for one in theirs - ours if not one.startswith(("admin/", "stac/", "tilematrixsets/"))}
    unused = {"asyncapi.html", "collections/map/metadata.html"}
    assert {one for one in missing if not one.startswith(("collections/edr/", "collections/tiles/"))} == unused


def test_the_configuration_fits_pygeoapis_schema(config: dict[str, Any]) -> None:
    shell.check_configuration(config)
    server = config["server"]
    assert server["admin"] is False
    assert server["gzip"] is False
    assert "manager" not in server
    assert "pubsub" not in config
    assert "TinyDB" not in json.dumps(config)


def test_pygeoapi_makes_its_api_document_of_a_node_without_a_licence(config: dict[str, Any]) -> None:
    config["resources"] = {id: one for id, one in config["resources"].items() if one["type"] == "process"}
    document = json.loads(shell.openapi_document(config))
    assert document["openapi"].startswith("3.0")
    assert "/processes/echo/execution" in document["paths"]


def test_a_wrong_configuration_is_refused_with_its_place(config: dict[str, Any]) -> None:
    config["server"]["bind"]["port"] = "eighty"
    with pytest.raises(DefinitionError) as caught:
        shell.check_configuration(config)
    assert caught.value.faults[0].where == "server.bind.port"


def test_only_open_layers_are_published(tmp_path: Path) -> None:
    made = configuration(tiny.settings(tmp_path), tiny.registry(), {}, {})
    assert "parcels" in made["resources"]
    assert "secret" not in made["resources"]
    opened = tiny.settings(tmp_path, access={"open": ["unconditional", "conditional"]})
    assert "secret" in configuration(opened, tiny.registry(), {}, {})["resources"]


def test_the_api_takes_configuration_and_openapi(config: dict[str, Any]) -> None:
    api = API(config, {})
    assert [str(one) for one in api.locales] == ["zh", "en"]
    assert isinstance(api.manager, DummyManager)
    assert api.manager.is_async is False
    assert list(inspect.signature(coverages.get_collection_coverage).parameters) == ["api", "request", "dataset"]


def test_the_provider_contract() -> None:
    """The keywords with which pygeoapi's items handler calls a provider are parameters of ours."""
    from pygeoapi.api import itemtypes

    from server.provider import DuoguiProvider

    assert issubclass(DuoguiProvider, BaseProvider)
    source = inspect.getsource(itemtypes.get_collection_items)
    call = source[source.index("p.query(") : source.index("except ProviderGenericError", source.index("p.query("))]
    ours = inspect.signature(DuoguiProvider.query).parameters
    for name in ("offset", "limit", "resulttype", "bbox", "datetime_", "properties", "sortby", "skip_geometry"):
        assert f"{name}=" in call
        assert name in ours
    for name in ("select_properties", "crs_transform_spec", "q", "filterq"):
        assert f"{name}=" in call
        assert name in ours


def test_errors_become_pygeoapis() -> None:
    for given, expected, status in (
        (NotFoundError("gone"), ProviderItemNotFoundError, 404),
        (ParameterError("bbox", "wrong"), ProviderInvalidQueryError, 400),
        (UnavailableError("later"), shell.ProviderQueryError, 500),
    ):
        with pytest.raises(expected) as caught, shell.told():
            raise given
        assert caught.value.http_status_code == status


def test_a_provider_refuses_what_it_does_not_answer(tmp_path: Path) -> None:
    node = open_node(load_settings(make(tmp_path, 1)))
    made = shell.node_configuration(node)
    node.close()
    provider = load_plugin("provider", made["resources"][PLAN]["providers"][0])
    assert provider.fields["area"] == {"title": "面积", "type": "number", "x-ogc-unit": "m2"}
    for given in ({"q": "text"}, {"filterq": object()}, {"datetime_": "never"}, {"properties": [("area", "large")]}):
        with pytest.raises(ProviderInvalidQueryError):
            provider.query(**given)
    with pytest.raises(ProviderItemNotFoundError):
        provider.get("none")
    assert provider.get_schema()[0] == "application/geo+json"
    definition = made["resources"][PLAN]["providers"][0]
    definition["data"]["open"] = ["unconditional"]
    with pytest.raises(shell.ProviderQueryError):
        load_plugin("provider", definition)
    assert made["resources"][RASTER]["providers"][0]["type"] == "coverage"


def test_a_shell_swaps_its_configuration(config: dict[str, Any]) -> None:
    made = shell.Shell(config)
    former = made._api
    made.swap({**config, "resources": {}})
    assert made._api is not former
    with pytest.raises(DefinitionError):
        made.swap({"server": {}})
    assert made._api.config["resources"] == {}
