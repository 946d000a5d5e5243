"""Backup of a running store and its restoration, verified by digests.

A backup is a folder: `manifest.json` and the files that it lists. It is made under another name and renamed when it
is whole, so that an interrupted one never looks like a backup. It holds the rows, the change log, the outbox and the
jobs; not the rasters and files of the node's data folder.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import orjson
import sqlalchemy as sa

from config.errors import ConflictError, StoreError
from store import dump, snapshot
from store.tables import SCHEMA_VERSION

MANIFEST = "manifest.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class File:
    """One file of a backup."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `database` is sqlite or postgresql, `revisions` the layers' at that moment."""

    format: int
    database: str
    made_at: str
    schema_version: int
    revisions: Mapping[str, int]
    files: tuple[File, ...]


def backup(url: str, target: Path) -> Manifest:
    """Copy the store at `url`, as of one moment, into the new folder `target`. The store may be in use.

    Raises:
        ConflictError: `target` exists. StoreError: no store there, a program is missing, or the copy is not sound.
    """
    if target.exists():
        raise ConflictError(f"{target} exists already: name a folder that does not")
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{uuid4().hex[:8]}.unfinished")
    unfinished.mkdir(mode=0o700)
    try:
        manifest = _fill(sa.make_url(url), unfinished)
        unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    _sync(target.parent)
    return manifest


def _fill(url: sa.URL, folder: Path) -> Manifest:
    keeper = _keeper(url)
    names = keeper.copy(url, folder)
    version, revisions = keeper.state(url, folder)
    manifest = Manifest(
        format=FORMAT,
        database=url.get_backend_name(),
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        schema_version=version,
        revisions=revisions,
        files=tuple(_described(folder / name) for name in names),
    )
    (folder / MANIFEST).write_bytes(orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2))
    for name in (*names, MANIFEST):
        _sync(folder / name)
    _sync(folder)
    return manifest


def restore(source: Path, url: str, *, replace: bool = False) -> Manifest:
    """Put a backup in the place of the store at `url`, which must be empty unless `replace`, and not in use.

    Raises:
        ConflictError: the place holds a store. UnavailableError: it is in use. StoreError: the backup is damaged or of
            another kind of database, a program is missing, or what was restored is not what the manifest says.
    """
    parsed = sa.make_url(url)
    manifest = verify(source)
    if manifest.database != parsed.get_backend_name():
        raise StoreError(f"The backup is of {manifest.database}: it cannot be restored to {parsed.get_backend_name()}")
    if manifest.schema_version > SCHEMA_VERSION:
        raise StoreError(f"The backup has schema version {manifest.schema_version}: restore it with a newer Duogui")
    keeper = _keeper(parsed)
    if keeper.occupied(parsed) and not replace:
        raise ConflictError(
            f"There is a store at {parsed.render_as_string(hide_password=True)} already: name an empty place, "
            "or say that it is to be replaced (--replace)"
        )
    keeper.put(parsed, source, [one.name for one in manifest.files])
    _, revisions = keeper.state(parsed, None)
    if revisions != manifest.revisions:
        raise StoreError("What was restored has other revisions than the manifest says: do not use it")
    return manifest


def verify(source: Path) -> Manifest:
    """The manifest of a backup whose files are all there and whole.

    Raises:
        StoreError: it is no backup, of a newer format, or damaged.
    """
    try:
        found: dict[str, Any] = orjson.loads((source / MANIFEST).read_bytes())
        if found["format"] != FORMAT:
            raise StoreError(f"The backup {source} has format {found['format']}, this program knows {FORMAT}")
        manifest = Manifest(**{**found, "files": tuple(File(**one) for one in found["files"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{source} is not a backup: it has no readable {MANIFEST}") from error
    for one in manifest.files:
        path = source / Path(one.name).name
        if not path.is_file() or _described(path) != one:
            raise StoreError(f"The backup is damaged: {path} is missing or not what the manifest says")
    return manifest


def _keeper(url: sa.URL) -> ModuleType:
    """The module that knows the files of this kind of database."""
    if url.get_backend_name() == "sqlite":
        return snapshot
    if url.get_backend_name() == "postgresql":
        return dump
    raise StoreError(f"No store speaks '{url.drivername}': use sqlite:///DIRECTORY or postgresql+psycopg://...")


def _described(path: Path) -> File:
    with path.open("rb") as file:
        return File(path.name, path.stat().st_size, file_digest(file, "sha256").hexdigest())


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
