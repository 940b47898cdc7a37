"""How a metric can be declared, and the errors for wrong declarations."""

from __future__ import annotations

import abc
import importlib.util
import subprocess
import sys
import types
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from ds_dashboard.metrics import Metric, MetricDeclarationError, arguments, declaration, permissions
from ds_dashboard.metrics.errors import MetricUnavailable
from ds_dashboard_cli.packaging.introspect import describe

COMPUTES = "    def _compute_value(self):\n        return 1\n"


def declare(body: str, name: str = "Wrong") -> type[Metric]:
    """Return the class that a file with this body declares."""
    module = types.ModuleType("declared_by_a_test")
    source = f"from ds_dashboard.metrics import Metric\nclass {name}(Metric):\n{body}"
    exec(compile(source, f"{name}.py", "exec"), module.__dict__)
    return getattr(module, name)  # type: ignore[no-any-return]


def permission(**changes: Any) -> str:
    """Return a class body with one changed statement; the value None removes the key."""
    statement = {"Action": "sagemaker:ListEndpoints", "Resource": "*"} | changes
    kept = {key: value for key, value in statement.items() if value is not None}
    return f"    _iam_permissions = Metric._iam_permissions + [{kept!r}]\n{COMPUTES}"


def argument(**spec: Any) -> str:
    """Return a class body with one declared argument."""
    # Infinity has no literal in Python.
    return f"    arguments = {{'n': {spec!r}}}\n{COMPUTES}".replace(": inf", ": float('inf')")


