"""Moving a module's call within a root module and to another one, as docs/day-2.md says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from tests.support import pages

from ds_dashboard_dev import terraform
from ds_dashboard_dev.checkout import CHECKOUT

# Terraform moves any resource in the same way, and this one needs no provider.
MODULE = 'resource "terraform_data" "table" { input = "history" }\n'


def _calls(*names: str) -> str:
    return "".join(f'module "{name}" {{\n  source = "../../modules/spoke"\n}}\n' for name in names)


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """A folder with a module, and a root module that has applied it twice."""
    for folder in ("modules/spoke", "live/all", "live/project1"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "modules/spoke/main.tf").write_text(MODULE)
    (tmp_path / "live/all/main.tf").write_text(_calls("spoke", "other"))
    _run(tmp_path, "terraform -chdir=live/all init", "terraform -chdir=live/all apply -auto-approve")
    return tmp_path


def test_nothing_is_replaced_when_a_call_moves(company: Path) -> None:
    """First it is renamed, then it moves to a root module that has no state yet."""
    text = pages.section((CHECKOUT / "docs/day-2.md").read_text(), "Move resources between root modules")
    moved = re.search(r"^```hcl\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    block = re.search(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert moved is not None
    assert block is not None
    (company / "live/all/main.tf").write_text(_calls("project1", "other") + moved[1])
    plan = "plan -detailed-exitcode"  # 0 only if there is nothing to do
    apply = "terraform -chdir=live/all apply -auto-approve"
    done = _run(company, "terraform -chdir=live/all init", apply, f"terraform -chdir=live/all {plan}")
    assert "module.spoke.terraform_data.table has moved to module.project1.terraform_data.table" in done

    (company / "live/all/main.tf").write_text(_calls("other"))
    (company / "live/project1/main.tf").write_text(_calls("project1"))
    _run(company, block[1], f"terraform -chdir=live/all {plan}", f"terraform -chdir=live/project1 {plan}")


def _run(folder: Path, *commands: str) -> str:
    """Run commands in a shell, until one fails, and return what they print."""
    environment = terraform.environment({"TF_CLI_ARGS": "-no-color"})
    program = terraform.find_terraform()
    script = "\n".join(commands).replace("terraform ", f"{program} ")
    done = subprocess.run(
        ["sh", "-ec", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return done.stdout
