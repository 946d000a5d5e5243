"""What is wrong with a polygon is said in words, at its place."""

from typing import Any

import pytest

from processes.inputs import InputError
from processes.polygon_input import MOST_VERTICES, check

SQUARE = [[117, 38], [118, 38], [118, 39], [117, 39], [117, 38]]
BOW = [[117, 38], [118, 39], [118, 38], [117, 39], [117, 38]]
HOLE = [[117.2, 38.2], [117.2, 38.4], [117.4, 38.4], [117.2, 38.2]]


@pytest.mark.parametrize("coordinates", [[SQUARE], [SQUARE, HOLE], [[[*one, 10.5] for one in SQUARE]]])
def test_polygons_pass(coordinates: Any) -> None:
    check("area", {"type": "Polygon", "coordinates": coordinates})
    check("area", {"type": "MultiPolygon", "coordinates": [coordinates]})


@pytest.mark.parametrize(
    ("coordinates", "where", "what"),
    [
        ([], "area.coordinates", "it has no ring"),
        ([[]], "area.coordinates[0]", "it has no positions"),
        ("abc", "area.coordinates", "it has no ring"),
        ([5], "area.coordinates[0]", "it has no positions"),
        ([SQUARE[:4]], "area.coordinates[0]", "the ring is not closed"),
        ([SQUARE, HOLE[:3]], "area.coordinates[1]", "the ring has 3 positions"),
        ([[[0, 0], [1]]], "area.coordinates[0][1]", "[1] is no position"),
        ([[[0, 0], [0, None], [1, 1], [0, 0]]], "area.coordinates[0][1]", "is no position"),
        ([[[0, 0], [0, True], [1, 1], [0, 0]]], "area.coordinates[0][1]", "is no position"),
        ([[[38, 117], [38, 118], [39, 118], [38, 117]]], "area.coordinates[0][0]", "is no position"),
        ([BOW], "area", "self-intersection near 117.5 38.5"),
        ([HOLE, SQUARE], "area", "hole lies outside shell"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(coordinates: Any, where: str, what: str) -> None:
    with pytest.raises(InputError) as caught:
        check("area", {"type": "Polygon", "coordinates": coordinates})
    (fault,) = caught.value.faults
    assert fault.where == where
    assert what in fault.what
    assert fault.remedy
    assert "'area'" in caught.value.message and fault.what in caught.value.message


def test_of_several_polygons_the_wrong_one_is_named() -> None:
    with pytest.raises(InputError) as caught:
        check("area", {"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE[:4]]]})
    assert caught.value.faults[0].where == "area.coordinates[1][0]"
    with pytest.raises(InputError, match="empty"):
        check("area", {"type": "MultiPolygon", "coordinates": []})


def test_too_many_positions_are_refused_before_they_are_looked_at() -> None:
    many = [[117, 38]] * (MOST_VERTICES + 1)
    with pytest.raises(InputError, match=str(MOST_VERTICES)):
        check("area", {"type": "Polygon", "coordinates": [SQUARE, many]})
