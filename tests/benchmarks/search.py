"""Text search, history and differences beside the bare queries that they rest on, on both stores, in one run.

    python -m tests.benchmarks.search [--rows 200000] [--runs 15] [--json FILE]

Prints what an index of words adds to a bulk load, then for each question the median time of the store's answer and of
the bare SQL by the driver's own cursor, in turns, and their ratio. Only ratios inside one run mean anything.
"""

import argparse
import json
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psycopg
import shapely
import sqlalchemy as sa

from config.layers import Attribute, AttributeType, GeometryType, Layer, Role, Text
from store import open_store
from store.criteria import Criteria, LoadMode
from store.differences import Moment, Moments
from store.interface import Batch
from store.migrate import migrate
from store.search import parse
from store.sql import SqlStore
from tests import postgis
from tests.benchmarks import parcels
from tests.store.layers import layer

BATCH = 10_000
SEARCHED = ("name", "approval_number")
FIRST, LATER = date(2016, 1, 1), date(2018, 1, 1)
EVERY = 10  # one feature in so many changes
WORDS = {"every row": "地块", "one in eight": "冀规字〔2016〕", "few": "77号", "one": "地块 77777", "a character": "冀"}
TYPES = {"area": AttributeType.NUMBER, "floor_area_ratio": AttributeType.NUMBER, "approval_date": AttributeType.DATE}


@dataclass
class Table:
    """All figures of one run, in milliseconds."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def put(self, store: str, question: str, ours: float, bare: float) -> None:
        self.rows.append({"store": store, "question": question, "ours": ours, "bare": bare})
        print(f"{store:8} {question:34} {ours:10.2f} ms  bare {bare:10.2f} ms  ratio {ours / bare:6.2f}", flush=True)


def definition(id: str, *, searched: bool) -> Layer:
    """The benchmark's parcels as a layer whose names and approval numbers are searched, or not."""
    columns = parcels.make(1).columns
    attributes = tuple(
        Attribute(
            name,
            name[:10].upper(),
            Text(name, name),
            TYPES.get(name, AttributeType.STRING),
            role=Role.ID if name == "identifier" else None,
            searchable=searched and name in SEARCHED,
        )
        for name in columns
    )
    return layer(id, GeometryType.POLYGON, attributes=attributes)


def batches(data: parcels.Parcels, chosen: np.ndarray[Any, Any]) -> Iterator[Batch]:
    for start in range(0, len(chosen), BATCH):
        part = chosen[start : start + BATCH]
        numbers = np.zeros(len(part), dtype=np.int64)
        wkb = np.asarray(shapely.to_wkb(data.polygons[part]), dtype=object)
        columns = {name: values[part] for name, values in data.columns.items()}
        yield Batch(numbers, columns["identifier"], numbers, wkb, columns)


def filled(store: SqlStore, id: str, data: parcels.Parcels) -> float:
    """Load everything; gives the seconds it took."""
    began = time.perf_counter()
    with store.load(id, LoadMode.APPEND, FIRST, "benchmark") as load:
        for batch in batches(data, np.arange(len(data))):
            load.append(batch)
        load.publish()
    return time.perf_counter() - began


def change(store: SqlStore, id: str, data: parcels.Parcels) -> None:
    """A later edition: one feature in ten has another area, half of these another name too."""
    chosen = np.arange(0, len(data), EVERY)
    columns = dict(data.columns)
    columns["area"] = columns["area"] + 1
    columns["name"] = np.array([f"{name}甲" if n % 20 == 0 else name for n, name in enumerate(columns["name"])], object)
    with store.load(id, LoadMode.UPSERT, LATER, "benchmark") as load:
        for batch in batches(parcels.Parcels(data.polygons, columns), chosen):
            load.append(batch)
        load.publish()


