"""The files that pages load: styles, scripts, pictures. Read once, answered from memory, named by their digest."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from config.errors import NotFoundError

FOLDER = Path(__file__).parent / "static"
_MEDIA = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One finished file. `etag` holds its quotes."""

    body: bytes
    media: str
    etag: str


@cache
def assets() -> dict[str, Asset]:
    """Every file by its path below /static, with slashes."""
    return {
        path.relative_to(FOLDER).as_posix(): _read(path) for path in sorted(FOLDER.rglob("*")) if path.suffix in _MEDIA
    }


@cache
def digest() -> str:
    """Changes when any file does: pages append it to addresses, so that browsers may keep the files for ever."""
    return sha256("".join(one.etag for one in assets().values()).encode()).hexdigest()[:10]


def asset(path: str) -> Asset:
    """One file by its path below /static.

    Raises:
        NotFoundError: no such file; nothing outside the folder can be named, since only listed files are.
    """
    found = assets().get(path)
    if found is None:
        raise NotFoundError(f"No file '{path[:80]}'")
    return found


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    return Asset(body, _MEDIA[path.suffix], f'"{sha256(body).hexdigest()[:16]}"')
