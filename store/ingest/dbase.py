"""The text of Shapefiles: which encoding a .dbf is in, and its values decoded one by one.

GDAL is told ISO 8859-1, which keeps every byte, so that a value that does not decode is found with its feature
instead of failing the file or passing as garbage.
"""

from dataclasses import dataclass

from store.ingest.problems import RefusedError

LDID = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "big5", 0x78: "big5", 0x57: "cp1252", 0x03: "cp1252", 0x02: "cp850"}
"""Language driver ids (byte 29 of a .dbf) that say an encoding; others are noise in Chinese data."""

GBK_NAMES = frozenset({"gbk", "gb2312", "936", "cp936", "ansi936", "gb18030", "ms936", "54936"})


@dataclass(frozen=True, slots=True)
class Encoding:
    """A Python codec, what to call it in reports, and whether nothing in the file declared it."""

    codec: str
    title: str
    guessed: bool = False


def named(text: str) -> Encoding:
    """The encoding of a .cpg file or an option. GBK and GB 2312 are read as GB 18030, their superset."""
    import codecs

    name = text.strip().lstrip("\ufeff").lower().replace("oem ", "").replace("ansi ", "ansi")
    if name.replace("-", "") in GBK_NAMES:
        return Encoding("gb18030", "GBK")
    if name in {"65001", "utf8", "utf-8"}:
        return Encoding("utf-8", "UTF-8")
    candidate = f"cp{name}" if name.isdigit() else name
    try:
        return Encoding(codecs.lookup(candidate).name, text.strip())
    except LookupError as error:
        raise RefusedError("file-unreadable", reason=f"unknown text encoding {text.strip()[:40]!r}") from error


def detect(cpg: bytes | None, dbf: bytes) -> Encoding:
    """The encoding of a .dbf from its .cpg, its language driver, or else from the bytes of its first records."""
    if cpg is not None and cpg.strip():
        return named(cpg.decode("latin-1"))
    text = _texts(dbf)
    if len(dbf) > 29 and dbf[29] in LDID and not text.isascii():
        codec = LDID[dbf[29]]
        return Encoding(codec, "GBK" if codec == "gb18030" else codec)
    return guess(text)


def _texts(dbf: bytes) -> bytes:
    """Field names and records: the parts of a .dbf that are text (its header holds numbers that decode as nothing)."""
    header = int.from_bytes(dbf[8:10], "little")
    names = [dbf[at : at + 11].split(b"\0")[0] for at in range(32, max(header - 32, 32), 32)]
    return b" ".join(names) + b" " + dbf[header:]


def guess(sample: bytes) -> Encoding:
    """UTF-8 where the bytes are valid UTF-8 (but for a cut at the end), else GBK."""
    if sample.isascii():
        return Encoding("utf-8", "UTF-8")
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 4:
            return Encoding("gb18030", "GBK", guessed=True)
    return Encoding("utf-8", "UTF-8", guessed=True)


def decode(latin: str, encoding: Encoding) -> tuple[str | None, str | None]:
    """A value read as ISO 8859-1, decoded; and the code of the problem, if any."""
    if latin.isascii():
        return latin, None
    raw = latin.encode("latin-1", "replace")
    try:
        return raw.decode(encoding.codec), None
    except UnicodeDecodeError as error:
        if error.start >= len(raw) - 3 and error.start > 0:
            return raw[: error.start].decode(encoding.codec), "text-truncated"
        return None, "text-undecodable"
