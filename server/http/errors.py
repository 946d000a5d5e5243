"""Refusals that only HTTP knows: they carry their status and headers themselves."""

from config.errors import Fault, RequestError


class HttpError(RequestError):
    """A refusal with a status of its own: 405, 406, 414, 415, 421, 431."""

    def __init__(self, status: int, message: str, *faults: Fault, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message, *faults)
        self.status = status
        self.headers = headers


class UnauthorizedError(HttpError):
    """No or a wrong token where one is needed: 401 with the hint that RFC 6750 wants."""

    def __init__(self, message: str, *faults: Fault, error: str = "") -> None:
        challenge = 'Bearer realm="duogui"' + (f', error="{error}"' if error else "")
        super().__init__(401, message, *faults, headers=(("WWW-Authenticate", challenge),))
