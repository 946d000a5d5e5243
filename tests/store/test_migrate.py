"""A store that is brought up to changed layer files, and one that refuses to serve until it is."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from unittest.mock import MagicMock

import orjson
import pytest
import shapely
import sqlalchemy as sa

from config.errors import SchemaMismatchError, StoreError
from config.layers import AttributeType, GeometryType, Layer
from store import facts, migrate, modules, rewrite, search_build
from store.check import check
from store.criteria import Criteria, LoadMode
from store.engine import Database
from store.load import load
from store.migrate import Step
from store.search import parse
from store.sql import SqlStore
from store.tables import SCHEMA_VERSION
from store.verify import verify
from tests.store.layers import ATTRIBUTES, LAYERS, PARCELS, attribute, layer
from tests.store.writable import TODAY, batch, create, delete, edit, opened, states, update

HEIGHT = attribute("height", AttributeType.NUMBER, "GD", indexed=True)


def changed(**more: object) -> Layer:
    return replace(PARCELS, digest="1" * 64, **more)


def names(database: Database) -> frozenset[str]:
    with database.read() as connection:
        return facts.read(connection, database.tables).names


@pytest.fixture
def filled_url(empty_url: str) -> str:
    """A store with three parcels, one of them changed and one deleted."""
    database = opened(empty_url)
    migrate.migrate(database)
    edit(database, create("A", properties={"name": "a", "floors": 3}), create("B"), create("C"))
    edit(database, update("A", {"name": "b"}), delete("C"))
    database.close()
    return empty_url


def test_an_empty_place_becomes_a_store(empty_url: str) -> None:
    database = opened(empty_url)
    with pytest.raises(SchemaMismatchError, match="run `duogui migrate`"):
        check(database)
    planned = migrate.migrate(database, dry_run=True)
    assert len(planned) == 2
    assert names(database).isdisjoint({"node_schema", "layer_parcels"})
    said: list[str] = []
    assert migrate.migrate(database, said.append) == planned == said
    check(database)
    assert migrate.migrate(database) == []
    database.close()


@pytest.mark.parametrize("index", ["ix_layer_parcels_area_fid", "ix_past_parcels_id_version"])
def test_a_missing_index_is_refused_and_made_again(filled_url: str, index: str) -> None:
    database = opened(filled_url)
    with database.writer.begin() as connection:
        connection.exec_driver_sql(f"DROP INDEX {index}")
    with pytest.raises(SchemaMismatchError, match=index):
        check(database)
    assert migrate.migrate(database) == [f"parcels: create {index}"]
    check(database)
    database.close()


def test_other_schema_versions_are_refused(filled_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = opened(filled_url)
    for module in ("check", "migrate"):
        monkeypatch.setattr(f"store.{module}.SCHEMA_VERSION", SCHEMA_VERSION + 1)
    monkeypatch.setattr(migrate, "UPGRADES", {SCHEMA_VERSION + 1: Step("a step", lambda _: None)})
    with pytest.raises(SchemaMismatchError, match=rf"needs {SCHEMA_VERSION + 1}: run `duogui migrate`"):
        check(database)
    for module in ("check", "migrate"):
        monkeypatch.setattr(f"store.{module}.SCHEMA_VERSION", SCHEMA_VERSION - 1)
    for asked in (check, migrate.plan):
        with pytest.raises(SchemaMismatchError, match="newer Duogui"):
            asked(database)
    database.close()


def test_a_version_without_a_way_up_is_refused(filled_url: str) -> None:
    database = opened(filled_url)
    with database.writer.begin() as connection:
        connection.execute(sa.update(database.tables.node.schema).values(version=0))
    for asked in (check, migrate.plan, migrate.migrate):
        with pytest.raises(SchemaMismatchError, match="cannot bring up to 2: restore a backup"):
            asked(database)
    database.close()


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"geometry": null, "attributes": [1], "hidden": []}'])
def test_a_garbled_definition_is_refused(filled_url: str, text: str) -> None:
    database = opened(filled_url)
    with database.writer.begin() as connection:
        connection.execute(sa.update(database.tables.node.layers).values(definition=text))
    for asked in (check, migrate.plan):
        with pytest.raises(SchemaMismatchError, match="the store is damaged"):
            asked(database)
    database.close()


def test_a_store_that_lost_its_version_is_refused(filled_url: str) -> None:
    database = opened(filled_url)
    with database.writer.begin() as connection:
        connection.execute(sa.delete(database.tables.node.schema))
    for asked in (check, migrate.plan):
        with pytest.raises(SchemaMismatchError, match="no schema version of Duogui"):
            asked(database)
    database.close()


def test_foreign_files_are_refused_and_left_as_they_are(tmp_path: Path) -> None:
    file, listing = tmp_path / "node.sqlite", "SELECT name FROM sqlite_master"
    layers = "CREATE TABLE node_layers (n)"
    for script, said in (
        ("CREATE TABLE accounts (id)", r"tables \(accounts\) but no schema version"),
        (f"CREATE TABLE node_schema (n); {layers}", "no such column"),
        (f"CREATE TABLE node_schema (version); INSERT INTO node_schema VALUES ('x'); {layers}", "'x' as its schema"),
    ):
        with closing(sqlite3.connect(file)) as connection:
            connection.executescript(script)
            before = connection.execute(listing).fetchall()
        database = opened(f"sqlite:///{tmp_path}")
        for asked in (check, migrate.migrate):
            with pytest.raises(StoreError, match=said):
                asked(database)
        database.close()
        with closing(sqlite3.connect(file)) as connection:
            assert connection.execute(listing).fetchall() == before
        file.unlink()
    file.write_bytes(b"no database at all, but long enough to be looked at" * 40)
    database = opened(f"sqlite:///{tmp_path}")
    for asked in (check, migrate.migrate):
        with pytest.raises(StoreError, match="not a database"):
            asked(database)
    database.close()


@pytest.mark.parametrize("lacking", ["rtree", "fts5"])
def test_a_sqlite_without_its_modules_is_refused(lacking: str) -> None:
    connection = MagicMock()
    connection.dialect.name = "sqlite"
    connection.exec_driver_sql.return_value.scalars.return_value = {"rtree", "fts5", "json_each"} - {lacking}
    with pytest.raises(StoreError, match=rf"without {lacking.upper()}.*uv python install") as refused:
        modules.require(connection)
    assert len(refused.value.faults) == 1


def test_both_start_and_migrate_ask_for_the_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(modules.NEEDED, "no-such-module", "NOTHING")
    database = opened(f"sqlite:///{tmp_path}")
    for asked in (check, migrate.migrate):
        with pytest.raises(StoreError, match="without NOTHING"):
            asked(database)
    database.close()


def test_an_older_store_is_upgraded_step_by_step(filled_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = opened(filled_url)
    done: list[int] = []
    steps = {n: Step(f"step {n}", lambda _, n=n: done.append(n)) for n in (SCHEMA_VERSION + 1, SCHEMA_VERSION + 2)}
    monkeypatch.setattr(migrate, "UPGRADES", steps)
    monkeypatch.setattr(migrate, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    migrate.migrate(database)
    monkeypatch.setattr(migrate, "SCHEMA_VERSION", SCHEMA_VERSION + 2)
    migrate.migrate(database)
    assert done == [SCHEMA_VERSION + 1, SCHEMA_VERSION + 2]
    with database.read() as connection:
        assert facts.read(connection, database.tables).version == SCHEMA_VERSION + 2
    database.close()


def test_a_new_attribute_gets_a_column_an_index_and_its_place_in_the_texts(filled_url: str) -> None:
    database = opened(filled_url, layers=[changed(attributes=(*ATTRIBUTES, HEIGHT)), *LAYERS[1:]])
    with pytest.raises(SchemaMismatchError, match="other attributes"):
        check(database)
    migrate.migrate(database)
    check(database)
    store = SqlStore(database)
    assert '"surveyed_at":null,"height":null,"valid_from"' in store.item("parcels", "A", Criteria()).text
    assert store.state("parcels").generation == 1
    (done,) = edit(database, update("A", {"name": "b"}))
    assert not done.changed
    edit(database, update("A", {"height": 12}))
    assert '"height":12.0' in store.item("parcels", "A", Criteria()).text
    assert verify(database) == []
    database.close()


def test_a_dropped_attribute_is_hidden_and_comes_back(filled_url: str) -> None:
    without = changed(attributes=tuple(one for one in ATTRIBUTES if one.name != "floors"))
    database = opened(filled_url, layers=[without, *LAYERS[1:]])
    said = migrate.migrate(database)
    assert any("hide 'floors'" in one and "kept" in one for one in said)
    check(database)
    assert "floors" not in SqlStore(database).item("parcels", "A", Criteria()).text
    # What is re-entered and moved to history meanwhile keeps the hidden value.
    edit(database, update("A", {"name": "c"}, valid_from=TODAY.replace(year=2030)))
    database.close()
    again = opened(filled_url)
    assert any("show 'floors'" in one for one in migrate.migrate(again))
    assert '"floors":3' in SqlStore(again).item("parcels", "A", Criteria()).text
    tables = again.tables["parcels"]
    with again.read() as connection:
        kept = connection.execute(sa.select(tables.history.c.floors).where(tables.history.c.id == "A")).scalars()
        assert list(kept) == [3, 3]
    again.close()


def test_a_killed_rewriting_goes_on_where_it_stopped(filled_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = opened(filled_url, layers=[changed(attributes=(*ATTRIBUTES, HEIGHT)), *LAYERS[1:]])
    monkeypatch.setattr(rewrite, "ROWS", 1)
    real, calls = rewrite._some, []

    def some(*arguments: object) -> bool:
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(rewrite, "_some", some)
    with pytest.raises(KeyboardInterrupt):
        migrate.migrate(database)
    with pytest.raises(SchemaMismatchError, match="interrupted"):
        check(database)
    assert migrate.migrate(database) == ["parcels: write the features' texts anew"]
    check(database)
    assert verify(database) == []
    database.close()


def test_changes_that_the_data_cannot_follow_are_refused(filled_url: str) -> None:
    text = replace(ATTRIBUTES[4], type=AttributeType.STRING)
    for wrong, said in (
        (changed(attributes=(*ATTRIBUTES[:4], text, *ATTRIBUTES[5:])), "its type was integer and is now string"),
        (changed(geometry=GeometryType.POINT), "its geometry was Polygon and is now Point"),
    ):
        database = opened(filled_url, layers=[wrong, *LAYERS[1:]])
        with pytest.raises(SchemaMismatchError, match=said):
            migrate.plan(database)
        database.close()


def test_new_layers_get_tables_and_dropped_ones_keep_theirs(filled_url: str) -> None:
    database = opened(filled_url, layers=[*LAYERS[1:], layer("trees", GeometryType.MULTI_POINT)])
    migrate.migrate(database)
    check(database)
    with load(database, "trees", LoadMode.APPEND, TODAY, "loader") as pending:
        made = batch(["T"])
        pending.append(replace(made, wkb=shapely.to_wkb(shapely.centroid(shapely.from_wkb(made.wkb)))))
        pending.publish()
    database.close()
    back = opened(filled_url)
    assert migrate.migrate(back) == []
    assert states(back, "A")[0][3] == "b"
    back.close()


def as_of_version_one(database: Database) -> None:
    """What a program of schema version 1 left: no indexes of words, and definitions that do not speak of them."""
    node = database.tables.node
    with database.writer.begin() as connection:
        for one in database.tables.layers.values():
            for index in (one.current_words, one.history_words):
                assert index is not None
                connection.exec_driver_sql(f"DROP TABLE {index.name}")
        connection.execute(sa.update(node.schema).values(version=1))
        for layer, text in connection.execute(sa.select(node.layers.c.layer, node.layers.c.definition)).all():
            old = {name: value for name, value in orjson.loads(text).items() if name not in ("searched", "indexed")}
            values = {"definition": orjson.dumps(old).decode()}
            connection.execute(sa.update(node.layers).where(node.layers.c.layer == layer).values(values))


def found(database: Database, words: str) -> list[str]:
    page = SqlStore(database).page("parcels", Criteria(search=parse(words)))
    return [orjson.loads(one)["id"] for one in page.features]


def test_a_store_of_version_one_gets_its_words_indexed(filled_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = opened(filled_url)
    as_of_version_one(database)
    with pytest.raises(SchemaMismatchError, match=r"version 1, this program needs 2: run `duogui migrate`"):
        check(database)
    planned = migrate.migrate(database, dry_run=True)
    assert planned[0].startswith("schema version 2: words")
    assert "parcels: index the words of name" in planned
    monkeypatch.setattr(search_build, "ROWS", 1)
    real, calls = search_build._some, []

    def some(*arguments: object) -> bool:
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(search_build, "_some", some)
    with pytest.raises(KeyboardInterrupt):
        migrate.migrate(database)
    with pytest.raises(SchemaMismatchError, match="not indexed for search"):
        check(database)
    migrate.migrate(database)
    check(database)
    assert verify(database) == []
    assert (found(database, "b"), found(database, "地块")) == (["A", "B"], ["B"])
    assert migrate.migrate(database) == []
    database.close()


def test_another_choice_of_searched_attributes_is_indexed_anew(filled_url: str) -> None:
    chosen = tuple(replace(one, searchable=one.name == "division_code") for one in ATTRIBUTES)
    for attributes, words, ids in ((chosen, "地块", []), (ATTRIBUTES, "地块", ["B"])):
        database = opened(filled_url, layers=[changed(attributes=attributes), *LAYERS[1:]])
        with pytest.raises(SchemaMismatchError, match="not indexed for search"):
            check(database)
        assert any("index the words of" in one for one in migrate.migrate(database))
        check(database)
        assert found(database, words) == ids
        assert verify(database) == []
        database.close()
    mute = tuple(replace(one, searchable=False) for one in ATTRIBUTES)
    database = opened(filled_url, layers=[changed(attributes=mute), *LAYERS[1:]])
    assert "parcels: index the words of nothing any more" in migrate.migrate(database)
    check(database)
    database.close()
