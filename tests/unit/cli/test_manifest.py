"""`ds-dashboard manifest`: what it contains, computed permissions, and files that it rejects."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
IMPORTS = "import boto3\nfrom ds_dashboard.metrics import Metric\n"
COMPUTES = "    def _compute_value(self):\n        return 1\n"


def test_a_class_of_the_sample_has_the_normal_form_of_the_manifest(team: Any) -> None:
    """Loose permissions become lists. Permissions that every spoke has are not repeated for each metric."""
    statement = {"Action": "sagemaker:ListModels", "Effect": "Allow", "Resource": "*"}
    permissions = f"    _iam_permissions = Metric._iam_permissions + [{statement!r}]\n"
    team.metric("Models", permissions, before="client = boto3.client('sagemaker')\n")
    manifest = team.manifest()
    assert manifest["metrics"]["Models"] == {
        "description": "Models",
        "notes": [],
        "unit": "None",
        "module": "ds_dashboard_user.team.models",
        "family": "models",
        "scope": "region",
        "historical": False,
        "permissions": [{"Action": ["sagemaker:ListModels"], "Resource": ["*"]}],
        "arguments": {},
        "dimensions": [],
        "source": "sagemaker:ListModels",
        "cost": {"calls": "", "usd": 0},
        "may_read": [],
        "readings": [],
    }
    assert list(manifest) == ["manifest_version", "base_permissions", "metrics", "readings"]
    assert [one["Action"] for one in manifest["base_permissions"]] == [["events:PutEvents"]]
    assert list(manifest["metrics"]) == sorted(manifest["metrics"])
    assert "NumberEndPointsInService" in manifest["metrics"]


def test_scope_history_and_limits_are_in_manifest_and_catalogue(team: Any, tmp_path: Path, run: Run) -> None:
    """Terraform checks arguments with them, and people choose metrics by them."""
    hours = {"type": "integer", "default": 24, "description": "How many.", "minimum": 1, "maximum": 48}
    team.metric("A", f"    scope = 'account'\n    historical = True\n    arguments = {{'hours': {hours!r}}}\n")
    entry = team.manifest()["metrics"]["A"]
    assert (entry["scope"], entry["historical"]) == ("account", True)
    assert entry["arguments"]["hours"] == {"required": False, **hours}
    run("manifest", "--metrics", team.path, "-o", tmp_path / "m.json", "--markdown", tmp_path / "m.md")
    section = (tmp_path / "m.md").read_text().partition("\n### A\n")[2].partition("\n## ")[0]
    assert "- Scope: the account." in section
    assert "- Past instants: yes" in section
    assert "- Argument `hours` (integer, default `24`, at least 1 and at most 48): How many." in section


def test_put_events_on_another_bus_is_kept(team: Any) -> None:
    """Only a permission that equals the base permission is removed. The author needs the other bus."""
    bus = "arn:aws:events:**REGION**:**ACCOUNT_ID**:event-bus/default"
    statement = {"Action": ["events:PutEvents"], "Resource": bus}
    team.metric("A", f"    _iam_permissions = Metric._iam_permissions + [{statement!r}]\n")
    assert team.manifest()["metrics"]["A"]["permissions"] == [{"Action": ["events:PutEvents"], "Resource": [bus]}]


def test_the_manifest_does_not_depend_on_the_environment(
    team: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build machine may have a missing profile, a broken configuration file and no region."""
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


