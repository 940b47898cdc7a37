"""The check of a metric: its permissions are exactly what it needs, and it reports what it must in every scenario.

    problems = check.permissions(name, entry) + check.scenarios(name, entry, scenarios)

`entry` is the metric's entry in the manifest. Each problem is a sentence that names the object and the fix. Both need
neither credentials nor a network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ds_dashboard.metrics import Metric, registry
from ds_dashboard.spoke import outcome
from ds_dashboard.spoke.outcome import Failed, Nothing
from ds_dashboard.testing import DENIED, FAILED, THROTTLED, Call, FakeAccount, Fault, Measured, Scenario
from ds_dashboard_cli.authoring import iam_actions
from ds_dashboard_cli.authoring.statements import broad_actions
from ds_dashboard_cli.authoring.statements import problems as statement_problems

_Create = Callable[[Scenario], Metric]
# Each fault computes the metric three times.
_MAX_FAULTS = 40


def permissions(name: str, entry: Mapping[str, Any]) -> list[str]:
    """Check a metric's statements against IAM: actions exist, resources have their form and are as narrow as possible.

    Args:
        name: the metric.
        entry: its entry in the manifest. `wildcard_reasons` may contain the reason why an action is allowed on `*`
            although it supports resources.
    """
    found = []
    for statement in entry["permissions"]:
        found += [f"{name}: {problem}." for problem in statement_problems(statement)]
        found += [
            f"{name}: {action} contains a wildcard. List the actions that the metric calls."
            for action in statement["Action"]
            if "*" in action or "?" in action
        ]
        found += [
            f"{name}: {action} is allowed on *, and requests for it name a resource. Declare it on "
            f'{" or ".join(forms)}, or add `"Reason": "..."` to the statement.'
            for action, forms in broad_actions(statement).items()
            if not entry.get("wildcard_reasons", {}).get(action)
        ]
    return found


def scenarios(
    name: str, entry: Mapping[str, Any], given: Sequence[Scenario], create: _Create | None = None
) -> list[str]:
    """Compute a metric in its scenarios, on all branches, and compare its calls with what it declares.

    The branches are: pages of one item, an empty first page, an empty account, and each call (of more than 40, some)
    denied, throttled, and failing.

    Args:
        name: the metric.
        entry: its entry in the manifest.
        given: its scenarios.
        create: makes the metric of a scenario; by default, from the registry of this package.
    """
    if not given:
        return [f"{name} has no scenario. Add one that says what is in the account, and what the metric reports there."]
    calls: list[Call] = []
    found: list[str] = []
    for scenario in given:
        checked = _Scenario(scenario, create or _from_registry)
        found += [f"{scenario}: {problem}" for problem in checked.problems()]
        calls += checked.calls
    return found + [f"{name}: {problem}" for problem in _undeclared_or_uncalled(entry, calls)]


def needed_actions(calls: Sequence[Call]) -> dict[tuple[str, str], frozenset[str]]:
    """Return the actions that can permit each operation that was called, by service and operation."""
    return {(call.service, call.operation): iam_actions.needed(call.service, call.operation) for call in calls}


def _undeclared_or_uncalled(entry: Mapping[str, Any], calls: Sequence[Call]) -> Iterator[str]:
    declared = {action for statement in entry["permissions"] for action in statement["Action"]}
    needed = needed_actions(calls)
    for (service, operation), actions in sorted(needed.items()):
        if not actions:
            yield f"the IAM action for {service} {operation} is not known. Use an operation that IAM documents."
        elif not actions & declared:
            yield (
                f"{service} {operation} needs {' or '.join(sorted(actions))}, which is not declared. "
                "Add it to `_iam_permissions`, or to the permissions of the reading."
            )
    for action in sorted(declared - {one for actions in needed.values() for one in actions}):
        yield f"{action} is declared, but no scenario calls it. Remove it, or add a scenario in which it is called."


def _from_registry(scenario: Scenario) -> Metric:
    return registry.create(scenario.metric, scenario.metric, scenario.arguments, "Project1", "dev")


class _Scenario:
    """One scenario, and the calls that the metric made on all of its branches."""

    def __init__(self, scenario: Scenario, create: _Create) -> None:
        self._scenario, self._create = scenario, create
        self.calls: list[Call] = []

    def problems(self) -> Iterator[str]:
        """Yield what is wrong."""
        with self._scenario.account() as account:
            wrong = self._compare(self._measure(account))
            if wrong:
                yield f"{wrong}."
                return
            wrong = self._compare(self._measure(account, page_size=1))
            if wrong:
                yield f"with one item per page, {wrong}. Read every page: use self.pages."
            faults = _numbers_of_faults(account.calls)
            wrong = self._compare(self._measure(account, empty_first_page=True))
            if wrong:
                yield f"after an empty first page, {wrong}. Read on until there is no token: use self.pages."
            for number in faults:
                yield from self._with_fault(account, number)
        if self._scenario.value is not None:
            with self._scenario.empty_account() as account:
                yield from self._compare_empty(self._measure(account))

    def _measure(self, account: FakeAccount, **harder: Any) -> Measured | Exception:
        account.restart(**harder)
        try:
            return account.measure(self._create(self._scenario))
        except Exception as error:  # noqa: BLE001 - a metric may raise anything
            return error
        finally:
            self.calls += account.calls

    def _explain(self, error: Exception) -> Failed | Nothing:
        explained: Failed | Nothing = outcome.explain(self._scenario.metric, error)
        return explained

    def _compare(self, result: Measured | Exception) -> str:
        """Return what differs from the expected result, or an empty text."""
        expected = self._scenario
        if isinstance(result, Measured):
            if expected.value is None:
                return f"it reports {result.value}, and must report {_wanted(expected)}"
            if result.value != expected.value:
                return f"the value is {result.value}, and must be {expected.value}"
            if result.breakdown != expected.breakdown:
                return f"the breakdown is {_shown(result.breakdown)}, and must be {_shown(expected.breakdown)}"
            return ""
        explained = self._explain(result)
        if isinstance(explained, Nothing):
            if expected.nothing and expected.nothing in explained.reason:
                return ""
            return f"it has nothing to report ({explained.reason}), and must report {_wanted(expected)}"
        if expected.fails and expected.fails in explained.message:
            return ""
        return f"it fails ({explained.error_type}: {explained.message}), and must report {_wanted(expected)}"

    def _compare_empty(self, result: Measured | Exception) -> Iterator[str]:
        expected = self._scenario.empty
        name = expected.__name__ if isinstance(expected, type) else expected
        if isinstance(result, Measured):
            reported = f"{result.value}{f' with {_shown(result.breakdown)}' if result.breakdown else ''}"
            right = not isinstance(expected, type) and result.value == expected and not result.breakdown
        else:
            reported = f"{type(result).__name__}: {result}"
            right = isinstance(expected, type) and isinstance(result, expected)
        if not right:
            yield (
                f"in an empty account it reports {reported}, and must report {name}. "
                "Correct the metric, or `empty` of the scenario."
            )

    def _with_fault(self, account: FakeAccount, number: int) -> Iterator[str]:
        for error, what in ((DENIED, "denied"), (THROTTLED, "throttled"), (FAILED, "failing")):
            result = self._measure(account, page_size=1, fault=Fault(number, error))
            call = account.calls[number] if number < len(account.calls) else None
            if call is None:
                # Calls in parallel differ from run to run.
                continue
            branch = f"if call {number + 1}, {call.service} {call.operation}, is {what}, "
            if isinstance(result, Measured):
                # A metric may repeat a call that was throttled, and then it reports the right value.
                if error is DENIED or result.value != self._scenario.value:
                    yield f"{branch}it reports {result.value}. Let the exception of the call end the metric."
                continue
            explained = self._explain(result)
            if isinstance(explained, Nothing):
                yield f"{branch}it has nothing to report. Let the exception of the call end the metric."
            elif error is DENIED and explained.error_type != "MetricDenied":
                yield f"{branch}it fails with {explained.error_type}. Let the exception of the call end the metric."


def _numbers_of_faults(calls: Sequence[Call]) -> list[int]:
    """Return which calls to let fail: all, or of many the first of each operation and others at equal distances."""
    first = {call.operation: number for number, call in reversed(list(enumerate(calls)))}
    spread = range(0, len(calls), 1 + len(calls) // _MAX_FAULTS)
    return sorted({*first.values(), *spread})


def _wanted(expected: Scenario) -> str:
    if expected.nothing:
        return f"nothing, because {expected.nothing}"
    return f"a failure: {expected.fails}" if expected.fails else str(expected.value)


def _shown(breakdown: Mapping[Any, Any]) -> str:
    return str({key: str(value) for key, value in breakdown.items()}) if breakdown else "empty"
