"""A node of `config/nodes/cambridge.yaml`, loaded from the city's open data where they are at hand."""

import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from config.settings import load
from server.node import Node, open_node
from store.ingest.context import node_of
from store.ingest.loader import Options, load_file
from store.migrate import migrate

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = ROOT / "config" / "nodes" / "cambridge.yaml"
SOURCES = {
    "zoning-districts": "CDD_ZoningDistricts",
    "zoning-overlay-districts": "CDD_ZoningOverlayDistricts",
    "special-permit-areas": "CDD_SpecialPermitAreas",
    "open-space": "RECREATION_OpenSpace",
    "wetlands": "HYDRO_Wetlands",
    "flood-zones-100-year": "FEMA_FloodPlains100Year",
    "historic-places": "HISTORICAL_NationalRegisterHistoricPlaces",
}


@pytest.fixture(scope="module")
def files(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the seven files."""
    archive = shared_data / "planning" / "cambridge_ma.zip"
    if not archive.is_file():
        pytest.skip(f"Cambridge's open data are not at hand ({archive})")
    folder = tmp_path_factory.mktemp("cambridge")
    with zipfile.ZipFile(archive) as opened:
        for name in SOURCES.values():
            (folder / f"{name}.geojson").write_bytes(opened.read(f"layers/{name}.geojson"))
    return folder


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def node(request: pytest.FixtureRequest, files: Path) -> Iterator[Node]:
    """The node with its layers loaded, on each store."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUOGUI_CAMBRIDGE", str(files / "node"))
        settings = load(CONFIGURATION)
    if request.param == "postgis":
        store = settings.store.model_copy(update={"url": request.getfixturevalue("postgis_url")})
        settings = settings.model_copy(update={"store": store})
    prepare(settings, files)
    opened = open_node(settings)
    yield opened
    opened.close()


def prepare(settings: object, files: Path) -> None:
    """Make the store and load the files as `duogui migrate` and `duogui load` do."""
    from config import registry as registries
    from store import open_store

    registry = registries.load(settings.collections.path)  # type: ignore[attr-defined]
    timezone = settings.node.timezone  # type: ignore[attr-defined]
    store = open_store(settings.store.url, registry.layers, timezone)  # type: ignore[attr-defined]
    migrate(store.database)
    for layer, name in SOURCES.items():
        around = node_of(store, registry.codelists, {}, frozenset(), store.database.timezone)
        outcome = load_file(
            store, registry.layers[layer], str(files / f"{name}.geojson"), around, Options(valid_from=date(2026, 3, 3))
        )
        assert outcome.passed, outcome.as_json()
    store.close()
