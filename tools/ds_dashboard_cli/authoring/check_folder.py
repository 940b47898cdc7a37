"""The process that checks folders of metrics: `python -m ds_dashboard_cli.authoring.check_folder`.

It imports the metrics and their tests without credentials and without a network, and answers:

    {"metrics": [{"name", "scenarios", "problems": [{"file", "line", "cause", "fix"}], "file", "line"}],
     "problems": [...]}

`problems` beside the metrics are those that belong to none. Metrics without a scenario are not run: then the check sees
only their declarations, and the calls in their source.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ds_dashboard.metrics import Metric, registry
from ds_dashboard.metrics.readings import with_their_readings
from ds_dashboard.shell import command
from ds_dashboard.testing import Scenario
from ds_dashboard_cli.authoring import check, iam_actions, trial, visible_calls
from ds_dashboard_cli.packaging import introspect, sandbox
from ds_dashboard_cli.packaging.metric_folders import PACKAGE, MetricFolder
from ds_dashboard_cli.packaging.problems import Problem, explain_error

_SCENARIOS = "SCENARIOS"


def check_folders(folders: Sequence[MetricFolder]) -> dict[str, Any]:
    """Check every metric of the folders."""
    described = introspect.introspect(folders)
    entries = {name: entry for name, entry in described["metrics"].items() if entry["module"].startswith(f"{PACKAGE}.")}
    registry.use_index({name: entry["module"] for name, entry in described["metrics"].items()})
    found: list[dict[str, Any]] = list(described["problems"])
    scenarios: dict[str, list[Scenario]] = defaultdict(list)
    for folder in folders:
        _alias(folder)
        for module, path in folder.tests():
            given, problems = _scenarios_of(module, path, folder)
            found += [problem.as_dict() for problem in problems]
            for one in given:
                if one.metric in entries:
                    scenarios[one.metric].append(one)
                else:
                    cause = f"{one} is a scenario of a metric that the folder does not have"
                    found.append(Problem(path, 1, cause, f"It has: {', '.join(entries) or 'none'}.").as_dict())
    sandbox.allow_answered_calls()
    metrics = [_checked(name, entry, scenarios[name]) for name, entry in sorted(entries.items())]
    return {"metrics": metrics, "problems": found}


def _checked(name: str, entry: Mapping[str, Any], scenarios: Sequence[Scenario]) -> dict[str, Any]:
    metric: type[Metric] = registry.load(name)
    file, first = Path(inspect.getfile(metric)), inspect.getsourcelines(metric)[1]
    sentences = check.permissions(name, entry)
    if scenarios:
        try:
            sentences += check.scenarios(name, entry, scenarios)
        except Exception as error:  # noqa: BLE001 - the functions of a scenario may raise anything
            sentences.append(f"{name}: a scenario cannot be set up: {type(error).__name__}: {error}")
    problems = [Problem(file, _line(sentence, metric, entry), sentence, "") for sentence in dict.fromkeys(sentences)]
    if not scenarios:
        problems += _visible_problems(metric, entry)
    return {
        "name": name,
        "scenarios": len(scenarios),
        "problems": [problem.as_dict() for problem in problems],
        "file": str(file),
        "line": first,
    }


def _line(sentence: str, metric: type[Metric], entry: Mapping[str, Any]) -> int:
    """Return the line of the action that a sentence is about, in the metric's class; else the line of the class."""
    lines, first = inspect.getsourcelines(metric)
    actions = [action for statement in entry["permissions"] for action in statement["Action"] if action in sentence]
    for number, line in enumerate(lines, first):
        if any(action in line for action in actions):
            return number
    return first


def _visible_problems(metric: type[Metric], entry: Mapping[str, Any]) -> Iterator[Problem]:
    declared = [action for statement in entry["permissions"] for action in statement["Action"]]
    for source in _sources(metric):
        file = Path(inspect.getfile(source))
        module = ast.parse(file.read_bytes())
        tree = _node(module, source)
        for call in visible_calls.find(tree, module) if tree is not None else ():
            wrong = _wrong(call, declared)
            if wrong:
                cause, fix = wrong
                yield Problem(file, call.line, f"{metric.__name__}: {cause}", fix)


