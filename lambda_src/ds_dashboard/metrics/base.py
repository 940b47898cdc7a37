"""`Metric`, the class that every metric derives from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, Literal

from ds_dashboard.metrics import arguments as declared_arguments
from ds_dashboard.metrics import declaration
from ds_dashboard.metrics.permissions import BASE_PERMISSIONS, Statement, for_iam, mapped_strings
from ds_dashboard.metrics.reader import Reader
from ds_dashboard.metrics.readings import Reading, with_their_readings
from ds_dashboard.metrics.value import SUM, Breakdown, Fold, MetricValue, rows, total


class Metric(Reader):
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
        dimensions: the names by which `self.value(breakdown=...)` splits the value.
        readings: what the metric reads together with others, see `metrics/readings.py`. It needs their permissions.
        historical: whether the metric can be computed as of a past instant: it reads only data that AWS still has for
            that time, and takes all times from `self.now()` and `self.window()`.
        scope: "account" if the value is the same in every region, such as a cost; "region" otherwise.
        calls: how many calls it makes besides those of its readings, for the documentation: "1 per 100 endpoints".
        usd: what AWS charges for these calls, in USD.
        source: where its data come from, for the documentation, if its permissions do not say it.
        may_read: what its permissions may read and it does not report, for the documentation.
        metric_name: the name under which the value is stored.
        project_name: the spoke's project.
        environment: the spoke's environment.
        metadata: what to send with the value; a dict that `_compute_value` may fill.
    """

    unit: ClassVar[str] = "None"
    dimensions: ClassVar[Sequence[str]] = ()
    readings: ClassVar[Sequence[Reading[Any, Any]]] = ()
    historical: ClassVar[bool] = False
    scope: ClassVar[Literal["region", "account"]] = "region"
    calls: ClassVar[str] = ""
    usd: ClassVar[float | Decimal] = 0
    source: ClassVar[str] = ""
    may_read: ClassVar[str] = ""
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

        Any exception becomes a failure event, except `NothingToReport`. Never return zero for something that could not
        be read.
        """
        raise NotImplementedError

    @classmethod
    def declared_permissions(cls) -> list[Statement]:
        """Return the metric's own statements and those of its readings, with placeholders."""
        own = list(cls._iam_permissions)
        return own + [one for reading in with_their_readings(cls.readings) for one in reading.permissions]

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

        return [mapped_strings(for_iam(statement), fill) for statement in self.declared_permissions()]

    def value(self, value: Any = SUM, breakdown: Breakdown = (), other: Fold | None = None) -> MetricValue:
        """Return a headline value with its breakdown by the declared `dimensions`.

            dimensions = ["InstanceType"]
            ...
            return self.value(breakdown=Counter({"ml.m5.large": 2}))
            return self.value(largest, breakdown=by_endpoint, other=max)
            return self.value(total, breakdown=[{"Dimensions": {"InstanceType": "ml.m5.large"}, "Value": 2}])

        Args:
            value: the headline value; by default the sum of the breakdown.
            breakdown: rows in the event's form, or a mapping of dimension values to numbers, such as a Counter. A key
                is a string for one dimension, and a tuple in the order of `dimensions` for several. An event has room
                for about 2,500 rows with one dimension: the smallest others are folded into one row named `other`, and
                `Metadata.Folded` is their number.
            other: makes the value of the row `other` from the values that are folded; by default their sum.

        Raises:
            ValueError: the breakdown does not fit the declared dimensions, or has no sum.
        """
        name = type(self).__name__
        split = rows(name, self.dimensions, breakdown)
        if value is SUM:
            try:
                value = total([row["Value"] for row in split])
            except TypeError as error:
                raise ValueError(f"{name}: the breakdown has no sum ({error}): give self.value the headline") from None
        return MetricValue(value, split, other)

    def _declared_readings(self) -> Sequence[Reading[Any, Any]]:
        return self.readings
