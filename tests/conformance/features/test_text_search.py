"""OGC API - Features - Part 9: Text Search (24-031, draft): the parameter `q`.

The draft prints the number of Part 8 in its URIs still; what is declared is the number that the part has now.
"""

from urllib.parse import quote

import pytest

from tests.conformance import ITEMS
from tests.server.client import Client

STANDARD = "http://www.opengis.net/spec/ogcapi-features-9/1.0"


def names(iut: Client, query: str) -> list[str | None]:
    answer = iut.get(f"{ITEMS}?limit=100&{query}")
    assert answer.status_code == 200
    return [one["properties"]["name"] for one in answer.json()["features"]]


def test_text_search_q_definition(each_iut: Client) -> None:
    """/req/text-search/q-definition: terms parted by commas, case does not count."""
    assert set(names(each_iut, "q=" + quote("居住二,公园"))) == {"居住二", "公园 东"}
    assert names(each_iut, "q=A%26B") == names(each_iut, "q=a%26b") != []


def test_text_search_q_response(each_iut: Client) -> None:
    """/req/text-search/q-response: A one term, B one of several, C words in order with any white space between."""
    everything = names(each_iut, "")
    for asked in ("居住", "住", "园"):
        assert names(each_iut, "q=" + quote(asked)) == [one for one in everything if one and asked in one]
    assert len(names(each_iut, "q=" + quote("居住,50"))) == sum(
        one in ("居住一", "居住二", "50%") for one in everything
    )
    assert set(names(each_iut, "q=" + quote("公园  \t 东"))) == {"公园 东"}
    assert names(each_iut, "q=" + quote("东 公园")) == []
    assert names(each_iut, "q=nothing") == []


def test_features_text_search_q_parameter(each_iut: Client) -> None:
    """/req/features-text-search/q-param: with every other parameter, page by page, counted."""
    first = each_iut.get(f"{ITEMS}?q={quote('居住')}&limit=2&numberMatched=true").json()
    assert first["numberMatched"] == len(names(each_iut, "q=" + quote("居住"))) > 2
    following = next(one["href"] for one in first["links"] if one["rel"] == "next")
    assert f"q={quote('居住')}" in following
    second = each_iut.get(following).json()
    both = [one["id"] for one in first["features"] + second["features"]]
    assert len(set(both)) == 4
    narrowed = each_iut.get(f"{ITEMS}?q={quote('居住')}&floors=1&sortby=-identifier").json()["features"]
    assert narrowed
    assert all(one["properties"]["floors"] == 1 and "居住" in one["properties"]["name"] for one in narrowed)


def test_features_text_search_response(iut: Client) -> None:
    """/req/features-text-search/response: the validator depends on the words; what holds no word is refused."""
    tags = {iut.get(f"{ITEMS}?q={quote(one)}").headers["etag"] for one in ("居住", "公园")}
    assert len(tags) == 2
    for wrong in ("", "%20", ",", "..."):
        refusal = iut.get(f"{ITEMS}?q={wrong}")
        assert (refusal.status_code, refusal.json()["parameter"]) == (400, "q")


def test_features_text_search_in_the_api_definition(api: dict) -> None:
    parameter = api["components"]["parameters"]["q"]
    assert parameter["schema"]["type"] == "array"
    assert parameter["explode"] is False
    operation = api["paths"]["/collections/parcels/items"]["get"]
    assert {"$ref": "#/components/parameters/q"} in operation["parameters"]


@pytest.mark.parametrize("form", ["html", "csv", "jsonfg"])
def test_features_text_search_in_every_format(iut: Client, form: str) -> None:
    answer = iut.get(f"{ITEMS}?q={quote('公园')}&f={form}&lang=zh")
    assert answer.status_code == 200
    assert "公园 东" in answer.text
    assert "居住一" not in answer.text
