"""Features Part 6: property selection. The draft has no abstract tests yet; these are named by its requirements."""

import pytest

from tests.conformance import ITEMS
from tests.server.client import Client

STANDARD = "http://www.opengis.net/spec/ogcapi-features-6/1.0"


@pytest.mark.parametrize("path", [f"{ITEMS}?limit=1", f"{ITEMS}/P003?lang=zh"])
def test_properties_parameter_and_response(iut: Client, path: str) -> None:
    """/req/properties/parameter, response: only the named ones; unknown is 400."""
    document = iut.get(f"{path}&properties=floors,name").json()
    feature = document.get("features", [document])[0]
    assert set(feature["properties"]) == {"floors", "name"}
    assert iut.get(f"{path}&properties=unknown").status_code == 400


def test_properties_features_request(iut: Client) -> None:
    """/req/properties-features/request: geometry and id of a feature stay, whatever properties are chosen."""
    whole = iut.get(f"{ITEMS}?limit=3").json()["features"]
    chosen = iut.get(f"{ITEMS}?limit=3&properties=floors").json()["features"]
    assert [(one["id"], one["geometry"]) for one in chosen] == [(one["id"], one["geometry"]) for one in whole]
