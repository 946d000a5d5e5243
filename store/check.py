"""Whether a store fits the program and the layer files: asked at every start."""

from config.errors import Fault, SchemaMismatchError
from store import facts, migrate, modules
from store.engine import Database
from store.evolution import Definition
from store.tables import SCHEMA_VERSION

REMEDY = "run `duogui migrate` with this node's configuration (`--dry-run` shows what it would do)"


def check(database: Database) -> None:
    """Refuse a store that a server must not work on.

    Raises:
        SchemaMismatchError: older or newer than the program, unlike the layer files, or lacking a table or an index;
            the message says what to run. StoreError: this Python's SQLite lacks a module.
    """
    with database.read() as connection:
        modules.require(connection)
        found = facts.read(connection, database.tables)
    if found.version is None:
        migrate.refuse_foreign(found, database)
        raise SchemaMismatchError(f"The store is empty: {REMEDY}")
    migrate.refuse_version(found.version)
    if found.version < SCHEMA_VERSION:
        raise SchemaMismatchError(
            f"The store has schema version {found.version}, this program needs {SCHEMA_VERSION}: {REMEDY}"
        )
    faults = [Fault(name, "is missing") for name in facts.missing_of_node(found, database.tables)]
    for layer in database.layers.values():
        if layer.id not in found.definitions:
            faults.append(Fault(layer.id, "has no tables"))
            continue
        stored, wanted = Definition.parse(found.definitions[layer.id]), Definition.of(layer)
        if stored.rewritten is not None:
            faults.append(Fault(layer.id, "a migration was interrupted"))
        elif (stored.geometry, stored.attributes) != (wanted.geometry, wanted.attributes):
            faults.append(Fault(layer.id, "its file has other attributes than its tables"))
        elif stored.indexed is not None or stored.searched != wanted.searched:
            faults.append(Fault(layer.id, "its texts are not indexed for search"))
        faults += [
            Fault(layer.id, f"'{name}' is missing") for name in facts.missing_of(found, database.tables, layer.id)
        ]
    if faults:
        raise SchemaMismatchError(f"The store does not fit the layer files: {REMEDY}", *faults)
