"""SageMaker's Search."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from ministack import app

from ds_dashboard_local.engine.middleware import Response
from ds_dashboard_local.engine.patching import gap, wrap_entry
from ds_dashboard_local.gaps.moto.documents import Document, answer, backend, document, epoch, invalid, items, shape

Query = dict[str, list[str]]

# Resource -> where moto keeps it, and its name in a record.
_RESOURCES = {
    "TrainingJob": ("training_jobs", "TrainingJob"),
    "HyperParameterTuningJob": ("hyper_parameter_tuning_jobs", "HyperParameterTuningJob"),
    "Endpoint": ("endpoints", "Endpoint"),
    "ModelPackage": ("model_packages", "ModelPackage"),
    "ModelPackageGroup": ("model_package_groups", "ModelPackageGroup"),
    "Pipeline": ("pipelines", "Pipeline"),
    "PipelineExecution": ("pipeline_executions", "PipelineExecution"),
    "FeatureGroup": ("feature_groups", "FeatureGroup"),
    "Experiment": ("experiments", "Experiment"),
    "ExperimentTrial": ("trials", "Trial"),
    "ExperimentTrialComponent": ("trial_components", "TrialComponent"),
}
_MAX_ELEMENTS = 20
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda actual, wanted: bool(actual == wanted),
    "GreaterThan": lambda actual, wanted: bool(actual > wanted),
    "GreaterThanOrEqualTo": lambda actual, wanted: bool(actual >= wanted),
    "LessThan": lambda actual, wanted: bool(actual < wanted),
    "LessThanOrEqualTo": lambda actual, wanted: bool(actual <= wanted),
    "Contains": lambda actual, wanted: wanted in actual,
    "In": lambda actual, wanted: actual in wanted.split(","),
}
_TEXT_ONLY, _NOT_TEXT = ("Contains", "In"), tuple(name for name in _COMPARISONS if "Than" in name)
_WITHOUT_VALUE = ("Exists", "NotExists")
_OPERATORS = (*_COMPARISONS, "NotEquals", *_WITHOUT_VALUE)


class _InvalidSearch(Exception):
    """The message is AWS's answer."""


@gap
def search() -> None:
    """Search with all operators, subexpressions, order and the number of hits.

    AWS: evaluates Equals, NotEquals, GreaterThan, GreaterThanOrEqualTo, LessThan, LessThanOrEqualTo, Contains, In,
    Exists and NotExists by the type of the property (times as text without a time zone, in UTC), NestedFilters, and
    SubExpressions with And and Or; sorts by any property, the last modified first unless told otherwise; and returns
    TotalHits. It rejects an unknown property, an operator that its type does not have, and a second Contains.

    Engine: moto compares with Equals, NotEquals and Contains only, and with Equals instead of the others; ignores the
    rest, returns everything at once in order of creation, and names ARNs "Arn", which clients drop.
    """
    wrap_entry(app, "SERVICE_HANDLERS", "sagemaker", _search)


async def _search(
    original: Any, method: str, path: str, headers: dict[str, str], body: bytes, query_params: Query
) -> Response:
    given: dict[str, Any] = json.loads(body or b"{}")
    if not headers.get("x-amz-target", "").endswith(".Search") or given.get("Resource") not in _RESOURCES:
        passed_on: Response = await original(method, path, headers, body, query_params)
        return passed_on
    kind, name = _RESOURCES[given["Resource"]]
    records = shape("SearchRecord")
    assert isinstance(records, StructureShape)
    record = records.members[name]
    try:
        expression = given.get("SearchExpression") or {}
        _check(record, expression)
        by = given.get("SortBy") or "LastModifiedTime"
        _property(record, by)
    except _InvalidSearch as error:
        return invalid(str(error))
    found = [document(name, item) for _, item in items(backend(), kind)]
    found = [each for each in found if not expression or _holds(expression, each)]
    found.sort(key=lambda each: _sort_key(each, by), reverse=given.get("SortOrder") != "Ascending")
    hits = {"Value": len(found), "Relation": "EqualTo"}
    return answer({"Results": [{name: each} for each in found], "TotalHits": hits})


