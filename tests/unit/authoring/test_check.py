"""The check of a metric finds each mistake. A check that accepts every metric would look the same in the catalogue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from ds_dashboard import aws
from ds_dashboard.metrics import Metric, NothingToReport
from ds_dashboard.testing import Answer, Error, Scenario
from ds_dashboard_cli.authoring import check

APPS = {
    "sagemaker.list_apps": {"Apps": [{"AppType": "JupyterLab"}, {"AppType": "JupyterLab"}, {"AppType": "CodeEditor"}]}
}
LIST_APPS = {"Action": ["sagemaker:ListApps"], "Resource": ["*"]}


class _Apps(Metric):
    dimensions = ["AppType"]

    def _compute_value(self) -> Any:
        return self.value(breakdown=Counter(one["AppType"] for one in self.pages("sagemaker", "list_apps", "Apps")))


class _OnePage(_Apps):
    def _compute_value(self) -> Any:
        answer = self.client("sagemaker").list_apps()
        return self.value(breakdown=Counter(one["AppType"] for one in answer["Apps"]))


class _UntilThePageIsEmpty(_Apps):
    def _compute_value(self) -> Any:
        answer, found = {"NextToken": ""}, Counter[str]()
        while "NextToken" in answer:
            more = {"NextToken": answer["NextToken"]} if answer["NextToken"] else {}
            answer = self.client("sagemaker").list_apps(**more)
            if not answer["Apps"]:
                break
            found.update(one["AppType"] for one in answer["Apps"])
        return self.value(breakdown=found)


class _ZeroIfDenied(_Apps):
    def _compute_value(self) -> Any:
        try:
            return super()._compute_value()
        except ClientError as error:
            if error.response["Error"]["Code"] != "AccessDeniedException":
                raise
            return self.value(0)


class _ZeroIfThrottled(_Apps):
    def _compute_value(self) -> Any:
        try:
            return super()._compute_value()
        except ClientError as error:
            if error.response["Error"]["Code"] != "ThrottlingException":
                raise
            return self.value(0)


class _NothingIfItFails(_Apps):
    def _compute_value(self) -> Any:
        try:
            return super()._compute_value()
        except ClientError:
            raise NothingToReport("Studio is not used") from None


class _DeniedInDisguise(_Apps):
    def _compute_value(self) -> Any:
        try:
            return super()._compute_value()
        except ClientError:
            raise RuntimeError("apps cannot be read") from None


class _TriesAgain(_Apps):
    def _compute_value(self) -> Any:
        try:
            return super()._compute_value()
        except ClientError as error:
            if error.response["Error"]["Code"] == "AccessDeniedException":
                raise
            return self.value(breakdown=Counter(one["AppType"] for one in self.client("sagemaker").list_apps()["Apps"]))


class _MisspelledStatus(_Apps):
    def _compute_value(self) -> Any:
        return self.count("sagemaker", "list_endpoints", "Endpoints", StatusEquals="Inservice")


class _NothingWithoutApps(_Apps):
    def _compute_value(self) -> Any:
        made = super()._compute_value()
        if not made.value:
            raise NothingToReport("there is no app")
        return made


def problems(metric: type[Metric], *scenarios: Scenario, statements: Sequence[Any] = (LIST_APPS,)) -> list[str]:
    return check.scenarios(
        "Apps", {"permissions": statements}, scenarios, lambda scenario: metric("Apps", "Project1", {}, "dev")
    )


def apps(value: Any = 3, answers: dict[str, Answer] | None = None, **more: Any) -> Scenario:
    breakdown = {"JupyterLab": 2, "CodeEditor": 1} if value == 3 else {}
    return Scenario("Apps", value=value, breakdown=breakdown, answers=APPS if answers is None else answers, **more)


def test_a_correct_metric_has_no_problem() -> None:
    """Also one that repeats a call that was throttled, and one whose outcome in an empty account is declared."""
    assert problems(_Apps, apps()) == []
    assert problems(_NothingWithoutApps, apps(empty=NothingToReport)) == []


@pytest.mark.parametrize(
    ("metric", "problem"),
    [
        (_OnePage, "with one item per page, the value is 1, and must be 3. Read every page"),
        (_UntilThePageIsEmpty, "after an empty first page, the value is 0, and must be 3."),
        (_ZeroIfDenied, "if call 2, sagemaker ListApps, is denied, it reports 0."),
        (_ZeroIfThrottled, "if call 3, sagemaker ListApps, is throttled, it reports 0."),
        (_NothingIfItFails, "if call 1, sagemaker ListApps, is failing, it has nothing to report."),
        (_DeniedInDisguise, "if call 1, sagemaker ListApps, is denied, it fails with RuntimeError."),
        (_MisspelledStatus, "StatusEquals is 'Inservice', which is not one of OutOfService"),
        (_NothingWithoutApps, "in an empty account it reports NothingToReport: there is no app, and must report 0."),
    ],
)
def test_a_wrong_metric_is_found(metric: type[Metric], problem: str) -> None:
    """Each message names the branch, what the metric did there, and what to do."""
    answers: dict[str, Answer] = {**APPS, "sagemaker.list_endpoints": {"Endpoints": []}}
    assert [one for one in problems(metric, apps(answers=answers)) if problem in one]


def test_calls_fail_from_the_first_to_the_last_even_if_there_are_many() -> None:
    """A metric could ignore the denial of a later page, or of an operation that it calls at the end."""

    class _IgnoresLatePages(_Apps):
        def _compute_value(self) -> Any:
            found = Counter[str]()
            try:
                for one in self.pages("sagemaker", "list_apps", "Apps"):
                    found[one["AppType"]] += 1
            except ClientError:
                if not found["CodeEditor"]:
                    raise
            self.client("ssm").get_parameter(Name="any")
            return self.value(breakdown=found)

    many = [{"AppType": "JupyterLab"}] * 150 + [{"AppType": "CodeEditor"}] * 150
    answers: dict[str, Answer] = {"sagemaker.list_apps": {"Apps": many}, "ssm.get_parameter": {}}
    breakdown = {"JupyterLab": 150, "CodeEditor": 150}
    found = problems(_IgnoresLatePages, Scenario("Apps", value=300, breakdown=breakdown, answers=answers))
    denied = [one for one in found if "is denied, it reports" in one]
    assert 10 < len(denied) <= 40
    assert not [one for one in found if "ssm GetParameter, is denied" in one]


def test_undeclared_and_uncalled_actions_are_found() -> None:
    """Too few permissions fail in the spoke, and too many are granted for nothing."""
    models = {"Action": ["sagemaker:ListModels"], "Resource": ["*"]}
    assert problems(_Apps, apps(), statements=[models]) == [
        "Apps: sagemaker ListApps needs sagemaker:ListApps, which is not declared. "
        "Add it to `_iam_permissions`, or to the permissions of the reading.",
        "Apps: sagemaker:ListModels is declared, but no scenario calls it. "
        "Remove it, or add a scenario in which it is called.",
    ]


def test_an_action_may_be_called_in_any_scenario() -> None:
    """A metric that describes what it lists calls the second operation only if there is something."""
    off = Scenario("Apps", nothing="there is no app", answers={"sagemaker.list_apps": {}}, title="off")
    assert problems(_NothingWithoutApps, off, apps(empty=NothingToReport)) == []


def test_a_call_whose_action_nobody_documents_is_named() -> None:
    """A guess could be wrong, and the metric would be denied in the spoke."""

    class _Converses(Metric):
        def _compute_value(self) -> Any:
            self.client("bedrock-runtime").converse(modelId="any")
            return 1

    scenario = Scenario("Apps", value=1, answers={"bedrock-runtime.converse": {}}, empty=1)
    (problem,) = problems(_Converses, scenario, statements=[])
    assert "the IAM action for bedrock-runtime Converse is not known" in problem


@pytest.mark.parametrize(
    ("scenario", "problem"),
    [
        (apps(4), "the value is 3, and must be 4."),
        (
            Scenario("Apps", value=3, answers=APPS),
            "the breakdown is {'JupyterLab': '2', 'CodeEditor': '1'}, and must be empty.",
        ),
        (Scenario("Apps", nothing="off", answers=APPS), "it reports 3, and must report nothing, because off."),
        (Scenario("Apps", fails="secret", answers=APPS), "it reports 3, and must report a failure: secret."),
        (apps(answers={}), "the fake account has no answer for sagemaker.list_apps: add it to the answers"),
        (apps(answers={"sagemaker.list_apps": {"App": []}}), "sagemaker.list_apps has no App; it has: Apps, NextToken"),
        (apps(answers={"sagemaker.list_apps": Error("AccessDeniedException")}), "it fails (MetricDenied"),
    ],
)
def test_an_outcome_that_differs_is_found(scenario: Scenario, problem: str) -> None:
    """The value, the breakdown, the reason why there is none, and answers that no service gives."""
    (found,) = [one for one in problems(_Apps, scenario) if "is declared, but" not in one]
    assert problem in found


def test_a_metric_without_a_scenario_is_found() -> None:
    """Nothing would show what it calls."""
    assert "has no scenario" in problems(_Apps)[0]


def test_a_scenario_expects_exactly_one_outcome() -> None:
    """Otherwise it could never fail."""
    with pytest.raises(ValueError, match="give one of value, nothing and fails"):
        Scenario("Apps", answers=APPS)


def test_calls_are_recorded_where_a_stubber_answers() -> None:
    """Its handler of `before-call` comes first and hides the call from others."""
    with apps().account() as account:
        client = aws.client("sagemaker")
        with Stubber(client) as stub:
            account.restart()
            stub.add_response("list_apps", {"Apps": []})
            client.list_apps()
    assert [call.operation for call in account.calls] == ["ListApps"]


def test_calls_of_clients_that_a_module_created_at_import_are_recorded() -> None:
    """A class that was written for the AWS sample has such clients."""
    client = boto3.Session("testing", "testing", region_name="eu-west-1").client("sagemaker")

    class _Sample(Metric):
        def _compute_value(self) -> Any:
            return len(client.list_apps()["Apps"])

    found = problems(_Sample, Scenario("Apps", value=3, answers=APPS))
    assert found[0] == "Apps: with one item per page, the value is 1, and must be 3. Read every page: use self.pages."


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ({"Action": ["sagemaker:ListEndpoint"], "Resource": ["*"]}, "sagemaker:ListEndpoint is no action"),
        ({"Action": ["sagemaker:List*"], "Resource": ["*"]}, "sagemaker:List* contains a wildcard"),
        (
            {"Action": ["sagemaker:DescribeEndpoint"], "Resource": ["*"]},
            "Declare it on arn:${Partition}:sagemaker:${Region}:${Account}:endpoint/${EndpointName}",
        ),
        (
            {
                "Action": ["sagemaker:DescribeEndpoint"],
                "Resource": ["arn:**PARTITION**:sagemaker:**REGION**:*:endpoints/*"],
            },
            "sagemaker:DescribeEndpoint needs a resource like",
        ),
        (
            {"Action": ["sagemaker:Search"], "Resource": ["arn:**PARTITION**:sagemaker:**REGION**:**ACCOUNT_ID**:*"]},
            "sagemaker:Search supports no resource, only *",
        ),
    ],
)
def test_permissions_that_iam_does_not_have_or_that_are_too_broad_are_found(statement: Any, problem: str) -> None:
    """AWS accepts all of them."""
    assert [one for one in check.permissions("Apps", {"permissions": [statement]}) if problem in one]


def test_a_wildcard_with_a_reason_is_accepted() -> None:
    """The reason is in the manifest, where the deployer reads it."""
    entry = {
        "permissions": [{"Action": ["sagemaker:DescribeEndpoint"], "Resource": ["*"]}],
        "wildcard_reasons": {"sagemaker:DescribeEndpoint": "endpoints of other accounts are shared with this one"},
    }
    assert check.permissions("Apps", entry) == []
