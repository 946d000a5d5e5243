"""Where the caller reached us: the base of every link, from checked sources only.

`public_url` decides where it is set. Else the Host header does, when it names loopback or one of `allowed_hosts`;
any other Host is refused with 400. Forwarded (RFC 7239) and X-Forwarded-* headers count only from `trusted_proxies`,
and the host that they name is checked in the same way.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from config.errors import Fault, RequestError
from config.settings import ServerSettings

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?")
_PREFIX = re.compile(r"(/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)*")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Addresses:
    """Resolves the base address of calls; answers are kept, since few bases exist."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        self._fixed: tuple[str, str] | None = None
        if settings.public_url:
            self._fixed = (settings.public_url, urlsplit(settings.public_url).path)
        self._base = lru_cache(maxsize=64)(self._checked)
        self._trusts = lru_cache(maxsize=256)(self._trusted)

    def resolve(self, scheme: str, client: str | None, headers: Mapping[bytes, bytes]) -> tuple[str, str]:
        """The base of links (no trailing slash) and the sub-path that request paths may begin with.

        Raises:
            RequestError: the Host is missing, malformed or not one that this node answers for.
        """
        if self._fixed:
            return self._fixed
        host = headers.get(b"host", b"").decode("latin-1")
        prefix = self._settings.root_path
        if self._settings.trusted_proxies and client and self._trusts(client):
            forwarded = _forwarded(headers)
            scheme = forwarded.get("proto", scheme)
            host = forwarded.get("host", host)
            prefix = forwarded.get("prefix", prefix)
        return self._base(scheme, host, prefix)

    def _trusted(self, client: str) -> bool:
        try:
            address = ip_address(client)
        except ValueError:
            return False
        return any(address in network for network in self._settings.trusted_proxies)

    def _checked(self, scheme: str, host: str, prefix: str) -> tuple[str, str]:
        match = _HOST.fullmatch(host)
        name = match[1].lower() if match else ""
        if name not in _LOOPBACK and name not in self._settings.allowed_hosts:
            raise RequestError(
                "The Host header names no host that this node answers for",
                Fault("Host", f"'{host[:80]}'", "set server.public_url or server.allowed_hosts in the configuration"),
            )
        prefix = prefix.rstrip("/")
        if scheme not in ("http", "https") or not _PREFIX.fullmatch(prefix):
            raise RequestError("The proxy's headers are wrong", Fault("Forwarded", f"{scheme} {prefix}"[:80]))
        port = match[2] if match else None
        plain = {"http": "80", "https": "443"}[scheme]
        shown = f":{port}" if port and port != plain else ""
        return f"{scheme}://{name}{shown}{prefix}", prefix


def _forwarded(headers: Mapping[bytes, bytes]) -> dict[str, str]:
    """proto, host and prefix as the nearest proxy says."""
    found: dict[str, str] = {}
    for name in ("proto", "host", "prefix"):
        value = headers.get(b"x-forwarded-" + name.encode())
        if value:
            found[name] = value.decode("latin-1").split(",")[-1].strip()
    standard = headers.get(b"forwarded", b"").decode("latin-1").split(",")[-1]
    for pair in standard.split(";"):
        key, _, text = pair.strip().partition("=")
        if key.lower() in ("proto", "host") and text:
            found[key.lower()] = text.strip('"')
    return found
