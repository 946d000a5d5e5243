"""Imported first in a child that writes files, to keep it small.

pyogrio and pyarrow import pandas and geopandas where they are installed: 50 MiB for which files have no use. Arrow's
own allocator keeps what it was given; the system's gives it back.
"""

import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec

ABSENT = frozenset({"pandas", "geopandas"})


class Absent(MetaPathFinder):
    """Finds no absent library, and lets nobody else find it."""

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """Refuse the absent ones; leave all others to the next finder."""
        if fullname in ABSENT:
            raise ModuleNotFoundError(f"{fullname} is not used here", name=fullname)
        return None


os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
sys.meta_path.insert(0, Absent())
