"""`ds-dashboard metrics new`: files that work as they are, and names that it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.plain_pytest import output_of_passing_tests

from ds_dashboard_cli.authoring.templates import file_name

Run = Callable[..., Any]


def test_the_new_test_passes_with_plain_pytest(tmp_path: Path, run: Run) -> None:
    """The first thing that an author runs must be green, without credentials and without a plugin."""
    done = run("metrics", "new", "NumberOfModels", "--dir", tmp_path / "my-metrics")
    assert done.exit_code == 0, done.stderr
    names = ["number_of_models.py", "test_number_of_models.py"]
    assert [Path(line).name for line in done.stdout.splitlines()] == names
    assert "1 passed" in output_of_passing_tests(tmp_path, "my-metrics")


def test_the_new_metric_is_in_the_manifest_and_prints_the_next_commands(tmp_path: Path, run: Run) -> None:
    """The printed commands are quoted, whatever the folder is called."""
    folder = tmp_path / "my metrics"
    done = run("metrics", "new", "NumberOfModels", "--dir", folder)
    assert f"ds-dashboard metrics run NumberOfModels --metrics '{folder}'" in done.stderr
    assert f"python -m pytest '{folder}'" in done.stderr
    listed = run("metrics", "NumberOfModels", "--metrics", folder)
    assert "SageMaker models of this account and region." in listed.stdout


def test_nothing_is_overwritten(tmp_path: Path, run: Run) -> None:
    """Neither file is written if one of them exists."""
    (tmp_path / "test_number_of_models.py").write_text("mine")
    done = run("metrics", "new", "NumberOfModels", "--dir", tmp_path)
    assert done.exit_code == 1
    assert "test_number_of_models.py: exists already." in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["test_number_of_models.py"]
    assert (tmp_path / "test_number_of_models.py").read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("number of models", 2, "has a name that is not one of a Python class."),
        ("Models-2", 2, "has a name that is not one of a Python class."),
        ("None", 2, "has a name that is not one of a Python class."),
        ("A" * 129, 2, "has a name that is not one of a Python class."),
        ("_Base", 2, "does not begin with a capital letter, as classes do.\nWrite Base."),
        ("Queue", 2, "would be in queue.py, which would hide the Python module queue from its test."),
        ("Boto3", 2, "would be in boto3.py"),
        ("NumberEndPointsInService", 1, "exists in ds-dashboard."),
        ("Taken", 1, "taken.py:1."),
    ],
)
def test_a_name_that_cannot_work_is_refused(name: str, code: int, message: str, team: Any, run: Run) -> None:
    """The name is that of a class, of a file, and of the series in the hub."""
    team.put("deep/taken.py", "class Taken:\n    pass\n")
    done = run("metrics", "new", name, "--dir", team.path)
    assert done.exit_code == code
    assert message in done.stderr
    assert [path.name for path in team.path.iterdir()] == ["deep"]


def test_file_names_are_those_of_python() -> None:
    """A name in capitals is one word."""
    assert file_name("NumberOfModels24h") == "number_of_models24h"
    assert file_name("SSMParameterValue") == "ssm_parameter_value"
    assert file_name("EC2Instances") == "ec2_instances"
