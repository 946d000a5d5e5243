"""The filter form works without scripts: fields that were left empty ask for nothing."""

from tests.server.client import Client

FORM = "/collections/parcels/items?f=html&land_use_code=07&name=&approval_date=&datetime=&bbox=&identifier="


def test_empty_fields_are_no_conditions(client: Client) -> None:
    answer = client.get(FORM)
    assert answer.status_code == 200
    plain = client.get("/collections/parcels/items?f=json&land_use_code=07&limit=100").json()
    for feature in plain["features"][:5]:
        assert feature["id"] in answer.text
    assert "P000" not in answer.text


def test_a_wrong_field_is_still_refused(client: Client) -> None:
    answer = client.get("/collections/parcels/items?f=html&area=large&name=", headers={"accept": "text/html"})
    assert answer.status_code == 400
    assert "area" in answer.text


def test_other_formats_take_empty_values_at_their_word(client: Client) -> None:
    assert client.get("/collections/parcels/items?f=json&bbox=").status_code == 400
