"""The code blocks of docs/python.md run as they stand, one after the other, and print what the page says."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from tests.support.events import FAILURE, RESULT, RUN, Exact, ago, failure, result, run_event
from tests.support.tables import OTHER, HubTables

from ds_dashboard import ulid
from ds_dashboard_local import LocalCloud

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
ACCOUNT = "444444444444"
_BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:\n^```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
ACCEPTS = "import os\ndef handler(event, context):\n    return {'RefreshId': os.environ['ID'], 'EventId': 'e'}\n"


def _fill(tables: HubTables) -> None:
    """Two spokes that have responded to a refresh, and one that is silent."""
    dev = {"ProjectName": "Forecasting", "Environment": "dev"}
    prod = {**dev, "Environment": "prod"}
    for project in ("Forecasting/dev", "Forecasting/prod"):
        tables.register(project)
    tables.register("Search/prod", OTHER)
    tables.watch()
    tables.account.sqs.create_queue(QueueName="ds-dashboard-events")
    tables.function("refresh", ACCEPTS, ID=(refresh_id := ulid.new()))
    cost = {"MetricName": "TrainingCost", "Unit": "USD", "RefreshId": refresh_id}
    accuracy = result(**dev, MetricName="Accuracy", MetricValue=Exact("0.90"), RefreshId=refresh_id)
    del accuracy["Unit"]
    tables.send(
        RESULT,
        result(**dev, **{**cost, "RefreshId": "earlier"}, MetricValue=10, ExtractionDate=ago(days=2)),
        result(**dev, **cost, MetricValue=Exact("12.50")),
        result(**prod, **cost, MetricValue=Exact("20.25")),
        accuracy,
    )
    tables.send(FAILURE, failure(**dev, MetricName="Drift", RefreshId=refresh_id))
    names = ["Accuracy", "Drift", "TrainingCost"]
    tables.send(
        RUN,
        run_event(**dev, Emitted=2, Failed=1, Metrics=names, RefreshId=refresh_id),
        run_event(**prod, Metrics=["TrainingCost"], RefreshId=refresh_id),
    )


def test_the_code_of_the_page_runs_and_prints_what_it_says(
    local_cloud: LocalCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What people copy first must work."""
    _fill(HubTables(local_cloud, "ds-dashboard", ACCOUNT))
    own = local_cloud.environment(ACCOUNT)
    keys = {
        "aws_access_key_id": own.pop("AWS_ACCESS_KEY_ID"),
        "aws_secret_access_key": own.pop("AWS_SECRET_ACCESS_KEY"),
    }
    config = tmp_path / "config"
    config.write_text("[profile hub]\n" + "".join(f"{name} = {value}\n" for name, value in keys.items()))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**own, "AWS_CONFIG_FILE": str(config)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    blocks = _BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert len(blocks) > 8
    notebook: dict[str, Any] = {}
    for code, printed in blocks:
        shown = io.StringIO()
        with redirect_stdout(shown):
            exec(compile(code, str(PAGE), "exec"), notebook)
        assert shown.getvalue() == printed, code
    assert (tmp_path / "cost.csv").exists()
