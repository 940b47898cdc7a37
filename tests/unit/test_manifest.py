"""`ds-dashboard manifest`: what it says of metrics, and of files that it cannot read."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ds_dashboard_cli.main import cli, main

Write = Callable[..., Path]

COMPUTES = "    def _compute_value(self):\n        return 1\n"
IMPORTS = "import boto3\nfrom ds_dashboard.metrics import Metric\n"


@pytest.fixture
def folder(tmp_path: Path) -> Write:
    """Writes files into a folder named `team` and returns it."""

    def write(**files: str) -> Path:
        for name, text in files.items():
            path = tmp_path / "team" / name.replace("__dot__", ".").replace("__in__", "/")
            path = path if path.suffix else path.with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path / "team"

    return write


def run(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words], prog_name="ds-dashboard")


def manifest_of(path: Path) -> dict[str, Any]:
    """The manifest with the metrics of a folder, which must be readable."""
    result = run("manifest", "--metrics", path, "-o", "-")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)  # type: ignore[no-any-return]


def refusal_of(path: Path) -> str:
    """What is said of a folder that cannot be read."""
    result = run("manifest", "--metrics", path, "-o", "-")
    assert result.exit_code == 1
    assert result.stdout == "", "stdout is for data"
    assert "Traceback" not in result.stderr
    return result.stderr


class TestWhatItSays:
    def test_a_class_of_the_sample_is_described_in_the_manifest_s_one_form(self, folder: Write) -> None:
        """Loose permissions in, lists out; what every spoke may do anyway is not repeated for each metric."""
        body = (
            '    _iam_permissions = Metric._iam_permissions + [{"Action": "sagemaker:ListModels", "Effect": "Allow", '
            '"Resource": "*"}]\n'
        )
        manifest = manifest_of(
            folder(models=f"{IMPORTS}client = boto3.client('sagemaker')\nclass Models(Metric):\n{body}{COMPUTES}")
        )
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

    def test_a_put_events_of_one_s_own_is_kept(self, folder: Write) -> None:
        """Only what equals the base is dropped: another bus is something that the author asked for."""
        statement = {
            "Action": ["events:PutEvents"],
            "Resource": "arn:aws:events:**REGION**:**ACCOUNT_ID**:event-bus/default",
        }
        permissions = f"    _iam_permissions = Metric._iam_permissions + [{statement!r}]\n"
        manifest = manifest_of(folder(a=f"{IMPORTS}class A(Metric):\n{permissions}{COMPUTES}"))
        assert manifest["metrics"]["A"]["permissions"] == [
            {"Action": ["events:PutEvents"], "Resource": ["arn:aws:events:**REGION**:**ACCOUNT_ID**:event-bus/default"]}
        ]

    def test_the_environment_does_not_matter(self, folder: Write, monkeypatch: pytest.MonkeyPatch) -> None:
        """A profile that does not exist, a broken file and a missing region are what a build machine has."""
        team = folder(a=f"{IMPORTS}client = boto3.client('sagemaker')\nprint('hello')\nclass A(Metric):\n{COMPUTES}")
        plain = manifest_of(team)
        broken = folder(config__dot__ini="[[[") / "config.ini"
        monkeypatch.setenv("AWS_PROFILE", "nobody")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(broken))
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
        assert manifest_of(team) == plain

    def test_folders_work_as_python_packages_do(self, folder: Write) -> None:
        """Relative imports, subfolders, data files; helpers and tests are not searched; `queue.py` breaks nothing."""
        team = folder(
            **{
                "queue": "SIZE = 3\n",
                "_helpers": f"{IMPORTS}class _Base(Metric):\n    unit = 'Seconds'\n{COMPUTES}",
                "deep__in__a": "from .._helpers import _Base\nfrom ..queue import SIZE\nfrom pathlib import Path\n"
                "import boto3\nboto3.client('sqs')\n"
                "UNIT = (Path(__file__).parent / 'unit.txt').read_text()\n"
                "class Deep(_Base):\n    unit = UNIT\n",
                "deep__in__unit.txt": "Bytes",
                "test_a": "raise RuntimeError('a test')",
                "conftest": "raise RuntimeError('a test')",
                "tests__in__helper": "raise RuntimeError('a test')",
                "_scratch": "raise RuntimeError('not searched')",
                ".hidden__in__a": "raise RuntimeError('hidden')",
                "env__in__pyvenv.cfg": "",
                "env__in__lib__in__a": "raise RuntimeError('a virtual environment')",
            }
        )
        metrics = manifest_of(team)["metrics"]
        assert metrics["Deep"]["module"] == "ds_dashboard_user.team.deep.a"
        assert metrics["Deep"]["unit"] == "Bytes"
        assert [name for name, entry in metrics.items() if entry["module"].startswith("ds_dashboard_user")] == ["Deep"]
        assert not list(team.rglob("__pycache__")), "a user's folder is left as it was"

    def test_the_same_metrics_give_the_same_text(self, folder: Write, tmp_path: Path) -> None:
        """A difference in git is a difference in metrics: neither order nor time of day shows."""
        team = folder(b=f"{IMPORTS}class B(Metric):\n{COMPUTES}", a=f"{IMPORTS}class A(Metric):\n{COMPUTES}")
        other = tmp_path / "other"
        other.mkdir()
        permissions = "    _iam_permissions = [{'Action': list({'s3:GetObject', 's3:ListBucket'}), 'Resource': '*'}]\n"
        (other / "c.py").write_text(f"{IMPORTS}class C(Metric):\n{permissions}{COMPUTES}")
        one = run("manifest", "--metrics", team, "--metrics", other, "-o", "-")
        two = run("manifest", "--metrics", other, "--metrics", team, "-o", "-")
        assert one.exit_code == 0
        assert one.stdout == two.stdout
        assert one.stdout.endswith("}\n")


OVERRIDE = (
    IMPORTS + "import os\nclass A(Metric):\n    def get_iam_permissions(self, region, account_id):\n{}" + COMPUTES
)


class TestOverriddenPermissions:
    def permissions(self, path: Path) -> Any:
        return manifest_of(path)["metrics"]["A"]["permissions"]

    def test_region_and_account_become_placeholders(self, folder: Write) -> None:
        """Terraform cannot call Python: what the override would say must stand in the manifest."""
        body = (
            "        own = {'Action': 'ssm:GetParameter', 'Resource': f'arn:aws:ssm:{region}:{account_id}:parameter/'\n"
            "               f'{self.project_name}'}\n"
            "        return super().get_iam_permissions(region, account_id) + [own]\n"
        )
        assert self.permissions(folder(a=OVERRIDE.format(body))) == [
            {
                "Action": ["ssm:GetParameter"],
                "Resource": ["arn:aws:ssm:**REGION**:**ACCOUNT_ID**:parameter/**PROJECT_NAME**"],
            }
        ]

    def test_an_override_may_know_partitions(self, folder: Write) -> None:
        """What a careful author writes is understood, not refused."""
        body = (
            "        partition = {'cn': 'aws-cn', 'us-gov': 'aws-us-gov'}.get(region.rsplit('-', 2)[0], 'aws')\n"
            "        return [{'Action': 's3:ListBucket', 'Resource': 'arn:' + partition + ':s3:::b-' + account_id}]\n"
        )
        assert self.permissions(folder(a=OVERRIDE.format(body)))[0]["Resource"] == [
            "arn:**PARTITION**:s3:::b-**ACCOUNT_ID**"
        ]

    @pytest.mark.parametrize(
        "resource",
        [
            "'arn:aws:s3:::' + region[:2] + '*'",
            "'*' if region == 'us-east-1' else 'arn:aws:s3:::b'",
            "f'arn:aws:s3:::{os.urandom(4).hex()}'",
        ],
        ids=["a part of the region", "one region is special", "by chance"],
    )
    def test_one_that_does_not_follow_its_parameters_is_refused(self, folder: Write, resource: str) -> None:
        """A guess would give a spoke in another region too much or too little."""
        body = f"        return [{{'Action': 's3:ListBucket', 'Resource': {resource}}}]\n"
        told = refusal_of(folder(a=OVERRIDE.format(body)))
        assert "team/a.py:" in told
        assert "A: get_iam_permissions returns other statements" in told
        assert "**REGION**" in told

    def test_a_region_from_the_environment_is_refused(self, folder: Write) -> None:
        """It would be the made-up one, and the spoke's policy would allow nothing."""
        body = "        return [{'Action': 's3:ListBucket', 'Resource': 'arn:aws:s3:::' + os.environ['AWS_REGION']}]\n"
        told = refusal_of(folder(a=OVERRIDE.format(body)))
        assert "the region was read from the environment" in told

    def test_what_it_returns_is_checked_as_declarations_are(self, folder: Write) -> None:
        """Otherwise an override would be the way around every check."""
        told = refusal_of(folder(a=OVERRIDE.format("        return [{'Action': '*', 'Resource': '*'}]\n")))
        assert "A: '*' is not an action" in told


