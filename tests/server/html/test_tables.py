"""The order of columns, the numbers in them, and instants on the node's clock."""

from datetime import UTC, datetime
from typing import Any

import pytest

from server.html import features, render, texts
from tests.server.html import examples
from tests.server.html.examples import documents, page_view, registry


def table(language: str = "zh", **changes: Any) -> tuple[list[str], list[dict[str, dict[str, Any]]]]:
    """Names of the columns of the page of ten plots, and its rows by column; changes overwrite every plot."""
    document = documents()["items"]
    for one in document["features"]:
        one["properties"] |= changes
    made = features.items(document, page_view("items", language))
    names = [one["name"] for one in made["columns"]]
    return names, [dict(zip(names, row["cells"], strict=True)) for row in made["rows"]]


def test_columns_that_tell_nothing_come_last() -> None:
    names, _ = table(height_limit=None, remarks=0)
    told = names[: names.index("valid_from")]
    assert told.index("land_use_code") < told.index("area") < told.index("remarks") < told.index("height_limit")
    # 新华区 says no more than the code 130902 beside it, which is shown by that title.
    assert told.index("division_name") > told.index("remarks")


def test_a_name_that_differs_from_its_code_keeps_its_place() -> None:
    names, _ = table(division_name="新华区东部")
    assert names.index("division_name") == names.index("division_code") + 1


def test_the_title_is_the_first_column() -> None:
    view = examples.view(layer=registry().layers["current-education-facility"])
    properties = {"identifier": "1", "division_code": "130902", "name": "第一中学", "valid_from": "2016-01-01"}
    one = {"type": "Feature", "id": "1", "geometry": None, "properties": properties}
    made = features.items({"features": [one], "links": []}, view)
    assert next(column["name"] for column in made["columns"]) == "name"


def test_numbers_of_a_column_have_the_same_decimals() -> None:
    _, rows = table()
    assert {len(row["area"]["text"].partition(".")[2]) for row in rows} == {3}
    assert rows[0]["area"]["text"] == "31,415.926"
    assert rows[0]["target_year"]["text"] == "2030"
    assert texts.number(3, "en", 2) == "3.00"


def test_nothing_and_an_empty_text_look_the_same() -> None:
    _, rows = table(plan_name="", height_limit=None)
    assert rows[0]["plan_name"] == rows[0]["height_limit"] | {"number": False}
    assert rows[0]["plan_name"]["kind"] == "none"


def test_instants_are_told_on_the_clock_of_the_node() -> None:
    view = page_view("items")
    assert view.moment("2014-12-31T16:00:00Z") == "2015-01-01 00:00"
    assert view.moment(datetime(2026, 1, 1, 1, 2, 3, tzinfo=UTC), seconds=True) == "2026-01-01 09:02:03"
    assert page_view("items", timezone="Europe/Berlin").moment("2026-07-01T00:00:00Z") == "2026-07-01 02:00"
    assert view.moment("soon") == "soon"


@pytest.mark.parametrize(
    ("query", "window"),
    [
        ({"bbox": "116.8,38.2,116.9,38.3"}, "116.800000,38.200000,116.900000,38.300000"),
        ({"bbox": "38.2,116.8,38.3,116.9", "bbox-crs": "http://www.opengis.net/def/crs/EPSG/0/4490"}, ""),
        ({"bbox": "116.8,38.2,0,116.9,38.3,9"}, ""),
        ({}, ""),
    ],
)
def test_the_map_shows_the_box_that_was_asked_for(query: dict[str, str], window: str) -> None:
    view = page_view("items", query=tuple(query.items()))
    assert features.items(documents()["items"], view)["window"] == window


def test_codes_of_a_schema_are_values_and_not_types() -> None:
    document = documents("en")["queryables"]
    codes = [{"const": "01", "title": "Arable land"}, {"const": "02", "title": "Orchards"}]
    document["properties"] = {"use": {"title": "Use", "type": "string", "oneOf": codes}}
    body = render("queryables", document, page_view("queryables", "en")).decode()
    assert '<td data-label="Type">string</td>' in body
    assert "<code>01</code> Arable land" in body
    assert "2 values" in body
