"""statusInfo of a job (`/req/core/job-success`): unknown members are left out, never null."""

from datetime import datetime
from typing import Any

from processes.jobs.model import Job, Status
from server.http.call import Call
from server.http.links import link, own
from server.http.negotiate import PAGES, Format

RESULTS = "http://www.opengis.net/def/rel/ogc/1.0/results"
EXCEPTIONS = "http://www.opengis.net/def/rel/ogc/1.0/exceptions"


def status_info(job: Job, call: Call, form: Format) -> dict[str, Any]:
    """The state of a job, as JSON of Processes Part 1."""
    info: dict[str, Any] = {
        "jobID": job.id,
        "processID": job.process,
        "type": "process",
        "status": str(job.status),
        "created": _time(job.created),
        "updated": _time(job.updated),
        "progress": job.progress,
    }
    if job.message:
        info["message"] = job.message
    if job.started:
        info["started"] = _time(job.started)
    if job.finished:
        info["finished"] = _time(job.finished)
    info["links"] = _links(job, call, form)
    return info


def _links(job: Job, call: Call, form: Format) -> list[dict[str, Any]]:
    path = f"/jobs/{job.id}"
    english = call.language == "en"
    links = own(call, path, PAGES, form)
    links.append(
        link(f"{call.base}{path}", "monitor", "application/json", "State of the job" if english else "任务状态")
    )
    if job.status is Status.SUCCESSFUL:
        links.append(link(f"{call.base}{path}/results", RESULTS, "application/json", "Results" if english else "结果"))
    if job.status is Status.FAILED:
        links.append(
            link(f"{call.base}{path}/results", EXCEPTIONS, "application/json", "What failed" if english else "失败原因")
        )
    links.append(link(f"{call.base}/jobs", "up", "application/json", "Jobs" if english else "任务列表"))
    return links


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