WRONG = {
    "misspelled permissions": (
        f"    _iam_permission = []\n{COMPUTES}",
        "`_iam_permission`",
        "Write `_iam_permissions`",
    ),
    "permissions without underscore": (
        f"    iam_permissions = []\n{COMPUTES}",
        "`iam_permissions`",
        "_iam_permissions",
    ),
    "private permissions": (
        f"    __iam_permissions = []\n{COMPUTES}",
        "`__iam_permissions`",
        "Write `_iam_permissions`",
    ),
    "permissions with a typo": (f"    _iam_permisions = []\n{COMPUTES}", "`_iam_permisions`", "_iam_permissions"),
    "units": (f"    units = 'Count'\n{COMPUTES}", "`units`", "Write `unit`"),
    "compute_value": ("    def compute_value(self): return 1\n", "`compute_value`", "Write `_compute_value`"),
    "asynchronous": ("    async def _compute_value(self): return 1\n", "asynchronous", "def _compute_value(self)"),
    "a generator": ("    def _compute_value(self): yield 1\n", "a generator", "return the value"),
    "no self": ("    def _compute_value(): return 1\n", "lacks `self`", "def _compute_value(self)"),
    "parameters": ("    def _compute_value(self, name): return 1\n", "has parameters", "in `arguments`"),
    "keyword parameters": ("    def _compute_value(self, *, name): return 1\n", "has parameters", "in `arguments`"),
    "extract of the sample": (f"    def extract(self): pass\n{COMPUTES}", "nothing calls `extract`", "_compute_value"),
    "emit_event of the sample": (f"    def emit_event(self, value): pass\n{COMPUTES}", "`emit_event`", "self.metadata"),
    "historical": (f"    historical = 'yes'\n{COMPUTES}", "`historical` is 'yes'", "historical = True"),
    "scope": (f"    scope = 'global'\n{COMPUTES}", "`scope` is 'global'", 'scope = "account"'),
    "reading": (f"    reading = []\n{COMPUTES}", "`reading`", "Write `readings`"),
    "readings": (f"    readings = [len]\n{COMPUTES}", "`readings` is", "@reading"),
    "no _compute_value": ("    unit = 'Count'\n", "`_compute_value` is missing", "def _compute_value(self)"),
    "every action": (permission(Action="*"), "'*' is not an action", "service:Action"),
    "every action of a service": (permission(Action=["sagemaker:*"]), "'sagemaker:*'", "service:Action"),
    "action without service": (permission(Action="ListEndpoints"), "'ListEndpoints'", "sagemaker:ListEndpoints"),
    "no action": (permission(Action=None), "has no Action", '"Action"'),
    "no resource": (permission(Resource=None), "has no Resource", '"Resource"'),
    "empty action list": (permission(Action=[]), "Action []", '"Action"'),
    "resource that is not an ARN": (permission(Resource="parameter/x"), "'parameter/x'", "Write an ARN"),
    "deny": (permission(Effect="Deny"), "Effect 'Deny'", "leave the statement out"),
    "not action": (permission(Action=None, NotAction="iam:*"), "'NotAction'", "list what the metric may do"),
    "reason that is not a text": (permission(Reason=1), "the Reason 1", "why the resource is `*`"),
    "condition that is not a dict": (permission(Condition=["x"]), "Condition ['x']", "StringEquals"),
    "statements in a dict": (f"    _iam_permissions = {{}}\n{COMPUTES}", "is a dict, not a list", "+ [{...}]"),
    "unknown placeholder": (permission(Resource="arn:aws:s3:::**BUCKET**"), "**BUCKET**", "**ACCOUNT_ID**"),
    "optional argument in a condition": (
        "    arguments = {'n': {'required': False}}\n" + permission(Condition={"StringEquals": {"a:b": "**ARG:n**"}}),
        "**ARG:n**",
        "in a Condition one that is required or has a default",
    ),
    "wildcard as a default": (
        "    arguments = {'n': {'default': 'a*'}}\n" + permission(Resource="arn:aws:s3:::**ARG:n**"),
        "the default 'a*' of the argument n is a part of permissions",
        "required: False",
    ),
    "undeclared argument": (permission(Resource="arn:aws:s3:::**ARG:bucket**"), "**ARG:bucket**", "`arguments`"),
    "unknown filter": (permission(Resource="arn:aws:s3:::**REGION|upper**"), "**REGION|upper**", "no-leading-slash"),
    "placeholder in a condition": (permission(Condition={"StringEquals": {"a:b": "**X**"}}), "**X**", "**REGION**"),
    "unpaired stars": (permission(Resource="arn:aws:s3:::bucket/**"), "without a partner", "a wildcard is one `*`"),
    "argument type": (f"    arguments = {{'n': {{'type': 'int'}}}}\n{COMPUTES}", "type 'int'", "integer"),
    "argument key": (f"    arguments = {{'n': {{'optional': True}}}}\n{COMPUTES}", "'optional'", "required"),
    "choices of json": (
        argument(type="json", choices=[[]]),
        "a json with the choices [[]]",
        "string, number and integer",
    ),
    "choices as a text": (argument(choices="ab"), "the choices 'ab'", "a list of allowed values"),
    "no choice": (argument(choices=[]), "the choices []", "a list of allowed values"),
    "a choice of another type": (argument(type="integer", choices=[1, "2"]), "the choice '2'", "Correct or remove"),
    "a choice out of range": (argument(type="integer", choices=[1, 9], maximum=5), "the choice 9", "Correct or remove"),
    "a boolean as a choice": (argument(type="integer", choices=[True]), "the choice True", "Correct or remove"),
    "minimum of a text": (argument(minimum=1), "a string with the minimum 1", "for the types number and integer"),
    "minimum as a text": (argument(type="number", minimum="1"), "the minimum '1'", "with a value of the type"),
    "fractional maximum": (argument(type="integer", maximum=1.5), "the maximum 1.5", "with a value of the type"),
    "endless maximum": (argument(type="number", maximum=float("inf")), "the maximum inf", "with a value of the type"),
    "an empty range": (argument(type="integer", minimum=2, maximum=1), "the minimum 2 of the", "Exchange them"),
    "default below minimum": (argument(type="integer", minimum=1, default=0), "the default 0", "Use at least 1."),
    "default out of range": (
        argument(type="number", minimum=1, maximum=2.5, default=3),
        "the default 3",
        "Use at least 1 and at most 2.5.",
    ),
    "default that is no choice": (argument(choices=["a", "b"], default="c"), "the default 'c'", "Use one of a, b."),
    "default of another type": (argument(type="integer", minimum=1, default="2"), "'2' of the argument n", "Correct"),
    "dimensions as a string": (f"    dimensions = 'InstanceType'\n{COMPUTES}", "'InstanceType'", "Write a list"),
    "empty unit": (f"    unit = ''\n{COMPUTES}", "the unit is ''", 'unit = "Count"'),
    "permissions as a property": (
        f"    @property\n    def _iam_permissions(self): return []\n{COMPUTES}",
        "method or property",
        "get_iam_permissions",
    ),
}


