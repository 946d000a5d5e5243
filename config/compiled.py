"""A cache of checked definitions: one file of JSON, valid only for exactly the bytes it was made from."""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.canonical import canonical

_CODE: tuple[str, ...] = (
    "building",
    "canonical",
    "codelists",
    "compiled",
    "definitions",
    "divisions",
    "documents",
    "layers",
)
_CODE += ("registry", "schemas")
"""The modules that make the content: another version of them asks for another cache."""


class Compiled:
    """The cache entry of one set of files in a folder of the caller's.

    The file's first line holds the digest of the input and that of the content below it; whatever is not whole or not
    of this input is ignored and written anew. Failing to write is no fault: the cache only saves time.
    """

    def __init__(self, folder: Path, files: Mapping[str, bytes]) -> None:
        self._path = folder / "definitions.json"
        self._key = _key(files)

    def get(self) -> dict[str, Any] | None:
        """The content made from these bytes, None where there is none or it is damaged."""
        try:
            head, _, body = self._path.read_bytes().partition(b"\n")
        except OSError:
            return None
        if head.decode("ascii", "replace") != f"{self._key} {hashlib.sha256(body).hexdigest()}":
            return None
        content = json.loads(body)
        return content if isinstance(content, dict) else None

    def put(self, content: dict[str, Any]) -> None:
        """Keep the content, replacing the file in one step."""
        body = canonical(content)
        head = f"{self._key} {hashlib.sha256(body).hexdigest()}\n".encode()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".definitions-")
            with os.fdopen(handle, "wb") as file:
                file.write(head + body)
            Path(name).replace(self._path)
        except OSError:
            return


def _key(files: Mapping[str, bytes]) -> str:
    """SHA-256 over names, lengths and bytes of all files, and over the modules that read them."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    code = {f"{name}.py": (here / f"{name}.py").read_bytes() for name in _CODE}
    for name, content in [*code.items(), *files.items()]:
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
