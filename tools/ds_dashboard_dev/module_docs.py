"""`make docs`: the tables in the READMEs of modules and examples, and of the local cloud's gaps in its page.

    python -m ds_dashboard_dev.module_docs             write the tables
    python -m ds_dashboard_dev.module_docs --check     write nothing; exit with 1 if a table is out of date

The sources are Terraform, and the docstrings of gaps. A page marks the place of a table with a pair of comments,
`<!-- begin inputs -->` and `<!-- end inputs -->`. The tables are `inputs`, `outputs`, `resources CASE`: the resources
in that case of tests/terraform/inventories, with the costs of those that cost money while idle; and `gaps`, in
docs/local-cloud.md.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import hcl2

from ds_dashboard_dev import costs, gaps
from ds_dashboard_dev.checkout import CHECKOUT, Failure, report_stale, say

_COMMAND = "make docs"
INVENTORIES = Path("tests", "terraform", "inventories")
_BLOCK = re.compile(r"<!-- begin ([^>]+?) -->\n.*?<!-- end \1 -->", re.DOTALL)
# US dollars per month for each. All other resources cost money only when used, or nothing.
_IDLE_PRICES = {"aws_cloudwatch_metric_alarm": costs.ALARM}


# The default of a variable without one.
REQUIRED = object()


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a module.

    Attributes:
        type: As written.
        default: As in JSON; `REQUIRED` if the variable has none.
    """

    name: str
    description: str
    type: str
    default: Any


@dataclass(frozen=True, slots=True)
class Output:
    """An output of a module."""

    name: str
    description: str


def variables(folder: Path) -> list[Variable]:
    """Return the variables of the module in `folder`: the required ones first, then by name."""
    found = [
        Variable(
            name,
            _text(body["description"]),
            _expression(body["type"]),
            _value(body["default"]) if "default" in body else REQUIRED,
        )
        for name, body in _blocks(folder, "variable")
    ]
    return sorted(found, key=lambda variable: (variable.default is not REQUIRED, variable.name))


def outputs(folder: Path) -> list[Output]:
    """Return the outputs of the module in `folder`, by name."""
    found = [Output(name, _text(body["description"])) for name, body in _blocks(folder, "output")]
    return sorted(found, key=lambda output: output.name)