@pytest.mark.parametrize(("body", "fault", "fix"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_declaration_names_class_fault_and_fix(body: str, fault: str, fix: str) -> None:
    """At the first run, it would be a gap in a chart. At import, it is a line to fix."""
    with pytest.raises(MetricDeclarationError) as caught:
        declare(body)
    assert caught.value.class_name == "Wrong"
    assert fault in caught.value.fault
    assert fix in caught.value.fix
    assert str(caught.value) == f"Wrong: {caught.value.fault}. {caught.value.fix}"


@pytest.mark.parametrize(
    "body",
    [
        COMPUTES,
        permission(Effect="Allow"),
        permission(Action=["sagemaker:ListEndpoints", "sagemaker:Describe*"]),
        permission(Resource=["arn:aws:ssm:*:**ACCOUNT_ID**:parameter/MyName"]),
        permission(Condition={"StringEquals": {"aws:RequestedRegion": "**REGION**"}}, Sid="Read1"),
        "    arguments = {'n': {'required': False}, 'm': {'default': 'x'}}\n"
        + permission(Resource="arn:aws:s3:::**ARG:n**", Condition={"StringEquals": {"a:b": "**ARG:m**"}}),
        f"    computed_values = []\n    permission_boundary = None\n{COMPUTES}",
        f"    def extract(self, text): return text\n    def other(self): return self.extract('x')\n{COMPUTES}",
        "    def _compute_value(self, name='x', *more, key=1):\n        return 1\n",
        f"    @staticmethod\n    def _compute_value():\n        return 1\n    unit_of_work = 3\n{COMPUTES}",
    ],
)
def test_declarations_of_the_sample_are_valid(body: str) -> None:
    """Classes for the sample have no Effect, one action as a string, and attributes of their own."""
    assert declare(body, "Fine")._compute_value is not Metric._compute_value


class Word(str, Enum):  # noqa: UP042 - its str() differs from its value, as that of many enums
    """Everything that a declaration can have as a text."""

    ARGUMENT = "queue"
    TYPE = "string"
    DESCRIPTION = "The queue's name."
    ACTION = "sqs:GetQueueAttributes"
    RESOURCE = "arn:**PARTITION**:sqs:**REGION**:**ACCOUNT_ID**:**ARG:queue**"
    KEY = "aws:RequestedRegion"
    REGION = "**REGION**"


def test_limits_of_an_argument_are_a_part_of_its_specification() -> None:
    """Terraform checks them at plan time, from the manifest; their order there is that of the keys."""

    class Limited(Metric):
        arguments = {
            "statistic": {"choices": ("Sum", Word.TYPE), "default": "Sum", "description": "Which one."},
            "hours": {"maximum": 48, "minimum": 1, "type": "integer", "required": False},
        }

        def _compute_value(self) -> int:
            return 1

    specs = arguments.normalized("Limited", Limited.arguments)
    assert repr(specs) == repr(
        {
            "hours": {"type": "integer", "required": False, "description": "", "minimum": 1, "maximum": 48},
            "statistic": {
                "type": "string",
                "required": False,
                "description": "Which one.",
                "default": "Sum",
                "choices": ["Sum", "string"],
            },
        }
    )


def test_texts_of_a_declaration_are_read_by_value() -> None:
    """The placeholder of an argument, and whatever else becomes a part of a text."""

    class Enumerated(Metric):
        arguments = {Word.ARGUMENT: {"type": Word.TYPE, "description": Word.DESCRIPTION}}
        _iam_permissions = [
            {"Action": Word.ACTION, "Resource": Word.RESOURCE, "Condition": {"StringEquals": {Word.KEY: Word.REGION}}}
        ]

        def _compute_value(self) -> int:
            return 1

    metric = Enumerated("Enumerated", "P", {}, "dev")
    specs = arguments.normalized("Enumerated", Enumerated.arguments)
    found = [specs, permissions.normalized("Enumerated", Enumerated._iam_permissions, specs), metric.arguments]
    assert repr(found) == repr(
        [
            {"queue": {"type": "string", "required": True, "description": "The queue's name."}},
            [
                {
                    "Action": ["sqs:GetQueueAttributes"],
                    "Resource": ["arn:**PARTITION**:sqs:**REGION**:**ACCOUNT_ID**:**ARG:queue**"],
                    "Condition": {"StringEquals": {"aws:RequestedRegion": "**REGION**"}},
                }
            ],
            {"queue": None},
        ]
    )
    with pytest.raises(MetricUnavailable, match="needs the argument queue;"):
        arguments.cast("Enumerated", Enumerated.arguments, {})


def test_a_name_that_is_taken_names_the_other_class() -> None:
    """Two classes of the same name would be one metric, and either of them could run."""
    first = declare(COMPUTES, "Twice")
    with pytest.raises(MetricDeclarationError, match=r"the name is taken by declared_by_a_test\.Twice"):
        exec("\n\nclass Twice(Metric):\n" + COMPUTES, {"Metric": Metric, "__name__": "elsewhere"})
    assert declaration.declared()["Twice"] is first


def test_a_reloaded_class_replaces_the_one_before() -> None:
    """Test runners and notebooks reload modules. The class is the same one: its module and qualified name are equal."""
    assert declare(COMPUTES, "Reloaded") is not declare(COMPUTES, "Reloaded")


def test_bases_are_not_metrics() -> None:
    """A class with what several metrics have in common is not measured itself."""

    class _Shared(Metric):
        pass

    class Abstract(Metric, abc.ABC):
        @abc.abstractmethod
        def what(self) -> int: ...

        def _compute_value(self) -> int:
            return self.what()

    class Concrete(Abstract):
        def what(self) -> int:
            return 7

    assert {"_Shared", "Abstract"}.isdisjoint(declaration.declared())
    assert declaration.declared()["Concrete"] is Concrete
    assert Concrete("Concrete", "Project1", {}, "dev")._compute_value() == 7


def test_a_base_with_misspelled_permissions_is_reported_too() -> None:
    """All metrics that derive from it would run without them."""
    with pytest.raises(MetricDeclarationError, match="`_iam_permission`"):
        declare("    _iam_permission = []\n", "_Base")


def test_region_and_account_are_replaced_in_a_copy() -> None:
    """This is the sample's public method. Terraform replaces the other placeholders later."""
    metric = declare(permission(Resource="arn:**PARTITION**:ssm:**REGION**:**ACCOUNT_ID**:parameter/x"), "Filled")
    statements = metric("Filled", "Project1", {}, "dev").get_iam_permissions("eu-west-1", "123456789012")
    assert statements[-1]["Resource"] == "arn:**PARTITION**:ssm:eu-west-1:123456789012:parameter/x"
    assert "**REGION**" in metric._iam_permissions[-1]["Resource"]
    assert statements[0]["Action"] == ["events:PutEvents"]


def test_a_reason_is_for_people_and_not_a_part_of_the_policy() -> None:
    """IAM rejects a statement with a key that it does not know, and so does the spoke module."""
    metric = declare(permission(Action="glue:GetJobRuns", Resource="*", Reason="jobs of all accounts"), "Explained")
    statements = metric("Explained", "Project1", {}, "dev").get_iam_permissions("eu-west-1", "123456789012")
    assert statements[-1] == {"Action": "glue:GetJobRuns", "Resource": "*"}
    entry = describe(metric)
    assert entry["permissions"] == [{"Action": ["glue:GetJobRuns"], "Resource": ["*"]}]
    assert entry["wildcard_reasons"] == {"glue:GetJobRuns": "jobs of all accounts"}


def test_importing_metric_imports_neither_boto3_nor_anything_large() -> None:
    """It is imported at every cold start of the extract function."""
    program = (
        "import sys; from ds_dashboard.metrics import Metric; "
        "print(sorted({'boto3', 'botocore', 'inspect', 'difflib', 'asyncio', 'click'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


SAMPLE = """
import datetime
import boto3
from ds_dashboard.metrics import Metric

sagemaker_client = boto3.client("sagemaker")

class EndpointsOfTheSample(Metric):

    _iam_permissions = Metric._iam_permissions + [
        {"Action": "sagemaker:ListEndpoints", "Resource": "*"}
    ]

    def _compute_value(self):
        today = datetime.datetime.now()
        yesterday = today - datetime.timedelta(days=1)
        return len(sagemaker_client.list_endpoints(CreationTimeAfter=yesterday)["Endpoints"])

class ParameterOfTheSample(Metric):

    def get_iam_permissions(self, region, account_id):
        return [{"Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:" + region + ":" + account_id + ":parameter/x"}]

    def _compute_value(self):
        return boto3.client("ssm").get_parameter(Name="x")["Parameter"]["Value"]
"""


def test_a_class_of_the_sample_computes_unchanged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Module-level clients, naive dates and an overridden get_iam_permissions are part of the contract."""
    import boto3
    from moto import mock_aws

    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    file = tmp_path / "sample.py"
    file.write_text(SAMPLE)
    spec = importlib.util.spec_from_file_location("sample_of_a_user", file)
    assert spec is not None
    assert spec.loader is not None
    with mock_aws():
        boto3.client("ssm").put_parameter(Name="x", Value="17", Type="String")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        try:
            spec.loader.exec_module(module)
            endpoints = module.EndpointsOfTheSample("EndpointsOfTheSample", "Project1", {}, "dev")
            parameter = module.ParameterOfTheSample("ParameterOfTheSample", "Project1", {}, "dev")
            assert endpoints._compute_value() == 0
            assert parameter._compute_value() == "17"
            assert parameter.get_iam_permissions("eu-west-1", "123456789012")[0]["Resource"].startswith(
                "arn:aws:ssm:eu"
            )
        finally:
            del sys.modules[spec.name]
