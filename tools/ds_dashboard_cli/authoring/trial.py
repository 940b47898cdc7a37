"""A trial of a metric: compute it once with the caller's credentials; see what it calls, and what a spoke would send.

The metric is computed as in a spoke: as a part of a run, with limits of calls per second.
"""

from __future__ import annotations

import time
import traceback
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from ds_dashboard import canonical_json, event
from ds_dashboard.event import Refresh
from ds_dashboard.identity import Project
from ds_dashboard.metrics import Metric
from ds_dashboard.metrics.run import Run
from ds_dashboard.spoke import outcome
from ds_dashboard.spoke.outcome import Failed, Nothing
from ds_dashboard.testing import Call, Recorder
from ds_dashboard_cli.authoring import iam_actions

# AWS answers this call to everybody. `Metric.account_id` makes it here, and needs no call in a spoke.
_NEEDS_NO_PERMISSION = ("sts", "GetCallerIdentity")
# Calls by which boto3 gets the caller's credentials.
_CREDENTIALS = {
    ("sts", "AssumeRole"),
    ("sts", "AssumeRoleWithWebIdentity"),
    ("sso", "GetRoleCredentials"),
    ("sso-oidc", "CreateToken"),
}
_DENIED = ("AccessDenied", "UnauthorizedOperation", "AuthorizationError", "Forbidden")


@dataclass(frozen=True)
class Trial:
    """What a metric did.

    Attributes:
        outcome: the detail of the result event, as in the event contract; or why there is none.
        error: what the metric raised.
        calls: all calls, in their order.
        seconds: how long it took.
    """

    outcome: Mapping[str, Any] | Nothing | Failed
    error: BaseException | None
    calls: Sequence[Call]
    seconds: float

    @property
    def denied(self) -> Call | None:
        """The call that AWS denied, if it is what ended the metric."""
        if not isinstance(self.error, ClientError):
            return None
        code = self.error.response["Error"]["Code"]
        denied = [call for call in self.calls if call.error == code and code.startswith(_DENIED)]
        return denied[-1] if denied else None


@dataclass(frozen=True)
class Operation:
    """An operation that a metric called.

    Attributes:
        service: the service's name in boto3.
        name: the operation's name in the API.
        count: the number of calls.
        actions: the IAM actions that can permit it, usually one; empty if no permission is needed or none is known.
        declared: whether the metric declares one of them.
    """

    service: str
    name: str
    count: int
    actions: Sequence[str]
    declared: bool


def compute(metric: Metric, recorder: Recorder, run: Run, project: Project) -> Trial:
    """Compute a metric once.

    Args:
        metric: with its arguments.
        recorder: an active recorder, which nothing else uses.
        run: the instant.
        project: for the event.
    """
    metric.join(run)
    started = time.perf_counter()
    error: BaseException | None = None
    result: outcome.Computed | Failed | Nothing
    try:
        with run.compute(metric.metric_name):
            result = outcome.computed(metric._compute_value(), unit=metric.unit, metadata=metric.metadata)
    except (Exception, SystemExit) as raised:  # noqa: BLE001 - a metric may raise anything
        error, result = raised, _explained(metric.metric_name, raised)
    seconds = time.perf_counter() - started
    if isinstance(result, outcome.Computed):
        return Trial(_sent(result, metric.metric_name, run, project), None, recorder.calls, seconds)
    return Trial(result, error, recorder.calls, seconds)


def _explained(name: str, error: BaseException) -> Failed | Nothing:
    try:
        return outcome.explain(name, error)
    except Exception:  # noqa: BLE001 - an exception of a metric may itself raise when it is formatted
        return Failed(type(error).__name__, f"{name} failed with an error that raises when it is formatted")


def _sent(result: outcome.Computed, name: str, run: Run, project: Project) -> Mapping[str, Any] | Failed:
    """Return the detail of the event that a spoke would send."""
    refresh = Refresh("trial", as_of=run.instant if run.as_of else None)
    entry = outcome.entry(result, outcome.Series(name, project, refresh, run.instant))
    detail: dict[str, Any] = canonical_json.loads(entry["Detail"])
    if entry["DetailType"] == event.Kind.FAILURE.value:
        return Failed(detail["ErrorType"], detail["ErrorMessage"])
    return detail


def operations(
    calls: Sequence[Call], permissions: Sequence[Mapping[str, Any]], *, compare: bool = True
) -> list[Operation]:
    """Return the operations that were called, with the actions that they need.

    Args:
        calls: the calls.
        permissions: the metric's statements, from the manifest.
        compare: whether to look up the actions, in IAM's reference.

    Raises:
        UserError: IAM's reference is not installed.
    """
    declared = _declared(permissions)
    found = []
    for (service, name), count in Counter((call.service, call.operation) for call in calls).items():
        needed = sorted(_actions(service, name)) if compare else []
        if (service, name) in _CREDENTIALS and not set(needed) & set(declared):
            continue
        covered = not needed or any(matches(one, action) for one in declared for action in needed)
        found.append(Operation(service, name, count, needed, covered))
    return found


def actions_of(call: Call) -> frozenset[str]:
    """Return the IAM actions that can permit a call.

    Raises:
        UserError: IAM's reference is not installed.
    """
    return _actions(call.service, call.operation)


def _actions(service: str, operation: str) -> frozenset[str]:
    none: frozenset[str] = frozenset()
    return none if (service, operation) == _NEEDS_NO_PERMISSION else iam_actions.needed(service, operation)


def unneeded(made: Sequence[Operation], permissions: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the declared actions that no call needed."""
    needed = {action for operation in made for action in operation.actions}
    return [one for one in _declared(permissions) if not any(matches(one, action) for action in needed)]


def _declared(permissions: Sequence[Mapping[str, Any]]) -> list[str]:
    return sorted({action for statement in permissions for action in statement["Action"]})


def matches(pattern: str, action: str) -> bool:
    """Return whether an action of a statement, with or without wildcards, allows an action."""
    # IAM compares actions without regard to case.
    return fnmatchcase(action.lower(), pattern.lower())


def place(error: BaseException, files: Sequence[Path]) -> tuple[Path, int, str] | None:
    """Return the file, line and code where an author's file raised an error or called what raised it; None if none did.

    Args:
        error: the error.
        files: the folders and files with the author's code.
    """
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.lineno is not None]
    own = [one for one in frames if any(Path(one.filename).is_relative_to(file) for file in files)]
    return (Path(own[-1].filename), own[-1].lineno or 1, own[-1].line or "") if own else None
