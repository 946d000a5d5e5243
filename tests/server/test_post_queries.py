"""Queries by POST: what the body is, its media type says; the answer is that of the GET."""

import pytest

from tests.server.client import Client

ITEMS = "/collections/parcels/items"
FORM = "application/x-www-form-urlencoded"


def test_a_form_is_a_get(each_client: Client) -> None:
    asked = "limit=3&sortby=-area&land_use_code=07"
    answer = each_client.request("POST", ITEMS, content=asked, headers={"content-type": FORM})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/geo+json"
    plain = each_client.get(f"{ITEMS}?{asked}").json()
    posted = answer.json()
    assert posted["features"] == plain["features"] != []
    assert posted["links"] == plain["links"]
    assert posted["numberMatched"] == plain["numberMatched"]


def test_parameters_of_the_address_and_of_the_form_are_joined(each_client: Client) -> None:
    answer = each_client.request(
        "POST", f"{ITEMS}?limit=2&floors=2", content="built=true&limit=9", headers={"content-type": FORM}
    )
    assert [one["id"] for one in answer.json()["features"]] == [
        one["id"] for one in each_client.get(f"{ITEMS}?floors=2&built=true&limit=2").json()["features"]
    ]
    twice = each_client.request("POST", f"{ITEMS}?floors=2", content="floors=3", headers={"content-type": FORM})
    assert twice.status_code == 400
    assert twice.json()["parameter"] == "floors"


def test_a_posted_answer_is_no_validator_for_a_get(each_client: Client) -> None:
    answer = each_client.request("POST", ITEMS, content="limit=3", headers={"content-type": FORM})
    assert "etag" not in answer.headers


@pytest.mark.parametrize("media", ["application/xml", "", "multipart/form-data; boundary=x", "text/cql3"])
def test_another_body_is_refused_and_says_what_is_taken(client: Client, media: str) -> None:
    answer = client.request("POST", ITEMS, content="a=b", headers={"content-type": media})
    assert answer.status_code == 415
    assert "text/cql2" in answer.headers["accept-post"]
    assert "application/cql2+json" in answer.json()["faults"][0]["remedy"]


@pytest.mark.parametrize("body", [b"\xff\xfe", b"name\x00 = 'x'"])
def test_a_body_that_is_no_text_is_refused(client: Client, body: bytes) -> None:
    answer = client.request("POST", ITEMS, content=body, headers={"content-type": "text/cql2"})
    assert answer.status_code == 400
    assert answer.json()["faults"][0]["where"] == "body"


def test_options_tell_of_queries_without_offering_to_add_features(client: Client) -> None:
    answer = client.request("OPTIONS", ITEMS)
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert "text/cql2" in answer.headers["accept-post"]
    asked = {"origin": "https://a.example", "access-control-request-method": "POST"}
    assert "POST" in client.request("OPTIONS", ITEMS, headers=asked).headers["access-control-allow-methods"]
