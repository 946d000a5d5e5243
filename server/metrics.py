"""What a process counts of its answers: Prometheus' text form, few labels."""

import time
from collections import defaultdict

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Upper bounds of the latency histogram, in seconds."""


class Metrics:
    """Counters of answers by operation and status class, and one latency histogram per operation."""

    def __init__(self) -> None:
        self.started = time.time()
        self._answers: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._seconds: defaultdict[str, list[float]] = defaultdict(lambda: [0.0] * (len(BUCKETS) + 2))
        self.in_flight = 0

    def observe(self, operation: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self._answers[operation, f"{status // 100}xx"] += 1
        row = self._seconds[operation]
        place = 0
        while place < len(BUCKETS) and seconds > BUCKETS[place]:
            place += 1
        row[place] += 1
        row[-1] += seconds

    def text(self) -> str:
        """The exposition format 0.0.4."""
        lines = [
            "# HELP duogui_requests_total Answers by operation and class of status.",
            "# TYPE duogui_requests_total counter",
        ]
        for (operation, status), count in sorted(self._answers.items()):
            lines.append(f'duogui_requests_total{{operation="{operation}",status="{status}"}} {count}')
        lines += [
            "# HELP duogui_request_seconds Time from the request's head to the end of its answer.",
            "# TYPE duogui_request_seconds histogram",
        ]
        for operation, row in sorted(self._seconds.items()):
            total: float = 0
            for bound, hits in zip((*map(str, BUCKETS), "+Inf"), row[:-1], strict=True):
                total += hits
                lines.append(f'duogui_request_seconds_bucket{{operation="{operation}",le="{bound}"}} {total:g}')
            lines.append(f'duogui_request_seconds_sum{{operation="{operation}"}} {row[-1]:.6f}')
            lines.append(f'duogui_request_seconds_count{{operation="{operation}"}} {total:g}')
        lines += [
            "# HELP duogui_requests_in_flight Requests being answered now.",
            "# TYPE duogui_requests_in_flight gauge",
            f"duogui_requests_in_flight {self.in_flight}",
            "# HELP duogui_start_time_seconds When this process began to serve.",
            "# TYPE duogui_start_time_seconds gauge",
            f"duogui_start_time_seconds {self.started:.3f}",
        ]
        return "\n".join(lines) + "\n"
