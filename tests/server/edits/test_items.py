"""Edits of single features: what is written, what is answered, what is refused; the same on both stores."""

from tests.server.edits.conftest import ITEMS, Writing, feature


def test_a_feature_is_created_read_replaced_changed_and_deleted(client: Writing) -> None:
    made = client.send("POST", ITEMS, feature(identifier="N1", name="新地块"))
    assert made.status_code == 201, made.text
    place = made.headers["location"]
    assert place.endswith(f"{ITEMS}/N1")
    got = client.get(place)
    assert got.headers["etag"] == made.headers["etag"]
    assert got.headers["last-modified"] == made.headers["last-modified"]
    assert got.json()["properties"]["name"] == "新地块"
    assert got.json()["geometry"]["type"] == "MultiPolygon"
    put = client.send("PUT", place, feature(name="改名", area=12.5), if_match=got.headers["etag"])
    assert put.status_code == 204, put.text
    assert put.headers["etag"] == client.get(place).headers["etag"] != made.headers["etag"]
    patched = client.send("PATCH", place, {"properties": {"name": None, "floors": 3}}, if_match=put.headers["etag"])
    assert patched.status_code == 204, patched.text
    now = client.get(place).json()["properties"]
    assert (now["name"], now["floors"], now["area"], now["identifier"]) == (None, 3, 12.5, "N1")
    assert client.send("DELETE", place, if_match=put.headers["etag"]).status_code == 412
    assert client.send("DELETE", place, if_match=patched.headers["etag"]).status_code == 204
    assert client.get(place).status_code == 410
    assert client.send("PUT", place, feature()).status_code == 410
    assert client.send("DELETE", place).status_code == 410
    again = client.send("POST", ITEMS, feature(identifier="N1"))
    assert again.status_code == 409
    assert "never used again" in again.json()["detail"]


def test_what_was_read_and_is_put_back_makes_no_version(client: Writing) -> None:
    got = client.get(f"{ITEMS}/P003")
    put = client.send("PUT", f"{ITEMS}/P003", got.json(), if_match=got.headers["etag"])
    assert put.status_code == 204
    assert put.headers["etag"] == got.headers["etag"]
    assert client.get(f"{ITEMS}/P003").headers["last-modified"] == got.headers["last-modified"]
