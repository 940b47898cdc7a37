"""The generated tables in the READMEs of modules and examples."""

from __future__ import annotations

import json
import re
from pathlib import Path

import hcl2
import pytest

from ds_dashboard_dev import module_docs
from ds_dashboard_dev.checkout import CHECKOUT, Failure

# Every folder that a user applies or names as a source.
DOCUMENTED = [
    *(f"modules/{name}" for name in ("hub", "spoke", "connection")),
    *(f"examples/{folder.name}" for folder in (CHECKOUT / "examples").iterdir() if list(folder.glob("*.tf"))),
]
VARIABLE = """
variable "pattern" {
  description = "Either `a|b` or <name>, as $${x} says."
  type        = map(object({ class = string }))
  default     = { a = { class = "b" } }
}
"""


def _calls() -> list[tuple[str, str, dict[str, object]]]:
    """The calls of modules in the READMEs, as README, module and arguments."""
    found = []
    for readme in module_docs.readmes():
        for snippet in re.findall(r"```hcl\n(.*?)```", readme.read_text(), re.DOTALL):
            for block in hcl2.loads(snippet).get("module", []):
                for call in block.values():
                    source = re.search(r"//modules/(\w+)\?ref=", call["source"])
                    assert source is not None, f"{readme}: {call['source']}"
                    found.append((str(readme.relative_to(CHECKOUT)), source[1], call))
    return found


@pytest.fixture
def readme(tmp_path: Path) -> Path:
    """The README of a module with one variable, in an empty checkout."""
    folder = tmp_path / "modules" / "one"
    folder.mkdir(parents=True)
    (folder / "variables.tf").write_text(VARIABLE)
    return folder / "README.md"


def _rendered(readme: Path, *blocks: str) -> str:
    readme.write_text("".join(f"<!-- begin {name} -->\n<!-- end {name} -->\n" for name in blocks))
    return module_docs.render(readme, readme.parents[2])


def test_the_tables_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    """The failure names the command that writes them."""
    assert module_docs.main(["--check"]) == 0, capsys.readouterr().err


@pytest.mark.parametrize("folder", DOCUMENTED)
def test_every_module_and_example_documents_its_inputs_and_outputs(folder: str) -> None:
    """Without the marks, the check would find nothing."""
    text = (CHECKOUT / folder / "README.md").read_text()
    assert "<!-- begin inputs -->" in text
    assert "<!-- begin outputs -->" in text


def test_the_calls_in_the_readmes_are_complete() -> None:
    """A copied call has every required argument, and none that the module does not have."""
    calls = _calls()
    assert {module for _, module, _ in calls} == {"hub", "spoke", "connection"}
    for place, module, call in calls:
        variables = module_docs.variables(CHECKOUT / "modules" / module)
        required = {one.name for one in variables if one.default is module_docs.REQUIRED}
        given = {name for name in call if not name.startswith("__")} - {"source"}
        assert given - {one.name for one in variables} == set(), place
        assert required - given == set(), place


def test_the_row_of_a_variable_reads_like_its_description(readme: Path) -> None:
    """A bar would end the cell, and angle brackets would disappear as HTML."""
    text = _rendered(readme, "inputs")
    row = next(line for line in text.splitlines() if line.startswith("| `pattern`"))
    assert r"Either `a\|b` or \<name>, as ${x} says." in row
    assert '`map(object({class = string}))` | `{"a": {"class": "b"}}` |' in row


def test_required_variables_come_first(readme: Path) -> None:
    """They are what a reader looks for."""
    (readme.parent / "more.tf").write_text('variable "zone" {\n  description = "Where."\n  type = string\n}\n')
    rows = [line for line in _rendered(readme, "inputs").splitlines() if line.startswith("| `")]
    assert rows[0] == "| `zone` | Where. | `string` | required |"
    assert rows[1].startswith("| `pattern` |")


def test_a_changed_variable_changes_the_table(readme: Path) -> None:
    """Rendering again does not."""
    readme.write_text(_rendered(readme, "inputs"))
    assert module_docs.render(readme, readme.parents[2]) == readme.read_text()
    (readme.parent / "variables.tf").write_text(VARIABLE.replace('"b"', '"c"'))
    assert module_docs.render(readme, readme.parents[2]) != readme.read_text()


def test_resources_are_counted_with_their_costs(readme: Path) -> None:
    """Dots and brackets in keys are not part of a resource's type, and a check is not a resource."""
    checkout = readme.parents[2]
    (checkout / module_docs.INVENTORIES).mkdir(parents=True)
    addresses = [
        'aws_cloudwatch_metric_alarm.this["a.b"]',
        'module.hub_forwarding[0].module.forward["arn:aws:events:x[0].y"].aws_cloudwatch_metric_alarm.this[0]',
        "terraform_data.checks",
    ]
    inventory = checkout / module_docs.INVENTORIES / "case.inventory.json"
    inventory.write_text(json.dumps({"resources": {address: {} for address in addresses}}))
    assert "| `aws_cloudwatch_metric_alarm` | 2 | 0.20 USD |\n| total | 2 | 0.20 USD |" in _rendered(
        readme, "resources case"
    )


@pytest.mark.parametrize("text", ["<!-- begin inputs -->", "<!-- end inputs -->", "<!-- begin a -->\n<!-- end b -->"])
def test_a_mark_without_its_counterpart_is_an_error(text: str, readme: Path) -> None:
    """Its table would silently not be written."""
    readme.write_text(text)
    with pytest.raises(Failure, match=r"modules/one/README\.md: begin and end"):
        module_docs.render(readme, readme.parents[2])


def test_an_unknown_table_is_an_error(readme: Path) -> None:
    """The message lists the known tables."""
    with pytest.raises(Failure, match="no such table: `costs`"):
        _rendered(readme, "costs")
