"""Bringing a store up to the program and to the layer files: forward only, resumable, shown before it is done.

Each step is a transaction of its own, or many short ones that remember how far they came; a run that was killed goes
on where it stopped. Nothing that holds data is ever dropped: an attribute that a layer file no longer names stays
hidden in its column.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex

from config.errors import SchemaMismatchError
from config.layers import Layer
from config.version import VERSION
from store import facts, modules, rewrite, search_build
from store.creation import create_all
from store.engine import Database, guard
from store.evolution import Definition, Difference, compare
from store.facts import Facts
from store.tables import SCHEMA_VERSION

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, said before it is done."""

    what: str
    run: Callable[[Database], None]


def _nothing(_database: Database) -> None:
    """Said, not done here."""


UPGRADES: dict[int, Step] = {
    2: Step("words of texts are indexed, layer by layer; older programs would not keep the indexes", _nothing),
}
"""The step that makes a store of schema version n from one of n - 1."""


def plan(database: Database) -> list[Step]:
    """The steps that the store needs, in order; empty when it fits.

    Raises:
        SchemaMismatchError: made by a newer program or by one too old, another program's database, or changed layer
            files that the data cannot follow. StoreError: see `modules.require`.
    """
    with database.read() as connection:
        modules.require(connection)
        found = facts.read(connection, database.tables)
    if found.version is None:
        refuse_foreign(found, database)
    else:
        refuse_version(found.version)
    steps = [*_node_steps(found, database)]
    differences = {
        layer.id: compare(Definition.parse(found.definitions[layer.id]), layer)
        for layer in database.layers.values()
        if layer.id in found.definitions
    }
    refused = [fault for difference in differences.values() for fault in difference.refused]
    if refused:
        raise SchemaMismatchError("Layer files changed in a way that the stored data cannot follow", *refused)
    created = [layer for layer in database.layers.values() if layer.id not in differences]
    if created:
        names = ", ".join(layer.id for layer in created)
        steps.append(Step(f"create tables for {len(created)} layers: {names}", partial(_create, created)))
    for layer in database.layers.values():
        if layer.id in differences:
            steps.extend(_layer_steps(database, found, layer, differences[layer.id]))
    return steps


def refuse_version(version: int) -> None:
    """Refuse a schema version from which no steps lead to this program's.

    Raises:
        SchemaMismatchError: newer than the program, or too old for it; says what to do.
    """
    if version > SCHEMA_VERSION:
        raise SchemaMismatchError(
            f"The store has schema version {version}, this program knows {SCHEMA_VERSION}: run a newer Duogui"
        )
    if any(number not in UPGRADES for number in range(version + 1, SCHEMA_VERSION + 1)):
        raise SchemaMismatchError(
            f"The store has schema version {version}, which this program cannot bring up to {SCHEMA_VERSION}: "
            "restore a backup of a version that it knows, or load the data anew into an empty place"
        )


def refuse_foreign(found: Facts, database: Database) -> None:
    """Refuse a database without a schema version that is not empty. A PostgreSQL database may hold other tables.

    Raises:
        SchemaMismatchError: another program's, or damaged.
    """
    ours = {table.name for table in database.tables.metadata.tables.values() if table.name.startswith("node_")}
    strange = sorted(name for name in found.names if name in ours or database.sqlite)
    if strange:
        listed = ", ".join(strange[:5]) + (", ..." if len(strange) > 5 else "")
        raise SchemaMismatchError(
            f"The database holds tables ({listed}) but no schema version of Duogui: it is another program's or "
            "damaged; name an empty place in store.url, or restore a backup"
        )


def _quiet(_what: str) -> None:
    """Nobody listens."""


def migrate(database: Database, say: Say = _quiet, *, dry_run: bool = False) -> list[str]:
    """Do what the store needs, or only say it. Returns what was (or would be) done.

    Raises:
        SchemaMismatchError: see `plan`. UnavailableError: another writer holds the store.
    """
    steps = plan(database)
    for step in steps:
        say(step.what)
        if not dry_run:
            with guard():
                step.run(database)
    return [step.what for step in steps]


def _node_steps(found: Facts, database: Database) -> Iterator[Step]:
    if found.version is None:
        yield Step(f"create the node's tables (schema version {SCHEMA_VERSION})", _create_node)
        return
    for number in range(found.version + 1, SCHEMA_VERSION + 1):
        step = UPGRADES[number]
        yield Step(f"schema version {number}: {step.what}", partial(_upgrade, number, step))
    if found.version == SCHEMA_VERSION and facts.missing_of_node(found, database.tables):
        yield Step("create what is missing of the node's tables", _create_node)


