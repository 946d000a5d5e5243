"""The canonical form of plain data, and its digest: the same meaning gives the same bytes."""

import hashlib
import json
from typing import Any


def canonical(data: Any) -> bytes:
    """JSON with sorted keys, no spaces, UTF-8. Lists keep their order: it has a meaning."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest_of(data: Any) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(data)).hexdigest()