def test_a_metrics_file_sees_no_secret_of_the_environment(team: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its import runs the author's code, and a build machine has tokens under any name."""
    secrets = {
        *("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN", "GITHUB_TOKEN"),
        *(
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
            "TF_TOKEN_app_terraform_io",
            "PIP_INDEX_URL",
            "HTTPS_PROXY",
            "PYTHON_GITLAB_TOKEN",
        ),
    }
    for name in secrets:
        monkeypatch.setenv(name, f"secret-{name}")
    monkeypatch.setenv("LC_TIME", "C")
    team.metric("A", before="import json, os\nopen(__file__ + '.seen', 'w').write(json.dumps(dict(os.environ)))\n")
    team.manifest()
    seen = json.loads((team.path / "a.py.seen").read_text())
    assert "secret-" not in json.dumps(seen)
    assert not secrets - {"AWS_SECRET_ACCESS_KEY"} & set(seen)
    assert {"PATH", "HOME", "LC_TIME"} <= set(seen)


def test_folders_work_like_python_packages(team: Any) -> None:
    """Relative imports, subfolders and data files work; helpers and tests are skipped; `queue.py` breaks nothing."""
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
    for skipped in (
        *("test_a.py", "conftest.py", "tests/helper.py", "_scratch.py", ".hidden/a.py", ".a.py", "env/lib/a.py"),
        *("node_modules/a.py", "a.py~"),
    ):
        team.put(skipped, "raise RuntimeError('this file is not searched')")
    metrics = team.manifest()["metrics"]
    assert metrics["Deep"]["module"] == "ds_dashboard_user.team.deep.a"
    assert metrics["Deep"]["family"] == "a"
    assert metrics["Deep"]["unit"] == "Bytes"
    assert [name for name, entry in metrics.items() if entry["module"].startswith("ds_dashboard_user")] == ["Deep"]
    assert not list(team.path.rglob("__pycache__")), "the user's folder is unchanged"


def test_the_same_metrics_give_the_same_text(team: Any, tmp_path: Path, run: Run) -> None:
    """A difference in git is a difference in metrics: the text depends on neither the order nor the time."""
    team.metric("B")
    team.metric("A", "    _iam_permissions = [{'Action': list({'s3:GetObject', 's3:ListBucket'}), 'Resource': '*'}]\n")
    other = type(team)(tmp_path / "other")
    other.metric("C")
    one = run("manifest", "--metrics", team.path, "--metrics", other.path, "-o", "-")
    two = run("manifest", "--metrics", other.path, "--metrics", team.path, "-o", "-")
    assert one.exit_code == 0
    assert one.stdout == two.stdout
    assert one.stdout.endswith("}\n")


def override(body: str) -> dict[str, str]:
    """Return the arguments of `team.metric` for a metric whose get_iam_permissions has this body."""
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    return {
        "name": "A",
        "body": f"    def get_iam_permissions(self, region, account_id):\n{lines}",
        "before": "import os\n",
    }


def test_an_override_gets_placeholders_for_region_and_account(team: Any) -> None:
    """Terraform cannot call Python, so the manifest must contain the result of the override."""
    team.metric(
        **override(
            "name = f'arn:aws:ssm:{region}:{account_id}:parameter/{self.project_name}'\n"
            "own = {'Action': 'ssm:GetParameter', 'Resource': name}\n"
            "return super().get_iam_permissions(region, account_id) + [own]"
        )
    )
    assert team.manifest()["metrics"]["A"]["permissions"] == [
        {
            "Action": ["ssm:GetParameter"],
            "Resource": ["arn:aws:ssm:**REGION**:**ACCOUNT_ID**:parameter/**PROJECT_NAME**"],
        }
    ]


def test_an_override_may_distinguish_partitions(team: Any) -> None:
    """The usual way to support all partitions gives a placeholder."""
    team.metric(
        **override(
            "partition = {'cn': 'aws-cn', 'us-gov': 'aws-us-gov'}.get(region.rsplit('-', 2)[0], 'aws')\n"
            "return [{'Action': 's3:ListBucket', 'Resource': 'arn:' + partition + ':s3:::b-' + account_id}]"
        )
    )
    assert team.manifest()["metrics"]["A"]["permissions"][0]["Resource"] == ["arn:**PARTITION**:s3:::b-**ACCOUNT_ID**"]


@pytest.mark.parametrize(
    "resource",
    [
        "'arn:aws:s3:::' + region[:2] + '*'",
        "'*' if region == 'us-east-1' else 'arn:aws:s3:::b'",
        "f'arn:aws:s3:::{os.urandom(4).hex()}'",
    ],
    ids=["a part of the region", "one region is special", "random"],
)
def test_an_override_without_a_template_is_rejected(team: Any, resource: str) -> None:
    """A guess would give a spoke in another region too many or too few permissions."""
    team.metric(**override(f"return [{{'Action': 's3:ListBucket', 'Resource': {resource}}}]"))
    error = team.error()
    assert "team/a.py:4: A: get_iam_permissions returns other statements" in error
    assert "**REGION**" in error


def test_a_region_from_the_environment_is_rejected(team: Any) -> None:
    """It would be the made-up region of the import, and the spoke's policy would allow nothing."""
    bucket = "'arn:aws:s3:::' + os.environ['AWS_REGION']"
    team.metric(**override(f"return [{{'Action': 's3:ListBucket', 'Resource': {bucket}}}]"))
    assert "the region was read from the environment" in team.error()


def test_an_error_in_an_override_is_reported_with_its_line(team: Any) -> None:
    """A dictionary of the company's accounts does not contain the made-up account."""
    team.metric(**override("return {'123456789012': []}[account_id]"))
    assert "team/a.py:6: KeyError: '718281828459' (during A.get_iam_permissions)" in team.error()


def test_the_result_of_an_override_is_checked_like_a_declaration(team: Any) -> None:
    """Otherwise an override would bypass every check."""
    team.metric(**override("return [{'Action': '*', 'Resource': '*'}]"))
    assert "A: '*' is not an action" in team.error()


INVALID_FILES = {
    "a call during the import": (
        "boto3.client('sts').get_caller_identity()\n",
        "a.py:3: calls sts GetCallerIdentity during the import. Move it into _compute_value",
    ),
    "a call through a helper": (
        "def account():\n    return boto3.client('sts').get_caller_identity()\nACCOUNT = account()\n",
        "a.py:4: calls sts GetCallerIdentity",
    ),
    "another connection": (
        "import urllib.request\nurllib.request.urlopen('http://192.0.2.1/')\n",
        "a.py:4: looks up the address of 192.0.2.1",
    ),
    "a bare socket": (
        "import socket\nsocket.socket().connect(('192.0.2.1', 80))\n",
        "a.py:4: connects to 192.0.2.1",
    ),
    "a profile": ("boto3.Session(profile_name='mine')\n", "a.py:3: ProfileNotFound"),
    "an environment variable of the function": (
        "import os\nos.environ['ONLY_IN_THE_LAMBDA']\n",
        "a.py:4: KeyError: 'ONLY_IN_THE_LAMBDA' (during the import). This code must run without",
    ),
    "a syntax error": ("class A(Metric)\n", "a.py:3: is not valid Python"),
    "a missing module": ("import no_such_thing\n", "a.py:3: module no_such_thing not found. Install it here as well"),
    "an absolute import of a neighbour": (
        "import neighbour\n",
        "a.py:3: module neighbour not found. It is in the folder of the metrics: import it with `from . import neigh",
    ),
    "an absolute import through the folder": (
        "from team.neighbour import X\n",
        "a.py:3: module team not found. team is the folder of the metrics, which has another name in the package: "
        "write `from .neighbour import ...`",
    ),
    "the import of the sample": (
        "from metric import Metric\n",
        "a.py:3: module metric not found. Write `from ds_dashboard",
    ),
    "a Metric of its own": (
        f"class Metric:\n{COMPUTES}class A(Metric):\n    pass\n",
        "a.py:3: the file defines its own `Metric` class",
    ),
    "a class that derives from another Metric": (
        f"class A:\n    _iam_permissions = []\n{COMPUTES}",
        "a.py:3: A looks like a metric and does not derive from `Metric`",
    ),
    "an invalid declaration": (
        f"class A(Metric):\n    _iam_permission = []\n{COMPUTES}",
        "a.py:3: A: nothing reads the attribute `_iam_permission`. Write `_iam_permissions`.",
    ),
    "a name of the library": (
        f"class NumberEndPointsInService(Metric):\n{COMPUTES}",
        "a.py:3: NumberEndPointsInService: the name is taken by ds_dashboard.metrics.inference",
    ),
    "a name twice in one file": (
        f"class A(Metric):\n{COMPUTES}class A(Metric):\n{COMPUTES}",
        "a.py:6: A: the name is taken by the class in line 3. The class name is the metric's name",
    ),
    "a class in a function": (
        "def make():\n    class A(Metric):\n        def _compute_value(self): return 1\n    return A\nB = make()\n",
        "a.py:4: A is not at the top level of its file",
    ),
    "a default that JSON cannot hold": (
        f"class A(Metric):\n    arguments = {{'n': {{'type': 'json', 'default': {{1}}}}}}\n{COMPUTES}",
        "a.py:3: A: a default or a Condition cannot be written as JSON",
    ),
    "the end of the process": ("raise SystemExit(3)\n", "a.py:3: SystemExit: 3"),
}


@pytest.mark.parametrize(("text", "message"), INVALID_FILES.values(), ids=INVALID_FILES.keys())
def test_an_invalid_file_is_reported_with_line_and_fix(team: Any, text: str, message: str) -> None:
    """The author sees a line of the file and what to do, never a stack trace."""
    team.put("a.py", IMPORTS + text)
    team.put("neighbour.py", "")
    assert f"team/{message}" in team.error()


def test_all_problems_are_reported_at_once(team: Any) -> None:
    """Authors who move ten files would otherwise need one run for each problem."""
    team.put("a.py", "import no_such_thing\n")
    team.metric("B", "    units = 1\n")
    error = team.error()
    assert "team/a.py:1" in error
    assert "team/b.py:3" in error


def test_the_end_of_the_importing_process_is_reported(team: Any) -> None:
    """os._exit raises no exception."""
    team.put("a.py", "import os\nos._exit(7)\n")
    assert "ended with exit code 7" in team.error()