def _create_node(database: Database) -> None:
    with database.writer.begin() as connection:
        if not database.sqlite:
            connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS postgis")
        create_all(connection, database.tables, only=())
        _note_version(connection, database, SCHEMA_VERSION)


def _upgrade(number: int, step: Step, database: Database) -> None:
    step.run(database)
    with database.writer.begin() as connection:
        _note_version(connection, database, number)


def _note_version(connection: sa.Connection, database: Database, number: int) -> None:
    table = database.tables.node.schema
    if connection.execute(sa.select(table).where(table.c.version == number)).first() is None:
        values = {"version": number, "applied_at": database.now(), "program": f"duogui {VERSION}"}
        connection.execute(sa.insert(table).values(values))


def _create(layers: list[Layer], database: Database) -> None:
    table = database.tables.node.layers
    with database.writer.begin() as connection:
        create_all(connection, database.tables, only=[layer.id for layer in layers])
        rows = [
            {
                "layer": layer.id,
                "revision": 0,
                "generation": 0,
                "next_fid": 1,
                "sequence": 0,
                "as_of": database.today(),
                "count": 0,
                "digest": layer.digest,
                "definition": Definition.of(layer).text(),
            }
            for layer in layers
        ]
        connection.execute(sa.insert(table), rows)


def _layer_steps(database: Database, found: Facts, layer: Layer, change: Difference) -> Iterator[Step]:
    """In an order that a killed run can take up again: columns, then the new definition, then the texts."""
    tables = database.tables[layer.id]
    columns = found.columns.get(tables.current.name, frozenset()) & found.columns.get(tables.history.name, frozenset())
    absent = [name for name, _ in change.added if name not in columns]
    if absent:
        yield Step(f"{layer.id}: add the columns {', '.join(absent)}", partial(_add_columns, layer.id, absent))
    for name, _ in change.hidden:
        yield Step(f"{layer.id}: hide '{name}', which its file no longer names (its values are kept)", _nothing)
    for name, _ in change.shown:
        yield Step(f"{layer.id}: show '{name}' again, with the values that were kept", _nothing)
    missing = facts.missing_of(found, database.tables, layer.id)
    if missing:
        yield Step(f"{layer.id}: create {', '.join(missing)}", partial(_complete, layer.id))
    if change.before.attributes != change.after.attributes:
        yield Step(f"{layer.id}: note the new attributes", partial(_note, layer, _rewriting(change)))
    elif found.digests[layer.id] != layer.digest:
        yield Step(f"{layer.id}: note the changed layer file", partial(_note, layer, change.before))
    if change.rewrites:
        yield Step(f"{layer.id}: write the features' texts anew", partial(rewrite.texts, layer.id))
    if change.indexes is not None:
        names = ", ".join(change.indexes[1:]) or "nothing any more"
        yield Step(f"{layer.id}: index the words of {names}", partial(search_build.build, layer.id, change.indexes))


def _rewriting(change: Difference) -> Definition:
    """The new attributes, their texts not yet written; which words are indexed does not change by that."""
    before = change.before
    return replace(change.after, rewritten={}, searched=before.searched, indexed=before.indexed)


def _add_columns(layer: str, names: list[str], database: Database) -> None:
    tables = database.tables[layer]
    with database.writer.begin() as connection:
        now = facts.read(connection, database.tables)
        quote = connection.dialect.identifier_preparer.quote
        for table in (tables.current, tables.history):
            for name in names:
                if name in now.columns.get(table.name, frozenset()):
                    continue
                column = connection.dialect.ddl_compiler(connection.dialect, sa.schema.CreateTable(table))
                spec = column.get_column_specification(table.c[name])
                connection.exec_driver_sql(f"ALTER TABLE {quote(table.name)} ADD COLUMN {spec}")


def _complete(layer: str, database: Database) -> None:
    """Create missing tables and indexes; an index that PostgreSQL could not finish is made anew."""
    tables = database.tables[layer]
    with database.writer.begin() as connection:
        create_all(connection, database.tables, only=[layer])
        found = facts.read(connection, database.tables)
        quote = connection.dialect.identifier_preparer.quote
        mine = (tables.current, tables.history, tables.current_words, tables.history_words)
        for index in [one for table in mine if table is not None for one in table.indexes]:
            if index.name not in found.names:
                connection.exec_driver_sql(f"DROP INDEX IF EXISTS {quote(str(index.name))}")
                connection.execute(CreateIndex(index))


def _note(layer: Layer, definition: Definition, database: Database) -> None:
    table = database.tables.node.layers
    with database.writer.begin() as connection:
        values = {"digest": layer.digest, "definition": definition.text()}
        connection.execute(sa.update(table).where(table.c.layer == layer.id).values(values))
