"""A collection as an input: its day and its filter, resolved before the job is accepted."""

from datetime import date
from typing import Any

import pytest

from processes import layer_input
from processes.contract import Setting
from processes.inputs import InputError
from tests.server import tiny

SETTING = Setting(tiny.LAYERS, date(2024, 1, 1), vocabulary=tiny.registry())
DEEP = 100_000


def resolved(value: Any) -> dict[str, Any]:
    return layer_input.resolve("left", value, SETTING.today, SETTING)


def nested(levels: int) -> dict[str, Any]:
    made: dict[str, Any] = {"op": "=", "args": [{"property": "floors"}, 2]}
    for _ in range(levels):
        made = {"op": "not", "args": [made]}
    return made


def test_a_collection_with_day_and_filter() -> None:
    assert resolved("parcels") == {"collection": "parcels", "datetime": "2024-01-01"}
    value = {"collection": "parcels", "datetime": "2016-12-31", "filter": "floors >= 2"}
    assert resolved(value) == value
    tree = {"op": ">=", "args": [{"property": "floors"}, 2]}
    assert resolved({"collection": "parcels", "filter": tree})["filter"] == tree


def test_a_filter_may_look_up_code_lists() -> None:
    assert resolved({"collection": "parcels", "filter": "in_class(land_use_code, '07')"})


@pytest.mark.parametrize(
    ("filter", "says"),
    [
        ("floors >=", "CQL2"),
        ("storeys = 2", "storeys"),
        ("floors = 'two'", "floors"),
        ("(" * DEEP + "floors = 2" + ")" * DEEP, "long"),
        ("NOT (" * 101 + "floors = 2" + ")" * 101, "deep"),
        (nested(200), "deep"),
        (nested(300), "deep"),
        (nested(900), "deep"),
        ({"op": "no-such-operator", "args": []}, "no-such-operator"),
    ],
)
def test_a_wrong_filter_is_refused_by_name(filter: Any, says: str) -> None:
    with pytest.raises(InputError) as refused:
        resolved({"collection": "parcels", "filter": filter})
    (fault,) = refused.value.faults
    assert fault.where == "left.filter"
    assert says in fault.what