UNREADABLE = {
    "a call while it is imported": (
        "boto3.client('sts').get_caller_identity()\n",
        "a.py:3: sts GetCallerIdentity is called while the file is imported. Move it into _compute_value",
    ),
    "a call through a helper": (
        "def account():\n    return boto3.client('sts').get_caller_identity()\nACCOUNT = account()\n",
        "a.py:4: sts GetCallerIdentity is called",
    ),
    "another connection": (
        "import urllib.request\nurllib.request.urlopen('http://192.0.2.1/')\n",
        "a.py:4: the address of 192.0.2.1 is looked up",
    ),
    "a profile": ("boto3.Session(profile_name='mine')\n", "a.py:3: ProfileNotFound"),
    "a variable of the Lambda's": (
        "import os\nos.environ['DS_DASHBOARD_PROJECT_NAME_X']\n",
        "a.py:4: KeyError: 'DS_DASHBOARD_PROJECT_NAME_X' (while the file is imported). It must work without",
    ),
    "a syntax error": ("class A(Metric)\n", "a.py:3: is not valid Python"),
    "a missing module": ("import no_such_thing\n", "a.py:3: there is no module no_such_thing. Install it here too"),
    "a neighbour without a dot": ("import neighbour\n", "a.py:3: there is no module neighbour. It is beside this file"),
    "the sample's import": (
        "from metric import Metric\n",
        "a.py:3: there is no module metric. Write `from ds_dashboard",
    ),
    "a Metric of its own": (
        f"class Metric:\n{COMPUTES}class A(Metric):\n    pass\n",
        "a.py:3: the file brings its own `Metric` class",
    ),
    "somebody else's Metric": (
        f"from types import SimpleNamespace\nclass A:\n    _iam_permissions = []\n{COMPUTES}",
        "a.py:6: A looks like a metric and does not derive from ds_dashboard's `Metric`",
    ),
    "a wrong declaration": (
        f"class A(Metric):\n    _iam_permission = []\n{COMPUTES}",
        "a.py:3: A: nothing reads the attribute `_iam_permission`. Write `_iam_permissions`.",
    ),
    "a name of ours": (
        f"class NumberEndPointsInService(Metric):\n{COMPUTES}",
        "a.py:3: NumberEndPointsInService: the name is taken by ds_dashboard.metrics.endpoints",
    ),
    "a class in a function": (
        "def make():\n    class A(Metric):\n        def _compute_value(self): return 1\n    return A\nB = make()\n",
        "a.py:4: A is not at the top level of its file",
    ),
    "the end of the process": ("raise SystemExit(3)\n", "a.py:3: SystemExit: 3"),
}


