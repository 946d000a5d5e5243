"""What the planner knows of a layer: renewed by every bulk load, so that the first question is planned well."""

from store.engine import Database, guard


def renew(database: Database, layer: str) -> None:
    """Sample the layer's current table. No reader or writer waits for it.

    PostgreSQL would do it by itself within minutes; until then a feature by its id cost a scan of all rows. SQLite
    chooses well by the indexes alone.
    """
    if database.sqlite:
        return
    tables = database.tables[layer]
    with guard(), database.reader.connect() as connection:
        for table in (tables.current, tables.current_words):
            if table is not None:
                name = database.writer.dialect.identifier_preparer.format_table(table)
                connection.exec_driver_sql(f"ANALYZE {name}")