def _sources(metric: type[Metric]) -> Iterator[Any]:
    """Yield the author's classes and functions of which a metric consists."""
    yield from (one for one in metric.__mro__ if one.__module__.startswith(f"{PACKAGE}."))
    functions = (reading.function for reading in with_their_readings(metric.readings))
    yield from (one for one in functions if one.__module__.startswith(f"{PACKAGE}."))


def _node(module: ast.Module, source: Any) -> ast.AST | None:
    kinds = (ast.ClassDef, ast.FunctionDef)
    return next((one for one in module.body if isinstance(one, kinds) and one.name == source.__name__), None)


def _wrong(call: visible_calls.VisibleCall, declared: Iterable[str]) -> tuple[str, str] | None:
    """Return what is wrong with a call, and the fix."""
    if visible_calls.service_model(call.service) is None:
        return f"boto3 has no service {call.service}", "Correct its name."
    model = visible_calls.operation_model(call.service, call.method)
    if model is None:
        return f"{call.service} has no operation {call.method}", "Correct its name."
    fields = model.output_shape.members if model.output_shape else {}
    if call.key and call.key not in fields:
        answered = ", ".join(fields) or "nothing"
        return f"{call.method} of {call.service} answers with {answered}, and not with {call.key}", "Correct the name."
    needed = iam_actions.needed(call.service, model.name)
    if needed and not any(trial.matches(one, action) for one in declared for action in needed):
        return (
            f"{call.service} {model.name} needs {' or '.join(sorted(needed))}, which is not declared",
            "Add it to `_iam_permissions`, or to the permissions of the reading.",
        )
    return None


def _alias(folder: MetricFolder) -> None:
    """Let tests import the metrics by the names that pytest gives them, and get the same classes."""
    prefix = f"{folder.module}."
    modules = {name.removeprefix(prefix): module for name, module in sys.modules.items() if name.startswith(prefix)}
    for short, module in modules.items():
        if importlib.util.find_spec(short.partition(".")[0]) is None or short.partition(".")[0] in modules:
            sys.modules.setdefault(short, module)
    if folder.path.name.isidentifier() and importlib.util.find_spec(folder.path.name) is None:
        sys.modules[folder.path.name] = importlib.import_module(folder.module)
        for short, module in modules.items():
            sys.modules[f"{folder.path.name}.{short}"] = module


def _scenarios_of(module: str, path: Path, folder: MetricFolder) -> tuple[list[Scenario], list[Problem]]:
    # For helpers next to the test, which pytest finds, too. Python's own modules come first.
    sys.path.append(str(path.parent))
    try:
        given = getattr(importlib.import_module(module), _SCENARIOS, ())
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a file may raise anything
        return [], [_unreadable(error, path, folder)]
    finally:
        sys.path.remove(str(path.parent))
    scenarios = list(given.values() if isinstance(given, Mapping) else given)
    wrong = [one for one in scenarios if not isinstance(one, Scenario)]
    fix = "Use `ds_dashboard.testing.Scenario`."
    problems = [Problem(path, 1, f"{_SCENARIOS} contains {one!r}, which is not a scenario", fix) for one in wrong]
    return [one for one in scenarios if isinstance(one, Scenario)], problems


def _unreadable(error: BaseException, path: Path, folder: MetricFolder) -> Problem:
    problem = explain_error(error, path, folder.path)
    if isinstance(error, ModuleNotFoundError) and error.name:
        # A test needs no dependency in the package.
        return replace(problem, fix=f"Install it: {command('pip', 'install', error.name.partition('.')[0])}")
    return problem


def main() -> None:
    """Answer one request."""
    sandbox.serve(lambda request: check_folders(sandbox.folders_of(request)))


if __name__ == "__main__":
    main()