@pytest.mark.parametrize(("text", "told"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_file_that_cannot_be_read_is_named_with_line_and_cure(folder: Write, text: str, told: str) -> None:
    """The author sees his own line and what to do, never our stack trace."""
    team = folder(a=IMPORTS + text, neighbour="")
    assert f"team/{told}" in refusal_of(team)


def test_every_problem_is_told_at_once(folder: Write) -> None:
    """One run a fault would be tedious for whoever moves ten files over."""
    told = refusal_of(folder(a="import no_such_thing\n", b=f"{IMPORTS}class B(Metric):\n    units = 1\n{COMPUTES}"))
    assert "team/a.py:1" in told
    assert "team/b.py:3" in told


def test_a_process_that_is_gone_is_told_too(folder: Write) -> None:
    """os._exit asks nobody."""
    assert "ended with exit code 7" in refusal_of(folder(a="import os\nos._exit(7)\n"))


class TestCommandLine:
    @pytest.fixture
    def team(self, folder: Write) -> Path:
        return folder(a=f"{IMPORTS}class A(Metric):\n{COMPUTES}")

    def test_a_stale_file_fails_the_check_with_the_command_that_mends_it(self, team: Path, tmp_path: Path) -> None:
        """The message is all that somebody has who never saw this repository."""
        output, page = tmp_path / "out" / "my metrics.json", tmp_path / "out" / "metrics.md"
        words = ["manifest", "--metrics", team, "-o", output, "--markdown", page]
        missing = run(*words, "--check")
        assert missing.exit_code == 1
        assert not output.exists()
        assert run(*words).exit_code == 0
        assert run(*words, "--check").exit_code == 0
        assert 'class     = "SSMParameterValue"' in page.read_text()
        (team / "b.py").write_text(f"{IMPORTS}class B(Metric):\n{COMPUTES}")
        before = output.read_text()
        stale = run(*words, "--check")
        assert stale.exit_code == 1
        assert f"Run: ds-dashboard manifest --metrics {team} -o '{output}' --markdown {page}" in stale.stderr
        assert output.read_text() == before

    def test_it_does_not_write_foreign_metrics_into_the_repository(self, team: Path) -> None:
        """Without -o the default would be the committed manifest."""
        result = run("manifest", "--metrics", team)
        assert result.exit_code == 2
        assert "-o" in result.stderr

    def test_folders_that_cannot_be_meant_are_named(self, team: Path, tmp_path: Path) -> None:
        """Missing, a file, empty, or two of one name: each with its cure."""
        (tmp_path / "empty").mkdir()
        shutil.copytree(team, tmp_path / "copy" / "team")
        for paths, told in (
            ([tmp_path / "missing"], "missing: does not exist."),
            ([team / "a.py"], "a.py: is a file."),
            ([tmp_path / "empty"], "has no metric (searched: no file)."),
            ([team, tmp_path / "copy" / "team"], "both would be ds_dashboard_user.team."),
        ):
            result = run("manifest", *(word for path in paths for word in ("--metrics", path)), "-o", "-")
            assert result.exit_code == 1
            assert told in result.stderr

    def test_a_file_in_place_of_a_folder_is_named(self, team: Path) -> None:
        """Whatever the system says of the path, the user reads it with the path."""
        result = run("manifest", "--metrics", team, "-o", team / "a.py" / "metrics.json")
        assert result.exit_code == 1
        assert "cannot be written" in result.stderr

    def test_commands_explain_themselves(self) -> None:
        """Examples are read before options."""
        for words in (["--help"], ["manifest", "--help"], ["package", "--help"]):
            result = run(*words)
            assert result.exit_code == 0
            assert "Examples:" in result.stdout
        assert run("--version").stdout == "ds-dashboard 0.1.0\n"

    def test_the_local_cloud_s_extra_is_named_where_it_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is large, so it is not installed with the rest."""
        monkeypatch.setitem(__import__("sys").modules, "ds_dashboard_local.command", None)
        result = run("local", "up")
        assert result.exit_code == 1
        assert "pip install 'ds-dashboard[local]'" in result.stderr
        assert run("--help").exit_code == 0

    def test_a_mistake_of_ours_is_no_stack_trace(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It says that it is ours, and how to see more."""

        def broken(_: object) -> object:
            raise RuntimeError("surprise")

        monkeypatch.setattr("ds_dashboard_cli.manifest_command.folders", broken)
        monkeypatch.setattr("sys.argv", ["ds-dashboard", "manifest", "-o", "-"])
        monkeypatch.delenv("DS_DASHBOARD_DEBUG", raising=False)
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        assert ended.value.code == 1
        assert told.out == ""
        assert told.err.startswith("Error: RuntimeError: surprise\nThis is a mistake in ds-dashboard.")
