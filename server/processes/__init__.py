"""OGC API Processes Part 1, version 1.0 (18-062r2): the routes, and beside them the classes that they earn."""

from server.block import Block, LandingLink, route
from server.processes import definition
from server.processes.engine import attach
from server.processes.exceptions import negotiated
from server.processes.execution import execute
from server.processes.jobs import delete_job, get_job, get_jobs, get_results
from server.processes.processes import get_process, get_processes

CONFORMANCE = tuple(
    f"http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/{one}"
    for one in ("core", "ogc-process-description", "json", "html", "oas30", "job-list", "dismiss")
)

BLOCK = Block(
    "processes",
    conformance=CONFORMANCE,
    routes=(
        route("/processes", negotiated(get_processes), operation="getProcesses"),
        route("/processes/{processId}", negotiated(get_process), operation="getProcessDescription"),
        route("/processes/{processId}/execution", negotiated(execute), ("POST",), operation="execute"),
        route("/jobs", negotiated(get_jobs), operation="getJobs"),
        route("/jobs/{jobId}", negotiated(get_job), operation="getStatus"),
        route("/jobs/{jobId}", negotiated(delete_job), ("DELETE",), operation="dismiss"),
        route("/jobs/{jobId}/results", negotiated(get_results), operation="getResult"),
    ),
    links=(
        LandingLink(
            "http://www.opengis.net/def/rel/ogc/1.0/processes",
            "/processes",
            "application/json",
            "分析处理",
            "Processes",
        ),
        LandingLink("http://www.opengis.net/def/rel/ogc/1.0/job-list", "/jobs", "application/json", "任务列表", "Jobs"),
    ),
    paths=definition.paths,
    components=definition.components,
    attach=attach,
    tags=(("processes", "分析处理与任务 / Processes and jobs"),),
)
