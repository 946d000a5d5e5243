"""A client that speaks to an application in this process, without sockets."""

import asyncio
from types import TracebackType
from typing import Any, Self

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BASE = "http://localhost:8080"


def _plain(app: ASGIApp) -> ASGIApp:
    """The application with its headers' names in small letters, as httpx expects them of a transport."""

    async def called(scope: Scope, receive: Receive, send: Send) -> None:
        async def small(message: Message) -> None:
            if "headers" in message:
                message["headers"] = [(bytes(name).lower(), value) for name, value in message["headers"]]
            await send(message)

        await app(scope, receive, small)

    return called


class Client:
    """httpx over the application, one loop for all requests. Sends `Accept: */*` and takes no coding unless told."""

    def __init__(self, app: ASGIApp, base: str = BASE, peer: str = "127.0.0.1") -> None:
        transport = httpx.ASGITransport(_plain(app), raise_app_exceptions=False, client=(peer, 50000))
        self._runner = asyncio.Runner()
        self._http = httpx.AsyncClient(transport=transport, base_url=base, headers={"accept": "*/*"})
        self._http.headers["accept-encoding"] = "identity"

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        return self._runner.run(self._http.request(method, url, **options))

    def get(self, url: str, **options: Any) -> httpx.Response:
        return self.request("GET", url, **options)

    def gather(self, *urls: str) -> list[httpx.Response]:
        """Several requests at once."""

        async def all_of_them() -> list[httpx.Response]:
            return await asyncio.gather(*(self._http.get(url) for url in urls))

        return self._runner.run(all_of_them())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self._http.aclose())
        self._runner.close()
