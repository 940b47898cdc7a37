"""`Metric`, the class that every metric derives from, and `MetricValue`, a value with a breakdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from ds_dashboard import aws
from ds_dashboard.metrics import arguments as declared_arguments
from ds_dashboard.metrics import declaration, paging
from ds_dashboard.metrics.permissions import BASE_PERMISSIONS, Statement, mapped_strings


class MetricValue:
    """A headline value with its breakdown, as `Metric.value` returns it.

    Attributes:
        value: the headline value: a number or a string.
        breakdown: rows of the form `{"Dimensions": {"InstanceType": "ml.m5.large"}, "Value": 2}`.
    """

    __slots__ = ("breakdown", "value")

    def __init__(self, value: Any, breakdown: list[dict[str, Any]]) -> None:
        self.value = value
        self.breakdown = breakdown

    def __repr__(self) -> str:
        return f"MetricValue({self.value!r}, breakdown={self.breakdown!r})"


class Metric:
    """One value that is measured in a spoke. The class name is the metric's name.

    An author writes `_compute_value` and, for the calls in it, `_iam_permissions`:

        class NumberEndPointsInService(Metric):
            \"\"\"Endpoints that serve traffic now.\"\"\"

            unit = "Count"
            _iam_permissions = Metric._iam_permissions + [{"Action": "sagemaker:ListEndpoints", "Resource": "*"}]

            def _compute_value(self):
                return self.count("sagemaker", "list_endpoints", "Endpoints", StatusEquals="InService")

    Classes whose name begins with `_`, and abstract classes, are bases of others and not metrics. A wrong declaration
    raises MetricDeclarationError at import.

    Attributes:
        unit: what the value counts, such as "Count", "Seconds" or "USD"; "None" if it has no unit.
        arguments: in the class, the declared arguments, as in `SSMParameterValue`: name -> {"type": "string" |
            "number" | "integer" | "boolean" | "json", "required": bool, "description": str, "default": ...}. In an
            instance, the values by name. Permissions refer to arguments as `**ARG:<name>**`.
        dimensions: the names by which `self.value(..., breakdown=...)` splits the value.
        metric_name: the name under which the value is stored.
        project_name: the spoke's project.
        environment: the spoke's environment.
        metadata: what to send with the value; a dict that `_compute_value` may fill.
    """

    unit: ClassVar[str] = "None"
    dimensions: ClassVar[Sequence[str]] = ()
    arguments: Mapping[str, Any] = {}
    _iam_permissions: ClassVar[list[Statement]] = BASE_PERMISSIONS

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        declaration.check(cls, Metric)

    def __init__(self, metric_name: str, project_name: str, metadata: dict[str, Any], environment: str) -> None:
        self.metric_name = metric_name
        self.project_name = project_name
        self.metadata = metadata
        self.environment = environment
        specs = declared_arguments.normalized(type(self).__name__, type(self).arguments)
        self.arguments = {name: spec.get("default") for name, spec in specs.items()}

    def _compute_value(self) -> Any:
        """Return the present value: a number, a string, or what `self.value(...)` returns.

        Any exception becomes a failure event. Never return zero for something that could not be read.
        """
        raise NotImplementedError

    def get_iam_permissions(self, region: str, account_id: str) -> list[Statement]:
        """Return the declared statements for a region and an account; Terraform replaces the other placeholders.

        An override must build its statements from the two parameters, because the manifest is generated with
        placeholders in place of both.

        Args:
            region: the spoke's region.
            account_id: the spoke's 12-digit account ID.
        """

        def fill(text: str) -> str:
            return text.replace("**REGION**", region).replace("**ACCOUNT_ID**", account_id)

        return [mapped_strings(statement, fill) for statement in self._iam_permissions]

    def client(self, service: str) -> Any:
        """Return the boto3 client of a service: one per process, created when first needed, with adaptive retries."""
        return aws.client(service)

    def pages(self, service: str, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
        """Yield every item of a list operation: all pages, with 100 items per page if the operation allows it.

            for job in self.pages("sagemaker", "list_training_jobs", "TrainingJobSummaries", StatusEquals="Completed"):

        Args:
            service: the service's name in boto3.
            operation: the client's method.
            key: the name of the list in the operation's answer.
            arguments: the other parameters of the operation.

        Raises:
            IncompleteAnswer: the list cannot be read to its end.
            botocore.exceptions.ClientError: a call failed.
        """
        return paging.items(self.client(service), operation, key, arguments)

    def count(self, service: str, operation: str, key: str, **arguments: Any) -> int:
        """Return the number of items that `pages` yields for the same arguments."""
        return sum(1 for _ in self.pages(service, operation, key, **arguments))

    def value(self, value: Any, breakdown: Mapping[Any, Any] | Iterable[Mapping[str, Any]] = ()) -> MetricValue:
        """Return a headline value with its breakdown by the declared `dimensions`.

            dimensions = ["InstanceType"]
            ...
            return self.value(total, breakdown=Counter({"ml.m5.large": 2}))
            return self.value(total, breakdown=[{"Dimensions": {"InstanceType": "ml.m5.large"}, "Value": 2}])

        Args:
            value: the headline value.
            breakdown: rows in the event's form, or a mapping of dimension values to numbers, such as a Counter. A key
                is a string for one dimension, and a tuple in the order of `dimensions` for several. An event has room
                for about 2,500 rows with one dimension.

        Raises:
            ValueError: the breakdown does not fit the declared dimensions.
        """
        return MetricValue(value, _rows(type(self).__name__, self.dimensions, breakdown))

    def now(self) -> datetime:
        """Return the present instant in UTC; a method, so that a test can replace it."""
        return datetime.now(UTC)


def _rows(
    name: str, dimensions: Sequence[str], breakdown: Mapping[Any, Any] | Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Convert a breakdown to the event's form; a chart would drop rows that do not have the declared dimensions."""
    if isinstance(breakdown, Mapping):
        breakdown = [
            {"Dimensions": dict(zip(dimensions, _key(name, dimensions, key), strict=True)), "Value": value}
            for key, value in breakdown.items()
        ]
    rows = [dict(row) for row in breakdown]
    for row in rows:
        if set(row) != {"Dimensions", "Value"} or set(row["Dimensions"]) != set(dimensions):
            raise ValueError(
                f'{name}: the row {row!r} is not {{"Dimensions": {{...}}, "Value": ...}} '
                f"with exactly the declared dimensions {list(dimensions)}"
            )
    return rows


def _key(name: str, dimensions: Sequence[str], key: Any) -> tuple[Any, ...]:
    parts = key if isinstance(key, tuple) else (key,)
    if len(parts) != len(dimensions):
        raise ValueError(f"{name}: the breakdown's key {key!r} does not fit the declared dimensions {list(dimensions)}")
    return parts
