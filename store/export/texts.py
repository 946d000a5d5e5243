"""GeoJSON (RFC 7946) from the store's finished texts: the very features that the items of the layer show."""

from collections.abc import Iterable, Sequence
from pathlib import Path


def write(path: Path, lists: Iterable[Sequence[str]]) -> int:
    """Write a feature collection, a feature on each line; returns how many."""
    count = 0
    with path.open("wb") as file:
        file.write(b'{"type":"FeatureCollection","features":[\n')
        for texts in lists:
            if texts:
                file.write((",\n" if count else "").encode() + ",\n".join(texts).encode())
                count += len(texts)
        file.write(b"\n]}\n")
    return count