def _blocks(folder: Path, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted(folder.glob("*.tf")):
        text = file.read_text(encoding="utf-8")
        # Parsing is slow, and most files have no such block.
        if f'\n{kind} "' not in f"\n{text}":
            continue
        for block in hcl2.loads(text).get(kind, []):
            for name, body in block.items():
                yield _text(name), body


def _text(literal: str) -> str:
    """Return the value of a quoted HCL string. Only templates are escaped differently than in JSON."""
    text: str = json.loads(literal)
    return text.replace("$${", "${").replace("%%{", "%{")


def _expression(value: str) -> str:
    return value[2:-1] if value.startswith("${") else value


def _value(default: Any) -> Any:
    """Return the default as JSON would have it. The parser keeps the quotes of strings."""
    if isinstance(default, str):
        return _text(default) if default.startswith('"') else default
    if isinstance(default, list):
        return [_value(one) for one in default]
    if isinstance(default, dict):
        return {_text(key) if key.startswith('"') else key: _value(value) for key, value in default.items()}
    return default


def readmes(checkout: Path = CHECKOUT) -> list[Path]:
    """Return every README below modules and examples."""
    found = [path for top in ("modules", "examples") for path in (checkout / top).rglob("README.md")]
    return sorted(path for path in found if ".terraform" not in path.parts)


def documents(checkout: Path = CHECKOUT) -> list[Path]:
    """Return every page with generated tables."""
    return [*readmes(checkout), checkout / "docs" / "local-cloud.md"]


def render(readme: Path, checkout: Path = CHECKOUT) -> str:
    """Return the README's text with up-to-date tables.

    Raises:
        Failure: A begin without an end, an unknown table, or an inventory that does not exist.
    """
    text = readme.read_text(encoding="utf-8")
    place = readme.relative_to(checkout)
    for word in ("begin", "end"):
        if len(re.findall(rf"<!-- {word} ", text)) != len(_BLOCK.findall(text)):
            raise Failure(
                f"{place}: begin and end of tables are not in pairs.", fix="Write the same name in both comments."
            )
    return _BLOCK.sub(lambda match: _block(match[1], readme, checkout), text)


def _block(name: str, readme: Path, checkout: Path) -> str:
    kind, _, case = name.partition(" ")
    if kind == "inputs":
        table = _inputs(readme.parent)
    elif kind == "outputs":
        table = _outputs(readme.parent)
    elif kind == "gaps":
        table = _gaps()
    elif kind == "resources" and case:
        table = _resources(checkout / INVENTORIES / f"{case}.inventory.json")
    else:
        place = readme.relative_to(checkout)
        raise Failure(
            f"{place}: no such table: `{name}`.", fix="The tables are inputs, outputs, resources CASE, and gaps."
        )
    return "\n".join([f"<!-- begin {name} -->", f"<!-- Written by `{_COMMAND}`. -->", *table, f"<!-- end {name} -->"])


def _inputs(folder: Path) -> list[str]:
    rows = [
        (f"`{one.name}`", _cell(one.description), f"`{one.type}`", _default(one.default)) for one in variables(folder)
    ]
    return _table(("name", "description", "type", "default"), rows)


def _outputs(folder: Path) -> list[str]:
    return _table(("name", "description"), [(f"`{one.name}`", _cell(one.description)) for one in outputs(folder)])


def _resources(inventory: Path) -> list[str]:
    if not inventory.is_file():
        raise Failure(f"No such inventory: {inventory.name}.", fix=f"The cases are in {INVENTORIES}.")
    addresses = json.loads(inventory.read_text(encoding="utf-8"))["resources"]
    # terraform_data only checks inputs, and creates nothing.
    kinds = Counter(_kind(address) for address in addresses if _kind(address) != "terraform_data")
    rows = [(f"`{kind}`", str(number), _idle_price(kind, number)) for kind, number in sorted(kinds.items())]
    total = sum(_IDLE_PRICES.get(kind, 0) * number for kind, number in kinds.items())
    rows.append(("total", str(kinds.total()), f"{total:.2f} USD"))
    return _table(("resource", "number", "per month, while idle"), rows)


def _gaps() -> list[str]:
    lines: list[str] = []
    for service, found in groupby(gaps.declared_gaps(), key=lambda gap: gap.service):
        rows = [(f"`{gap.name}`", _cell(gap.aws), _cell(gap.engine)) for gap in found]
        lines += ["", f"**{service}**", "", *_table(("gap", "AWS, and here", "the engine by itself"), rows)]
    return [*lines, ""]


def _kind(address: str) -> str:
    """Return the type in an address: `aws_sqs_queue` in `module.a[0].aws_sqs_queue.dead_letters["a.b"]`."""
    return re.sub(r'\["[^"]*"\]', "", address).split(".")[-2]


def _idle_price(kind: str, number: int) -> str:
    return f"{_IDLE_PRICES[kind] * number:.2f} USD" if kind in _IDLE_PRICES else ""


def _default(value: object) -> str:
    return "required" if value is REQUIRED else f"`{json.dumps(value)}`"


def _cell(text: str) -> str:
    """Escape text for a cell: HTML and emphasis outside of code, and bars, which end the cell, everywhere."""
    pieces = text.split("`")
    pieces[::2] = [re.sub(r"([<*\[\]])", r"\\\1", piece) for piece in pieces[::2]]
    return "`".join(pieces).replace("|", r"\|")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check all tables, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m ds_dashboard_dev.module_docs",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a table is out of date")
    check = parser.parse_args(arguments).check
    try:
        texts = {page: render(page) for page in documents()}
    except Failure as failure:
        say(str(failure))
        return 1
    return report_stale(texts, _COMMAND, check=check)


if __name__ == "__main__":
    sys.exit(main())
