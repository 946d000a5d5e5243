"""What an operator asks: is it alive, is it ready, what does it do. Metrics in Prometheus' text form, few labels."""

from typing import Any

import orjson

from config.errors import DuoguiError
from server.block import Block, route
from server.http.answer import Answer
from server.http.call import Call


async def live(call: Call) -> Answer:
    """The process answers; nothing else is asked."""
    call.params(())
    return Answer(b'{"status":"alive"}', cache="no-store", vary="")


async def ready(call: Call) -> Answer:
    """Whether the store answers and fits the definitions, and whether every further part says that it is ready."""
    call.params(())
    checks: dict[str, Any] = {}
    for name, check in call.node.readiness.items():
        try:
            await call.run(check)
            checks[name] = {"ready": True}
        except DuoguiError as err:
            checks[name] = {"ready": False, "reason": err.message}
    fine = all(check["ready"] for check in checks.values())
    body = orjson.dumps({"status": "ready" if fine else "not ready", "checks": checks})
    return Answer(body, status=200 if fine else 503, cache="no-store", vary="")


async def metrics(call: Call) -> Answer:
    """The counters of this process."""
    call.params(())
    return Answer(
        call.node.metrics.text().encode(), "text/plain; version=0.0.4; charset=utf-8", cache="no-store", vary=""
    )


BLOCK = Block(
    "operations",
    routes=(
        route("/livez", live, operation="getLive"),
        route("/readyz", ready, operation="getReady"),
        route("/metrics", metrics, operation="getMetrics"),
    ),
)
