"""If-Match, If-Unmodified-Since and If-None-Match on edits; 428 where a collection demands one."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from server.http.conditional import versions_of
from tests.server.edits.conftest import ITEMS, Writing, feature

PLACE = f"{ITEMS}/P003"


@pytest.mark.parametrize("header", ["accept", "accept-encoding", "accept-language"])
def test_the_tag_of_any_representation_counts(client: Writing, header: str) -> None:
    value = {"accept": "text/html", "accept-encoding": "br", "accept-language": "en"}[header]
    tag = client.get(PLACE, headers={header: value}).headers["etag"]
    assert client.send("PATCH", PLACE, {"properties": {"floors": 5}}, if_match=tag).status_code == 204
    assert client.send("PATCH", PLACE, {"properties": {"floors": 6}}, if_match=tag).status_code == 412


def test_one_of_several_tags_is_enough(client: Writing) -> None:
    tag = client.get(PLACE).headers["etag"]
    listed = f'"77-abc", "foreign", W/{tag}'
    assert client.send("PUT", PLACE, feature(), if_match='"77-abc", "foreign"').status_code == 412
    assert client.send("PUT", PLACE, feature(), if_match='"foreign"').status_code == 412
    assert client.send("PUT", PLACE, feature(), if_match="no tag").status_code == 412
    assert client.send("PUT", PLACE, feature(), if_match=listed).status_code == 204
    assert client.send("PUT", PLACE, feature(name="x"), if_match="*").status_code == 204


def test_versions_of_tags() -> None:
    assert versions_of("*") is None
    assert versions_of('"7-1f0c", W/"8-html-zh-1f0c-br", "x"') == {7, 8}
    assert versions_of("") == frozenset()


def test_a_date_before_the_last_change_does_not_hold(client: Writing) -> None:
    known = client.get(PLACE).headers["last-modified"]
    early = format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)
    refused = client.send("PATCH", PLACE, {"properties": {"floors": 7}}, if_unmodified_since=early)
    assert refused.status_code == 412
    assert "was changed at" in refused.json()["detail"]
    assert client.send("DELETE", PLACE, if_unmodified_since=early).status_code == 412
    done = client.send("PATCH", PLACE, {"properties": {"floors": 7}}, if_unmodified_since=known)
    assert done.status_code == 204
    # RFC 9110, 13.1.4: a value that is no date is ignored, and so is the header beside If-Match
    assert client.send("PUT", PLACE, feature(), if_unmodified_since="yesterday").status_code == 204
    tag = client.get(PLACE).headers["etag"]
    assert client.send("PUT", PLACE, feature(name="y"), if_unmodified_since=early, if_match=tag).status_code == 204


def test_an_unconditional_edit_is_refused_where_that_is_demanded(client: Writing) -> None:
    place = "/collections/statistics/items/P003"
    body = feature("P003") | {"geometry": None}
    for method, sent in (("PUT", body), ("PATCH", {"properties": {"floors": 1}}), ("DELETE", None)):
        answer = client.send(method, place, sent)
        assert answer.status_code == 428
        assert "If-Match" in answer.json()["faults"][0]["where"]
    tag = client.get(place).headers["etag"]
    assert client.send("PUT", place, body, if_match=tag).status_code == 204
    assert client.send("POST", "/collections/statistics/items", body | {"id": "S9"}).status_code == 201
    assert client.send("DELETE", place, if_match="*").status_code == 204


def test_a_date_that_cannot_be_is_ignored(client: Writing) -> None:
    never = "Mon, 01 Jan 2020 00:00:00 +99999999999999"
    assert client.send("PATCH", PLACE, {"properties": {"floors": 8}}, if_unmodified_since=never).status_code == 204
