"""A file appears under its final name when it is complete, or not at all: it is written in a hidden folder beside the
target, brought to the disk, and renamed."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.errors import ConflictError, Fault, NotFoundError


@contextmanager
def complete(target: Path, overwrite: bool) -> Iterator[Path]:
    """Give the path to write to; move what stands there, with its side files, to `target`'s folder at the end.

    Raises:
        ConflictError: `target` exists and is not to be overwritten. NotFoundError: its folder does not exist.
    """
    folder = target.parent
    if not folder.is_dir():
        raise NotFoundError("The export's folder does not exist", Fault(str(folder), "no such folder", "make it first"))
    if target.exists() and not overwrite:
        raise ConflictError("The file exists", Fault(str(target), "not overwritten", "choose another or --overwrite"))
    hidden = Path(tempfile.mkdtemp(prefix=f".{target.name}.partial-", dir=folder))
    try:
        yield hidden / target.name
        _publish(hidden, target)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def _publish(hidden: Path, target: Path) -> None:
    """Rename every file, the one with the target's own name last."""
    written = sorted(hidden.iterdir(), key=lambda path: path.name == target.name)
    for path in written:
        _sync(path)
    for path in written:
        path.replace(target.parent / path.name)
    _sync(target.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
