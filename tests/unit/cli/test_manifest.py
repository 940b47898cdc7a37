"""`ds-dashboard manifest`: what it says of metrics."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


def test_a_class_of_the_sample_is_described_in_the_manifest_s_one_form(team: Any) -> None:
    """Loose permissions in, lists out; what every spoke may do anyway is not repeated for each metric."""
    statement = {"Action": "sagemaker:ListModels", "Effect": "Allow", "Resource": "*"}
    permissions = f"    _iam_permissions = Metric._iam_permissions + [{statement!r}]\n"
    team.metric("Models", permissions, before="client = boto3.client('sagemaker')\n")
    manifest = team.manifest()
    assert manifest["metrics"]["Models"] == {
        "description": "Models",
        "unit": "None",
        "module": "ds_dashboard_user.team.models",
        "permissions": [{"Action": ["sagemaker:ListModels"], "Resource": ["*"]}],
        "arguments": {},
        "dimensions": [],
    }
    assert list(manifest) == ["manifest_version", "base_permissions", "metrics"]
    assert [one["Action"] for one in manifest["base_permissions"]] == [["events:PutEvents"]]
    assert list(manifest["metrics"]) == sorted(manifest["metrics"])
    assert "NumberEndPointsInService" in manifest["metrics"]


def test_a_put_events_of_one_s_own_is_kept(team: Any) -> None:
    """Only what equals the base is dropped: another bus is something that the author asked for."""
    bus = "arn:aws:events:**REGION**:**ACCOUNT_ID**:event-bus/default"
    statement = {"Action": ["events:PutEvents"], "Resource": bus}
    team.metric("A", f"    _iam_permissions = Metric._iam_permissions + [{statement!r}]\n")
    assert team.manifest()["metrics"]["A"]["permissions"] == [{"Action": ["events:PutEvents"], "Resource": [bus]}]


def test_the_environment_does_not_matter(team: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile that does not exist, a broken file and a missing region are what a build machine has."""
    team.metric("A", before="client = boto3.client('sagemaker')\nprint('hello')\n")
    plain = team.manifest()
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text("[[[")
    (tmp_path / "broken").write_text("[[[")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "broken"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    assert team.manifest() == plain


def test_folders_work_as_python_packages_do(team: Any) -> None:
    """Relative imports, subfolders, data files; helpers and tests are not searched; `queue.py` breaks nothing."""
    team.put("queue.py", "SIZE = 3\n")
    team.metric("_Base", "    unit = 'Seconds'\n")
    team.put(
        "deep/a.py",
        "import boto3\nfrom pathlib import Path\nfrom .._base import _Base\nfrom ..queue import SIZE\n"
        "boto3.client('sqs')\n"
        "class Deep(_Base):\n    unit = (Path(__file__).parent / 'unit.txt').read_text()\n",
    )
    team.put("deep/unit.txt", "Bytes")
    team.put("env/pyvenv.cfg", "")
    for unread in (
        *("test_a.py", "conftest.py", "tests/helper.py", "_scratch.py", ".hidden/a.py", ".a.py", "env/lib/a.py"),
        *("node_modules/a.py", "a.py~"),
    ):
        team.put(unread, "raise RuntimeError('this file is not searched')")
    metrics = team.manifest()["metrics"]
    assert metrics["Deep"]["module"] == "ds_dashboard_user.team.deep.a"
    assert metrics["Deep"]["unit"] == "Bytes"
    assert [name for name, entry in metrics.items() if entry["module"].startswith("ds_dashboard_user")] == ["Deep"]
    assert not list(team.path.rglob("__pycache__")), "a user's folder is left as it was"


def test_the_same_metrics_give_the_same_text(team: Any, tmp_path: Path, run: Run) -> None:
    """A difference in git is a difference in metrics: neither order nor time of day shows."""
    team.metric("B")
    team.metric("A", "    _iam_permissions = [{'Action': list({'s3:GetObject', 's3:ListBucket'}), 'Resource': '*'}]\n")
    other = type(team)(tmp_path / "other")
    other.metric("C")
    one = run("manifest", "--metrics", team.path, "--metrics", other.path, "-o", "-")
    two = run("manifest", "--metrics", other.path, "--metrics", team.path, "-o", "-")
    assert one.exit_code == 0
    assert one.stdout == two.stdout
    assert one.stdout.endswith("}\n")
