"""The process that imports metrics and describes them: `python -m ds_dashboard_cli.packaging.introspect`.

It answers `{"metrics": {name: entry}, "readings": {name: entry}, "problems": [{"file", "line", "cause", "fix"}]}`.
`ds_dashboard_cli.packaging.sandbox` starts it, in an environment without credentials.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import ds_dashboard.metrics
from ds_dashboard.metrics import Metric, MetricDeclarationError, Reading, arguments, declaration, permissions
from ds_dashboard.metrics.readings import with_their_readings
from ds_dashboard_cli.packaging import metric_folders, sandbox
from ds_dashboard_cli.packaging.metric_folders import MetricFolder
from ds_dashboard_cli.packaging.problems import (
    Problem,
    explain_error,
    find_foreign_metrics,
    find_own_metric_class,
    find_repeated_classes,
)

_PROBE = ("zz-probe-1", "718281828459")
# Real regions too: an override may distinguish partitions, and a dictionary of regions contains no others.
_CROSS_CHECKS = (
    ("zz-probe-2", "314159265358"),
    ("us-east-1", "141421356237"),
    ("eu-central-1", "173205080757"),
    ("cn-north-1", "223606797750"),
    ("us-gov-west-1", "264575131106"),
)


def introspect(folders: Sequence[MetricFolder]) -> dict[str, Any]:
    """Import every module with metrics and describe the metrics; collects problems instead of raising them."""
    sys.meta_path.insert(0, metric_folders.FolderFinder(folders))
    problems: list[Problem] = []
    metrics: dict[str, Any] = {}
    for name, path, root in _modules(folders):
        module, problem = _import(name, path, root)
        if problem is None and module is not None:
            found, further = _describe_module(module, path)
            metrics.update(found)
            problems.extend(further)
        elif problem is not None:
            problems.append(problem)
    declared = [cast("type[Metric]", declaration.declared()[name]) for name in metrics]
    readings = {
        _reading_name(one): describe_reading(one) for cls in declared for one in with_their_readings(cls.readings)
    }
    return {"metrics": metrics, "readings": readings, "problems": [problem.as_dict() for problem in problems]}


def _modules(folders: Sequence[MetricFolder]) -> list[tuple[str, Path, Path]]:
    """List name, file and root folder of every module to search: first the library's, then the user's."""
    home = Path(ds_dashboard.metrics.__file__).parent
    own = [
        (f"ds_dashboard.metrics.{module.name}", home / f"{module.name}.py", home)
        for module in pkgutil.iter_modules([str(home)])
        if not module.name.startswith("_") and f"ds_dashboard.metrics.{module.name}" != Metric.__module__
    ]
    users = [(name, path, folder.path) for folder in folders for name, path in folder.modules()]
    return own + users


def _import(name: str, path: Path, root: Path) -> tuple[ModuleType | None, Problem | None]:
    problem = find_own_metric_class(path)
    if problem is not None:
        return None, problem
    try:
        return importlib.import_module(name), None
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a file may raise anything
        return None, explain_error(error, path, root)


def _describe_module(module: ModuleType, path: Path) -> tuple[dict[str, Any], list[Problem]]:
    metrics: dict[str, Any] = {}
    problems = find_foreign_metrics(module, path) + find_repeated_classes(path)
    for name, cls in declaration.declared().items():
        if cls.__module__ != module.__name__:
            continue
        line = inspect.getsourcelines(cls)[1]
        if getattr(module, name, None) is not cls:
            problems.append(Problem(path, line, f"{name} is not at the top level of its file", "Move the class there."))
            continue
        try:
            metrics[name] = describe(cast("type[Metric]", cls))
        except Exception as error:  # noqa: BLE001 - an override of get_iam_permissions may raise anything
            problems.append(explain_error(error, path, path.parent, line, during=f"{name}.get_iam_permissions"))
    return metrics, problems


def describe(metric: type[Metric]) -> dict[str, Any]:
    """Return the manifest's entry of a metric.

    Raises:
        MetricDeclarationError: the permissions are invalid, or a value cannot be written as JSON.
    """
    name = metric.__name__
    declared = arguments.normalized(name, metric.arguments)
    statements: Any = metric.declared_permissions()
    if metric.get_iam_permissions is not Metric.get_iam_permissions:
        statements = probe_permissions(metric, list(declared))
    base = permissions.normalized("Metric", permissions.BASE_PERMISSIONS)
    own = [one for one in permissions.normalized(name, statements, declared) if one not in base]
    description, *notes = _paragraphs(metric.__dict__.get("__doc__")) or [name]
    readings = list(with_their_readings(metric.readings))
    reads: list[type[Metric] | Reading[Any, Any]] = [metric, *readings]
    entry = {
        "description": description,
        "notes": notes,
        "unit": metric.unit,
        "module": metric.__module__,
        "family": metric.__module__.rpartition(".")[2],
        "scope": metric.scope,
        "historical": metric.historical,
        "permissions": own,
        "arguments": declared,
        "dimensions": list(metric.dimensions),
        "source": metric.source or ", ".join(sorted({action for one in own for action in one["Action"]})),
        "cost": {
            "calls": "; ".join(one.calls for one in reads if one.calls),
            "usd": _number(sum((Decimal(str(one.usd)) for one in reads), Decimal(0))),
        },
        "may_read": [text for text in dict.fromkeys(one.may_read for one in reads) if text],
        "readings": [_reading_name(one) for one in readings],
    }
    reasons = permissions.wildcard_reasons(statements)
    if reasons:
        entry["wildcard_reasons"] = reasons
    _check_json(name, entry)
    return entry


def describe_reading(reading: Reading[Any, Any]) -> dict[str, Any]:
    """Return the manifest's entry of a reading, which is for people."""
    return {
        "description": reading.description or reading.name,
        "calls": reading.calls,
        "usd": _number(reading.usd),
        "may_read": reading.may_read,
    }


