"""`Metric`, the class that every metric derives from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from ds_dashboard import aws
from ds_dashboard.metrics import arguments as declared_arguments
from ds_dashboard.metrics import declaration, paging
from ds_dashboard.metrics.permissions import BASE_PERMISSIONS, Statement, mapped_strings
from ds_dashboard.metrics.value import MetricValue, rows


class Metric:
    """One thing that is measured in a spoke. The class name is the metric's name.

    An author writes `_compute_value` and, for what it calls, `_iam_permissions`:

        class NumberEndPointsInService(Metric):
            \"\"\"Endpoints that serve traffic now.\"\"\"

            unit = "Count"
            _iam_permissions = Metric._iam_permissions + [{"Action": "sagemaker:ListEndpoints", "Resource": "*"}]

            def _compute_value(self):
                return self.count("sagemaker", "list_endpoints", "Endpoints", StatusEquals="InService")

    Class attributes that an author may set:
        unit: what the value counts, "Count", "Seconds", "USD"; "None" where it has no unit.
        arguments: what an instance can be told, see `SSMParameterValue`: name -> {"type": "string" | "number" |
            "integer" | "boolean" | "json", "required": bool, "description": str, "default": ...}. An instance reads
            their values from `self.arguments`; permissions refer to required ones as `**ARG:<name>**`.
        dimensions: names by which `self.value(..., breakdown=...)` splits the value.

    Classes whose name begins with `_`, and abstract ones, are bases of others and no metrics. Wrong declarations raise
    MetricDeclarationError at import.
    """

    unit: ClassVar[str] = "None"
    dimensions: ClassVar[Sequence[str]] = ()
    arguments: Mapping[str, Any] = {}  # the class declares them, an instance holds their values
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
        """The value now: a number, a string, or what `self.value(...)` returns.

        Whatever it raises becomes a failure event; a metric must never return zero for what it could not read.
        """
        raise NotImplementedError

    def get_iam_permissions(self, region: str, account_id: str) -> list[Statement]:
        """The declared statements with region and account filled in; other placeholders are left to Terraform.

        An override must build its statements from the two parameters, since it is called with made-up ones when the
        manifest is written.
        """

        def fill(text: str) -> str:
            return text.replace("**REGION**", region).replace("**ACCOUNT_ID**", account_id)

        return [mapped_strings(statement, fill) for statement in self._iam_permissions]

    def client(self, service: str) -> Any:
        """The boto3 client of a service: one per process, made when first needed, with adaptive retries."""
        return aws.client(service)

    def pages(self, service: str, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
        """Every item under `key` of an operation's answers, all pages of them, at 100 a page where allowed.

        for job in self.pages("sagemaker", "list_training_jobs", "TrainingJobSummaries", StatusEquals="Completed"):
        """
        return paging.items(self.client(service), operation, key, arguments)

    def count(self, service: str, operation: str, key: str, **arguments: Any) -> int:
        """How many items `pages` would yield."""
        return sum(1 for _ in self.pages(service, operation, key, **arguments))

    def value(self, value: Any, breakdown: Mapping[Any, Any] | Iterable[Mapping[str, Any]] = ()) -> MetricValue:
        """A headline with its breakdown by the declared `dimensions`.

        The breakdown is a mapping of dimension values to numbers, such as a Counter, or rows as the event has them:

            dimensions = ["InstanceType"]
            ...
            return self.value(total, breakdown=Counter({"ml.m5.large": 2}))
            return self.value(total, breakdown=[{"Dimensions": {"InstanceType": "ml.m5.large"}, "Value": 2}])
        """
        return MetricValue(value, rows(type(self).__name__, self.dimensions, breakdown))

    def now(self) -> datetime:
        """The time, in UTC and aware of it; a method so that a test can stop the clock."""
        return datetime.now(UTC)
