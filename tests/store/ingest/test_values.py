"""How values are read: numbers, days, yes and no, texts."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.layers import AttributeType
from store.ingest.values import EXCEL_EPOCH, converter, is_empty

ZONE = ZoneInfo("Asia/Shanghai")
T = AttributeType
DAY = date(2016, 5, 1)

GOOD = [
    (T.DATE, "2016-05-01", DAY),
    (T.DATE, "2016/5/1", DAY),
    (T.DATE, "2016.5.1", DAY),
    (T.DATE, "20160501", DAY),
    (T.DATE, 20160501, DAY),
    (T.DATE, 20160501.0, DAY),
    (T.DATE, "2016年5月1日", DAY),
    (T.DATE, "２０１６年５月１日", DAY),
    (T.DATE, "2016-05-01T00:00:00", DAY),
    (T.DATE, "2016/05/01 08:30", DAY),
    (T.DATE, 42491, DAY),
    (T.DATE, 42491.75, DAY),
    (T.DATE, "42491", DAY),
    (T.DATE, datetime(2016, 5, 1, 23, 59), DAY),
    (T.NUMBER, "1,234,567.5", 1234567.5),
    (T.NUMBER, " 12.5 ", 12.5),
    (T.NUMBER, "１２．５", 12.5),
    (T.NUMBER, "1e3", 1000.0),
    (T.NUMBER, 7, 7.0),
    (T.INTEGER, "12", 12),
    (T.INTEGER, 12.0, 12),
    (T.INTEGER, "12.0", 12),
    (T.INTEGER, "9007199254740993", 9007199254740993),
    (T.BOOLEAN, "是", True),
    (T.BOOLEAN, "否", False),
    (T.BOOLEAN, "Y", True),
    (T.BOOLEAN, 0, False),
    (T.BOOLEAN, 1.0, True),
    (T.STRING, 130902.0, "130902"),
    (T.STRING, 1.5, "1.5"),
    (T.STRING, "  新华 ", "新华"),
    (T.STRING, ["a", "b"], "a;b"),
    (T.DATETIME, "2016-05-01 08:00", datetime(2016, 5, 1, 0, tzinfo=UTC)),
    (T.DATETIME, "2016-05-01T08:00:00Z", datetime(2016, 5, 1, 8, tzinfo=UTC)),
    (T.DATETIME, DAY, datetime(2016, 4, 30, 16, tzinfo=UTC)),
    (T.DATETIME, "20160501", datetime(2016, 4, 30, 16, tzinfo=UTC)),
]
BAD = [
    (T.DATE, "2016-13-01"),
    (T.DATE, "20160230"),
    (T.DATE, "2016"),
    (T.DATE, 2016),
    (T.DATE, "去年"),
    (T.DATE, 1.5),
    (T.DATE, True),
    (T.NUMBER, "12亩"),
    (T.NUMBER, "1,2"),
    (T.NUMBER, "1e999"),
    (T.NUMBER, float("inf")),
    (T.NUMBER, True),
    (T.INTEGER, "12.5"),
    (T.INTEGER, 2**63),
    (T.INTEGER, "٣٫٥"),
    (T.BOOLEAN, "maybe"),
    (T.BOOLEAN, 2),
    (T.STRING, b"\xff"),
    (T.STRING, "a\0b"),
    (T.DATETIME, "25:00"),
]


@pytest.mark.parametrize(("kind", "value", "expected"), GOOD)
def test_read(kind: AttributeType, value: Any, expected: Any) -> None:
    found = converter(kind, ZONE)(value)
    assert found == expected and type(found) is type(expected)


@pytest.mark.parametrize(("kind", "value"), BAD)
def test_refused(kind: AttributeType, value: Any) -> None:
    with pytest.raises((ValueError, OverflowError)):
        converter(kind, ZONE)(value)


def test_what_stands_for_nothing() -> None:
    assert all(map(is_empty, [None, "", "  ", "NULL", "<空>", "NaN", float("nan")]))
    assert not any(map(is_empty, [0, False, "0", "无名"]))


@given(st.dates(date(1930, 1, 1), date(2100, 1, 1)))
def test_every_day_in_every_way(day: date) -> None:
    read = converter(T.DATE, ZONE)
    ways = [day, day.isoformat(), f"{day:%Y%m%d}", f"{day.year}/{day.month}/{day.day}", (day - EXCEL_EPOCH).days]
    assert {read(one) for one in [*ways, f"{day.year}年{day.month}月{day.day}日"]} == {day}


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.binary(), st.datetimes()))
def test_nothing_else_is_raised(value: Any) -> None:
    for kind in AttributeType:
        if not is_empty(value):
            try:
                converter(kind, ZONE)(value)
            except (ValueError, OverflowError):
                continue


def test_excel_epoch() -> None:
    assert date(1900, 3, 1) == EXCEL_EPOCH + timedelta(days=61)  # what a spreadsheet shows for 61