def _reading_name(reading: Reading[Any, Any]) -> str:
    return f"{reading.function.__module__}.{reading.name}"


def _number(amount: Any) -> int | float:
    return int(amount) if amount == int(amount) else float(amount)


def _paragraphs(docstring: str | None) -> list[str]:
    """Return the first line of a docstring, and the paragraphs below it as one line each. Lists keep their lines."""
    first, _, rest = inspect.cleandoc(docstring or "").partition("\n")
    joined = re.sub(r"(?<!\n)\n(?!\n|[-*] )", " ", rest.strip())
    return [text for text in (first, *(re.sub(r" +", " ", one).strip() for one in re.split(r"\n{2,}", joined))) if text]


def _check_json(name: str, entry: dict[str, Any]) -> None:
    try:
        text = json.dumps(entry)
    except (TypeError, ValueError) as error:
        raise MetricDeclarationError(
            name, f"a default or a Condition cannot be written as JSON ({error})", "Use strings, numbers and lists."
        ) from error
    if sandbox.REGION in text:
        raise MetricDeclarationError(
            name,
            "the region was read from the environment during the import, when no region is set",
            "Write **REGION** instead of the region.",
        )


def probe_permissions(metric: type[Metric], argument_names: list[str]) -> Any:
    """Turn the result of an overridden `get_iam_permissions` into statements with placeholders.

    Terraform fills in permissions at plan time and cannot call Python. The override is called with a made-up region
    and account, which are replaced by placeholders in its result. The result is valid only if filling in the
    placeholders gives what the override returns for other regions and accounts.

    Raises:
        MetricDeclarationError: the override depends on more than the text of the region and the account.
    """
    name = metric.__name__
    instance = metric(name, "**PROJECT_NAME**", {}, "**ENVIRONMENT**")
    instance.arguments = {argument: f"**ARG:{argument}**" for argument in argument_names}
    region, account = _PROBE

    def template(text: str) -> str:
        return text.replace(region, "**REGION**").replace(account, "**ACCOUNT_ID**")

    def partitioned(text: str) -> str:
        return text.replace("arn:aws:", "arn:**PARTITION**:")

    found = permissions.mapped_strings(instance.get_iam_permissions(*_PROBE), template)
    results = {probe: instance.get_iam_permissions(*probe) for probe in _CROSS_CHECKS}
    for candidate in (found, permissions.mapped_strings(found, partitioned)):
        if all(_fill(candidate, *probe) == _fill(result, *probe) for probe, result in results.items()):
            return candidate
    raise MetricDeclarationError(
        name,
        "get_iam_permissions returns other statements for other regions or accounts, not only their names replaced",
        "Build them from the parameters region and account_id alone, or declare _iam_permissions with the placeholders "
        "**REGION**, **ACCOUNT_ID** and **PARTITION**.",
    )


def _fill(statements: Any, region: str, account: str) -> Any:
    # The override's own result contains placeholders too, in the statements that it takes from Metric.
    partition = "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"

    def fill(text: str) -> str:
        for placeholder, value in (("REGION", region), ("ACCOUNT_ID", account), ("PARTITION", partition)):
            text = text.replace(f"**{placeholder}**", value)
        return text

    return permissions.mapped_strings(statements, fill)


def main() -> None:
    """Answer one request."""
    sandbox.serve(lambda request: introspect(sandbox.folders_of(request)))


if __name__ == "__main__":
    main()
