"""The sources of the modules: descriptions of variables and outputs, patterns, and versions."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from ds_dashboard_dev import terraform
from ds_dashboard_dev.checkout import CHECKOUT

MODULES = CHECKOUT / "modules"
FILES = sorted(file for file in MODULES.rglob("*.tf") if ".terraform" not in file.parts)
FOLDERS = sorted({file.parent for file in FILES})


def _blocks(kind: str) -> dict[str, str]:
    """Return `hub/variables.tf: name` -> the text of the block."""
    pattern = re.compile(rf'^{kind} "(\w+)" \{{\n(.*?)^\}}', re.MULTILINE | re.DOTALL)
    return {
        f"{file.relative_to(MODULES)}: {match[1]}": match[2]
        for file in FILES
        for match in pattern.finditer(file.read_text())
    }


VARIABLES, OUTPUTS = _blocks("variable"), _blocks("output")


def test_everything_a_user_sets_or_reads_has_a_sentence() -> None:
    """An editor shows nothing else."""
    assert len(VARIABLES) > 50
    assert len(OUTPUTS) > 20
    sentence = re.compile(r'^  description = "[A-Z].+\."$', re.MULTILINE)
    assert [where for where, text in {**VARIABLES, **OUTPUTS}.items() if not sentence.search(text)] == []


def test_every_variable_has_an_exact_type() -> None:
    """With `any`, an error is reported far from its cause."""
    typed = {
        where: re.search(r"^  type +=(.*?)(^  default|^  \w+ +=|\Z)", t, re.M | re.S) for where, t in VARIABLES.items()
    }
    assert [where for where, match in typed.items() if match is None or re.search(r"\bany\b", match[1])] == []


def test_a_default_stands_for_null_too() -> None:
    """A caller that passes null means the default, and the module needs no code for null."""
    given = {where: text for where, text in VARIABLES.items() if re.search(r"^  default +=(?! +null$)", text, re.M)}
    assert [where for where, text in given.items() if not re.search(r"^  nullable += false$", text, re.M)] == []


def test_a_pattern_is_written_once_in_each_module() -> None:
    """A regular expression that is written twice is changed once."""
    for module in ("hub", "spoke", "connection"):
        texts = {file.name: file.read_text() for file in (MODULES / module).glob("*.tf")}
        patterns = _patterns(module)
        elsewhere = "".join(text for name, text in texts.items() if name != "patterns.tf")
        used = set(re.findall(r'local\.patterns(?:\.|, ")(\w+)', elsewhere))
        assert [name for name in patterns if name not in used] == [], "used nowhere"
        assert re.findall(r'regex\("', elsewhere) == [], "write it in patterns.tf"


def test_a_pattern_is_the_same_in_all_modules() -> None:
    """What one module accepts, the others accept."""
    found = [(name, text) for module in ("hub", "spoke", "connection") for name, text in _patterns(module).items()]
    assert len(set(found)) == len({name for name, _ in found})


def _patterns(module: str) -> dict[str, str]:
    text = (MODULES / module / "patterns.tf").read_text()
    return dict(re.findall(r'^    (\w+) += (".*")$', text, re.MULTILINE))


def test_what_uses_a_role_waits_for_its_policy() -> None:
    """Otherwise, a service is allowed to start before it is allowed to do anything, and during destroy for longer."""
    resource = re.compile(r'^resource "(\w+)" "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
    users = {
        (file.parent.name, *match.groups()): match[3]
        for file in FILES
        for match in resource.finditer(file.read_text())
        if re.search(r"^ +role(_arn)? += aws_iam_role\..*\.arn$", match[3], re.MULTILINE)
    }
    assert len(users) == 6, "the functions of hub and spoke, three schedules of the hub, one of the spoke"
    assert [name for name, text in users.items() if not re.search(r"depends_on = \[aws_iam_role_policy\.", text)] == []


def test_all_queues_take_messages_of_the_same_size() -> None:
    """An event that one queue takes must fit into the queues after it: dead letters, and rejected events."""
    resource = re.compile(r'^resource "aws_sqs_queue" "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
    queues = {
        f"{file.relative_to(MODULES)}: {match[1]}": re.findall(r"^  max_message_size += (.*)$", match[2], re.MULTILINE)
        for file in FILES
        for match in resource.finditer(file.read_text())
    }
    nested = "connection/modules/forwarding/forwarding.tf: dead_letters"
    assert queues.pop(nested) == ["var.queue_max_message_size"]
    assert len(queues) == 3
    assert all(size == ["local.queue_max_message_size"] for size in queues.values()), queues
    calls = "".join((MODULES / "connection" / f"{peers}.tf").read_text() for peers in ("hub", "spoke"))
    assert len(re.findall(r"^  queue_max_message_size += local\.queue_max_message_size$", calls, re.MULTILINE)) == 2


def test_a_file_fits_in_one_reading() -> None:
    """A file is named after its content and short enough to read as a whole."""
    assert [file.name for file in FILES if len(file.read_text().splitlines()) > 200 or file.name == "main.tf"] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(MODULES)))
def test_the_modules_require_one_provider_in_a_range_of_versions(folder: Path) -> None:
    """Modules that pin exact versions cannot be combined. Both ends of the range are documented."""
    text = (folder / "versions.tf").read_text()
    assert re.search(r'^  required_version = ">= 1\.9"$', text, re.M)
    assert re.search(r'^      version = ">= 5\.100, < 7"$', text, re.M)
    assert re.findall(r"source += (.*)", text) == ['"hashicorp/aws"']


def test_the_modules_are_in_terraforms_standard_form() -> None:
    """A diff then shows changes of meaning only."""
    command = [str(terraform.find_terraform()), "fmt", "-check", "-recursive", "-diff", str(MODULES)]
    done = subprocess.run(command, env=terraform.environment({}), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"Run `make format`:\n{done.stdout}"
