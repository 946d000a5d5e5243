"""A bare ASGI application that answers finished bytes: what the same answer costs without a server's own work.

    python -m tests.benchmarks.bare PORT FILE CODING

`/` is the bytes of the file with the headers of a tile, `/304` an answer without a body.
"""

import sys
from pathlib import Path
from typing import Any

import uvicorn


def main() -> None:
    port, body, coding = int(sys.argv[1]), Path(sys.argv[2]).read_bytes(), sys.argv[3].encode()
    headers = [
        (b"content-type", b"application/vnd.mapbox-vector-tile"),
        (b"etag", b'"0123456789abcdef01234567"'),
        (b"cache-control", b"no-cache"),
        (b"vary", b"Accept, Authorization, Accept-Encoding"),
    ]
    whole = [*headers, (b"content-encoding", coding), (b"content-length", str(len(body)).encode())]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            known = scope["path"] == "/304"
            await send(
                {"type": "http.response.start", "status": 304 if known else 200, "headers": headers if known else whole}
            )
            await send({"type": "http.response.body", "body": b"" if known else body})

    config = uvicorn.Config(
        app, port=port, loop="uvloop", http="httptools", log_config=None, access_log=False, server_header=False
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
