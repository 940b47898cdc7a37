"""Archives the worst batch that can arrive, and prints what it took. Run in a process of its own, to see its memory.

The services are replaced behind botocore, so that building the requests counts, and sending them does not.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from ds_dashboard import aws, dates, event
from ds_dashboard.handlers import archive

# The usual events at the end of the batch.
USUAL = 10
# Lambda delivers a batch in one request.
PAYLOAD_BYTES = 6 * 1024 * 1024
SHAPES: dict[str, Callable[[int], Any]] = {
    "numbers": lambda values: {"a": [1] * (values - 1)},
    "fractions": lambda values: {"a": [0.5] * (values - 1)},
    "texts": lambda values: {"a": ["a"] * (values - 1)},
    "keys": lambda values: {f"{number:x}": 1 for number in range(values)},
    "lists": lambda values: {"a": [[]] * (values - 1)},
    "nested": lambda values: {"a": [[[[1]]]] * ((values - 1) // 4)},
}


class _Raw:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Any:
        yield self._content


def answer(request: Any, **_: Any) -> AWSResponse:
    """Answer each request as the service does that has accepted it."""
    operation = request.headers.get("X-Amz-Target", b"").decode().rsplit(".", 1)[-1]
    body = request.body if isinstance(request.body, bytes) else request.body.encode()
    content: dict[str, Any] = {}
    if operation == "BatchExecuteStatement":
        content = {"Responses": [{}] * body.count(b'"Statement":')}
    elif operation == "GetParameters":
        names = json.loads(body)["Names"]
        content = {"Parameters": [{"Name": name, "Value": "222222222222"} for name in names], "InvalidParameters": []}
    return AWSResponse(request.url, 200, HTTPHeaders(), _Raw(json.dumps(content).encode()))


def body(number: int, metadata: Any, **changes: Any) -> str:
    """Return a result event, as EventBridge delivers it."""
    detail = {"MetricName": f"M{number}", "MetricValue": 1, "ExtractionDate": dates.format_instant(dates.now())}
    detail |= {"Metadata": metadata, "Environment": "dev", "ProjectName": "P", **changes}
    envelope: dict[str, Any] = {"version": "0", "id": f"event-{number}", "time": "2026-11-24T11:00:01Z"}
    envelope |= {"detail-type": event.SOURCE, "source": event.SOURCE, "resources": []}
    envelope |= {"account": "222222222222", "region": "eu-west-1"}
    return json.dumps({**envelope, "detail": detail}, separators=(",", ":"))


class Context:
    """The context of an invocation that began at `started`."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends the function."""
        return int(1000 * (self._end - time.monotonic()))


def main(shape: str, number: int, seconds: float) -> None:
    """Archive `number` of the worst messages that are accepted, some that are too large, and ten usual ones."""
    os.environ |= {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
    os.environ |= {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s"}
    os.environ |= {f"DS_DASHBOARD_{name}_TABLE": name for name in ("HISTORY", "LATEST", "SPOKES")}
    os.environ |= {"DS_DASHBOARD_NAME": "n", "DS_DASHBOARD_MONITORED_PROJECTS_PATH": "/p"}
    os.environ |= {"DS_DASHBOARD_REJECTED_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/111111111111/rejected"}
    for service in ("dynamodb", "ssm", "sqs"):
        client: Any = aws.client(service, brief=True)
        client.meta.events.register("before-send", answer)
    worst = SHAPES[shape](event.MAX_DETAIL_VALUES - 8)
    bodies = [body(index, worst) for index in range(number)]
    refused = {"a": [1] * 100_000}
    while sum(map(len, bodies)) < PAYLOAD_BYTES - 250_000 and len(bodies) < 90:
        bodies.append(body(len(bodies), refused))
    bodies += [body(1000 + index, {"text": "usual"}) for index in range(USUAL)]
    records = [{"messageId": str(index), "body": one} for index, one in enumerate(bodies)]
    before = time.process_time()
    failed = archive.handler({"Records": records}, Context(seconds))["batchItemFailures"]
    result = {
        "messages": len(bodies),
        "values": number * event.MAX_DETAIL_VALUES,
        "bytes": sum(map(len, bodies)),
        "failed": [int(one["itemIdentifier"]) for one in failed],
        "seconds": time.process_time() - before,
        "megabytes": peak_megabytes(),
    }
    print("\n" + json.dumps(result))


def peak_megabytes() -> float:
    """Return the largest memory of this process.

    `ru_maxrss` of a process begins with the memory of the one that started it, which may have run many tests.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(peak.split()[1]) / 1024


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