def in_turns(ours: Callable[[], Any], bare: Callable[[], Any], runs: int) -> tuple[float, float]:
    """Median milliseconds of each."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs + 1):
        for place, one in enumerate((ours, bare)):
            began = time.perf_counter()
            one()
            times[place].append((time.perf_counter() - began) * 1000)
    return median(times[0][1:]), median(times[1][1:])


class Bare:
    """The least that the database must do, by the driver's own cursor."""

    def __init__(self, url: str, id: str) -> None:
        self.sqlite = url.startswith("sqlite")
        self.now, self.past, self.words = f"layer_{id}", f"past_{id}", f"words_layer_{id}"
        if self.sqlite:
            path = f"{url.removeprefix('sqlite:///')}/node.sqlite"
            self._connection: Any = sqlite3.connect(path, isolation_level=None)
        else:
            address = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
            self._connection = psycopg.connect(address, autocommit=True)

    def _all(self, sql: str, **values: Any) -> Any:
        if self.sqlite:
            return self._connection.execute(sql, values).fetchall()
        for name in values:
            sql = sql.replace(f":{name}", f"%({name})s")
        return self._connection.execute(sql, values).fetchall()

    def found(self, text: str, *, counted: bool) -> Any:
        asked = parse(text)
        words = asked.fts5() if self.sqlite else asked.tsquery()
        valid = "t.valid_from <= '2017-01-01' AND t.valid_to > '2017-01-01'"
        if self.sqlite:
            source = (
                f"{self.words} AS w JOIN {self.now} AS t ON t.row_id = w.rowid WHERE w.words MATCH :words AND {valid}"
            )
            order = "ORDER BY w.rowid LIMIT 11"
        else:
            chosen = f"(SELECT row_id FROM {self.words} WHERE words @@ CAST(:words AS tsquery))"
            source = f"{self.now} AS t WHERE t.row_id IN {chosen} AND {valid}"
            order = "ORDER BY t.row_id LIMIT 11"
        what = "count(*)" if counted else "t.fid, t.json"
        return self._all(f"SELECT {what} FROM {source} {'' if counted else order}", words=words)

    def history(self, id: str) -> Any:
        columns = "fid, version, json, valid_from, valid_to, author, tx_from, tx_to"
        parts = (f"SELECT {columns} FROM {table} WHERE id = :id" for table in (self.now, self.past))
        return self._all(" UNION ALL ".join(parts), id=id)

    def differences(self, before: date, after: date) -> Any:
        """How many features have another content: the two slices joined."""
        days = {"before": before.isoformat(), "after": after.isoformat()}

        def held(day: str) -> str:
            bound = f"CAST(:{day} AS text)" if self.sqlite else f"CAST(:{day} AS date)"
            return f"SELECT fid, digest FROM {self.now} WHERE valid_from <= {bound} AND valid_to > {bound}"

        sql = f"SELECT count(*) FROM ({held('before')}) AS a JOIN ({held('after')}) AS b ON b.fid = a.fid"
        return self._all(f"{sql} WHERE a.digest <> b.digest", **days)


def measure(table: Table, url: str, data: parcels.Parcels, runs: int) -> None:
    name = "sqlite" if url.startswith("sqlite") else "postgis"
    layers = [definition("plain", searched=False), definition("searched", searched=True)]
    store = open_store(url, layers)
    migrate(store.database)
    plain, searched = (filled(store, one.id, data) for one in layers)
    table.put(name, "bulk load", searched * 1000, plain * 1000)
    change(store, "searched", data)
    bare = Bare(url, "searched")
    day = Moment(date(2017, 1, 1))
    criteria = Criteria(valid=None, limit=10)
    for title, text in WORDS.items():
        asked = replace(criteria, search=parse(text), valid=_on(day.day))
        counted = bare.found(text, counted=True)[0][0]
        assert store.count("searched", asked) == counted
        ours = in_turns(lambda a=asked: store.page("searched", a), lambda t=text: bare.found(t, counted=False), runs)
        table.put(name, f"page of {title} ({counted})", *ours)
        ours = in_turns(lambda a=asked: store.count("searched", a), lambda t=text: bare.found(t, counted=True), runs)
        table.put(name, f"count of {title}", *ours)
    one = str(data.columns["identifier"][EVERY])
    table.put(
        name,
        "history of a feature",
        *in_turns(lambda: store.versions("searched", one), lambda: bare.history(one), runs),
    )
    moments = Moments(day, Moment(date(2019, 1, 1)))
    number = sum(store.difference_counts("searched", criteria, moments).values())
    assert number == bare.differences(moments.before.day, moments.after.day)[0][0] == len(range(0, len(data), EVERY))
    joined = lambda: bare.differences(moments.before.day, moments.after.day)  # noqa: E731
    paged = in_turns(lambda: store.differences("searched", criteria, moments), joined, runs)
    table.put(name, f"differences ({number}), page of 10", *paged)
    counts = in_turns(lambda: store.difference_counts("searched", criteria, moments), joined, runs)
    table.put(name, "differences, counts by kind", *counts)
    store.close()


def _on(day: date) -> Any:
    from store.criteria import ValidTime

    return ValidTime(day, day)


def arguments() -> Mapping[str, Any]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--json", type=Path)
    return vars(parser.parse_args())


def main() -> int:
    given = arguments()
    data = parcels.make(given["rows"])
    table = Table()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        measure(table, f"sqlite:///{folder}/store", data, given["runs"])
        if postgis.programs() is not None:
            measure(table, stack.enter_context(postgis.cluster()), data, given["runs"])
    if given["json"]:
        given["json"].write_text(json.dumps(table.rows, indent=1), encoding="utf8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
