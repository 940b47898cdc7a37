"""A refresh: asking for it, and waiting until those asked have answered and their values stand in the tables."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.hub import items
from ds_dashboard_cli.hub.spokes import Failure, current_failures, instant

if TYPE_CHECKING:
    from ds_dashboard_cli.aws.installation import Installation

_MOST_KEYS = 100
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 2.0
_ULID = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ask(hub: Installation, request: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Call the hub's refresh function; returns `RefreshId` and `EventId`. Raises UserError where it fails."""
    function = f"{hub.name}-refresh"
    answer = hub.client("lambda").invoke(FunctionName=function, Payload=json.dumps(request).encode())
    payload = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise UserError(
            f"function {function}",
            f"failed: {payload.get('errorType')}: {payload.get('errorMessage')}",
            f"Its log group /aws/lambda/{function} says more.",
        )
    return {key: str(payload[key]) for key in ("RefreshId", "EventId")}


@dataclass(slots=True)
class Answer:
    """What has come from one spoke: its run, and how many of the values and failures that the run counts."""

    run: Mapping[str, Any] | None = None
    arrived: int = 0
    failures: list[Failure] = field(default_factory=list)

    @property
    def emitted(self) -> int:
        """How many events the run has sent, values and failures."""
        return int(self.run["Emitted"]) + int(self.run["Failed"]) if self.run else 0

    @property
    def complete(self) -> bool:
        """Whether all that the spoke has sent has arrived."""
        return self.run is not None and self.arrived >= self.emitted


class Waiting:
    """Who of those expected (`<ProjectName>/<Environment>`) has answered a refresh."""

    def __init__(self, hub: Installation, refresh_id: str, expected: Sequence[str]) -> None:
        self._hub, self._refresh_id, self._asked_at = hub, refresh_id, _made_at(refresh_id)
        self.answers = {project: Answer() for project in expected}

    @property
    def silent(self) -> list[str]:
        """Those whose extraction has not ended, as far as the hub knows."""
        return [project for project, answer in self.answers.items() if answer.run is None]

    @property
    def incomplete(self) -> list[str]:
        """Those that have answered, of whose values some are under way."""
        return [project for project, answer in self.answers.items() if answer.run is not None and not answer.complete]

    def until(self, timeout: float, tell: Callable[[Waiting], None]) -> bool:
        """Look again and again, for at most `timeout` seconds; whether everything has arrived."""
        limit, pause = time.monotonic() + timeout, _FIRST_PAUSE
        while True:
            self._look()
            tell(self)
            if not self.silent and not self.incomplete:
                return True
            left = limit - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def _look(self) -> None:
        for item in self._items([*self.silent, *self.incomplete]):
            answer = self.answers[str(item["Project"]).replace("#", "/")]
            if answer.run is None and self._answers(item):
                answer.run = item
            if answer.run is not None:
                started = instant(answer.run["StartedAt"]) or self._asked_at
                answer.failures = [failure for failure in current_failures(item, {}) if self._belongs(failure, started)]
                answer.arrived = len(answer.failures) + self._values(
                    str(item["Project"]).replace("#", "/"), answer.run, started
                )

    def _answers(self, run: Mapping[str, Any]) -> bool:
        if "LastRefreshId" not in run:
            return False
        if run["LastRefreshId"] == self._refresh_id:
            return True
        # A later run has taken the place of the answer: it began after this refresh and computed everything.
        started = instant(run.get("StartedAt"))
        return (
            started is not None
            and started >= self._asked_at
            and int(run["Emitted"]) + int(run["Failed"]) >= len(run["Metrics"])
        )

    def _belongs(self, failure: Failure, started: datetime) -> bool:
        return failure.refresh_id == self._refresh_id or (failure.at is not None and failure.at >= started)

    def _values(self, project: str, run: Mapping[str, Any], started: datetime) -> int:
        if not int(run["Emitted"]):
            return 0
        found = items.of_project(
            self._hub.client("dynamodb"),
            self._hub.table("latest"),
            project,
            "RefreshId, ExtractionDate",
            ConsistentRead=True,
        )
        return sum(
            item.get("RefreshId") == self._refresh_id or (instant(item.get("ExtractionDate")) or _NEVER) >= started
            for item in found
        )

    def _items(self, projects: Sequence[str]) -> Iterator[dict[str, Any]]:
        table = self._hub.table("spokes")
        for start in range(0, len(projects), _MOST_KEYS):
            keys = [{"Project": {"S": name.replace("/", "#")}} for name in projects[start : start + _MOST_KEYS]]
            asked: dict[str, Any] = {table: {"Keys": keys, "ConsistentRead": True}}
            # What does not fit into one answer is left over, to be asked for again.
            while asked:
                answer = self._hub.client("dynamodb").batch_get_item(RequestItems=asked)
                yield from (items.plain(item) for item in answer["Responses"].get(table, ()))
                asked = answer.get("UnprocessedKeys") or {}


_NEVER = datetime.min.replace(tzinfo=UTC)


def _made_at(refresh_id: str) -> datetime:
    """When a refresh was made, by the hub's clock, which its id carries."""
    milliseconds = 0
    for letter in refresh_id[:10]:
        milliseconds = milliseconds * 32 + _ULID.index(letter)
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
