"""The database behind one narrow interface: PostGIS, and the embedded SQLite."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from config.layers import Layer
    from store.sql import SqlStore


def open_store(
    url: str, layers: "Iterable[Layer] | Mapping[str, Layer]", timezone: str = "Asia/Shanghai", **options: Any
) -> "SqlStore":
    """The store at `url`: `sqlite:///DIRECTORY` or `postgresql+psycopg://user@host/database`.

    Opens no connection yet and creates no tables: `check` says whether it fits, `duogui migrate` makes it fit.

    Args:
        url: where it is.
        layers: definitions; those whose rows the store does not hold are left out.
        timezone: the node's, by IANA name: days of validity are days there.
        options: the other fields of `store.engine.Options`.

    Raises:
        StoreError: the URL names another kind of database, or an option is unknown.
    """
    from config.errors import StoreError
    from store.engine import Options, connect
    from store.sql import SqlStore

    try:
        chosen = Options(timezone=timezone, **options)
    except TypeError as error:
        raise StoreError(f"The store's options are not right: {error}") from error
    return SqlStore(connect(url, layers, chosen))