def _check(record: Shape, expression: Document) -> None:
    """Raise `_InvalidSearch` if AWS would reject a search expression."""
    filters = list(_filters(expression))
    if sum(1 for each in filters if each.get("Operator") == "Contains") > 1:
        raise _InvalidSearch("'CONTAINS' operator usage limit of 1 exceeded.")
    for each in filters:
        name, operator, value = each["Name"], each.get("Operator", "Equals"), each.get("Value")
        kind = _property(record, name)
        if operator not in _OPERATORS:
            raise _InvalidSearch(f"Value '{operator}' at 'operator' must be one of {', '.join(_OPERATORS)}")
        if (value is None) != (operator in _WITHOUT_VALUE):
            raise _InvalidSearch(f"The operator {operator} of {name} has {'no' if value is None else 'a'} value")
        if operator in (_NOT_TEXT if kind == "string" else _TEXT_ONLY):
            raise _InvalidSearch(f"The operator {operator} is not supported for {name}, which is a {kind}")
        if kind == "timestamp" and value is not None and not _TIME.fullmatch(value):
            raise _InvalidSearch(f"{name} is a timestamp, and {value} is not of the format yyyy-MM-dd'T'HH:mm:ss")


def _filters(expression: Document) -> Iterator[Document]:
    for part in ("Filters", "NestedFilters", "SubExpressions"):
        if len(expression.get(part, ())) > _MAX_ELEMENTS:
            raise _InvalidSearch(f"Member {part} must have length less than or equal to {_MAX_ELEMENTS}")
    yield from expression.get("Filters", ())
    for nested in expression.get("NestedFilters", ()):
        yield from nested["Filters"]
    for inner in expression.get("SubExpressions", ()):
        yield from _filters(inner)


def _property(record: Shape, name: str) -> str:
    """Return the type of a property, such as "string" or "timestamp"."""
    if name.startswith(("Metrics.", "Tags.")):
        return "number" if name.startswith("Metrics.") else "string"
    at: Shape = record
    for part in name.split("."):
        while isinstance(at, ListShape):
            at = at.member
        if isinstance(at, MapShape):
            return "text or number"
        if not isinstance(at, StructureShape) or part not in at.members:
            raise _InvalidSearch(f"Unknown property name: {name}")
        at = at.members[part]
    return str(at.type_name)


def _holds(expression: Document, each: Document) -> bool:
    outcomes = [
        *(_matches(one, _values(each, one["Name"])) for one in expression.get("Filters", ())),
        *(_nested(one, each) for one in expression.get("NestedFilters", ())),
        *(_holds(one, each) for one in expression.get("SubExpressions", ())),
    ]
    return any(outcomes) if expression.get("Operator") == "Or" else all(outcomes)


def _nested(nested: Document, each: Document) -> bool:
    """Return whether one element of a list satisfies all filters."""
    prefix = nested["NestedPropertyName"] + "."
    return any(
        all(_matches(one, _values(element, one["Name"].removeprefix(prefix))) for one in nested["Filters"])
        for element in each.get(nested["NestedPropertyName"], ())
    )


def _values(each: Document, name: str) -> list[Any]:
    """Return the values that a property has in a document; none if it does not exist."""
    if name.startswith("Metrics."):
        metrics = each.get("FinalMetricDataList", ())
        return [one["Value"] for one in metrics if one["MetricName"] == name.removeprefix("Metrics.")]
    if name.startswith("Tags."):
        return [one["Value"] for one in each.get("Tags") or () if one["Key"] == name.removeprefix("Tags.")]
    first, _, rest = name.partition(".")
    found = each.get(first)
    if rest:
        inner = found if isinstance(found, list) else [found]
        return [value for one in inner if isinstance(one, dict) for value in _values(one, rest)]
    return found if isinstance(found, list) else [found] * (found is not None)


def _matches(one: Document, values: list[Any]) -> bool:
    operator: str = one.get("Operator", "Equals")
    if operator in _WITHOUT_VALUE:
        return bool(values) is (operator == "Exists")
    negated = operator == "NotEquals"
    return negated is not any(_compared("Equals" if negated else operator, value, one["Value"]) for value in values)


def _compared(operator: str, actual: Any, wanted: str) -> bool:
    compare: Callable[[Any, Any], bool] = _COMPARISONS[operator]
    if isinstance(actual, datetime):
        return compare(epoch(actual), datetime.fromisoformat(wanted).replace(tzinfo=UTC).timestamp())
    if isinstance(actual, bool):
        return compare(str(actual).lower(), wanted)
    if isinstance(actual, str) and operator not in _NOT_TEXT:
        return compare(actual, wanted)
    try:
        # Hyperparameters are texts that are compared as numbers.
        return compare(float(actual), float(wanted))
    except ValueError:
        return False  # a hyperparameter that is not a number


def _sort_key(each: Document, by: str) -> tuple[bool, Any]:
    values = _values(each, by)
    if not values:
        return False, 0
    return True, epoch(values[0]) if isinstance(values[0], datetime) else values[0]
