"""`duogui serve`: answer HTTP from one node configuration until Ctrl-C."""

import argparse
import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from config.errors import DefinitionError, DuoguiError, Fault
from config.settings import Settings, load
from server.cli.place import add_place, config_file

if TYPE_CHECKING:
    from server.app import Application

NAME = "serve"
HELP = "serve a node from its configuration file"

EXAMPLES = """examples:
  duogui serve --config config/nodes/city.yaml
  duogui serve --data data/demo --port 9000
  duogui serve --config node.yaml --host 0.0.0.0 --port 80

Ctrl-C or SIGTERM stops after the answers under way. SIGHUP reads the configuration and the layer files again: they are
checked first, and the node goes on as before where they have faults (the log names them).
"""
GRACE = 10
"""Seconds that answers under way have at the end, and that a replaced node stays open."""

TIDY_AFTER = 5
"""Seconds after the start."""

_LOG = logging.getLogger("duogui.server")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLES
    add_place(parser)
    parser.add_argument("--host", help="address to listen on instead of the configured one")
    parser.add_argument("--port", type=int, help="port to listen on instead of the configured one")


def run(args: argparse.Namespace) -> int:
    changes = {key: value for key in ("host", "port") if (value := getattr(args, key)) is not None}
    file = config_file(args)
    return serve_node(_with(load(file), changes), lambda: _with(load(file), changes))


def serve_node(settings: Settings, again: Callable[[], Settings] | None = None) -> int:
    """Serve until a signal ends it. `again` reads the settings anew on SIGHUP.

    Raises:
        DefinitionError: a definition is wrong, or the port is taken. SchemaMismatchError: says what to run.
    """
    import uvicorn

    from server import logs
    from server.app import create_app
    from server.node import open_node

    logs.configure()
    listener = _listen(settings.server.host, settings.server.port)
    node = open_node(settings)
    app = create_app(node)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=75,
    )
    server = uvicorn.Server(config)

    async def main() -> None:
        if again is not None:
            reloads: set[asyncio.Task[None]] = set()

            def on_hangup() -> None:
                task = asyncio.get_running_loop().create_task(_reload(app, again))
                reloads.add(task)
                task.add_done_callback(reloads.discard)

            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, on_hangup)
        tidying = asyncio.create_task(_tidy(app))
        await server.serve(sockets=[listener])
        tidying.cancel()

    print(f"http://{_shown(listener)}/  (process {os.getpid()}, Ctrl-C stops)", flush=True)
    try:
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(main())
    finally:
        app.node.close()
    return 0


async def _tidy(app: "Application") -> None:
    """Once the first answers are given, sweep what bulk loads left behind that were interrupted."""
    await asyncio.sleep(TIDY_AFTER)
    try:
        await asyncio.to_thread(app.node.store.tidy)
    except DuoguiError as err:
        _LOG.warning("what interrupted loads left behind is not swept: %s", err)


async def _reload(app: "Application", again: Callable[[], Settings]) -> None:
    """Open the changed node beside the serving one, check it, and only then put it in its place."""
    from server.node import open_node

    try:
        fresh = await asyncio.to_thread(lambda: open_node(again()))
    except DuoguiError as err:
        _LOG.error("not reloaded: %s", err)
        return
    former = app.swap(fresh)
    _LOG.info("reloaded")
    await asyncio.sleep(GRACE)
    await asyncio.to_thread(former.close)


def _with(settings: Settings, changes: dict[str, object]) -> Settings:
    if not changes:
        return settings
    return settings.model_copy(update={"server": settings.server.model_copy(update=changes)})


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as err:
        what = Fault(f"{host}:{port}", err.strerror or str(err), "choose another with --host and --port")
        raise DefinitionError("The address cannot be listened on", what) from err
    listener.set_inheritable(True)
    return listener


def _shown(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
