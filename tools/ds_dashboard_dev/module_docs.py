"""The tables in the READMEs of modules and examples, written from what their Terraform sources declare.

    python -m ds_dashboard_dev.module_docs             write them
    python -m ds_dashboard_dev.module_docs --check     write nothing, exit 1 where one is out of date

A README says where with a pair of comments, `<!-- begin inputs -->` and `<!-- end inputs -->`: `inputs`, `outputs`, or
`resources CASE`, what the plan of that case of tests/terraform/inventories makes and what of it costs while idle.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ds_dashboard_dev import costs
from ds_dashboard_dev import module_docs_source as source
from ds_dashboard_dev.failure import Failure
from ds_dashboard_dev.terraform import CHECKOUT, say

MEND = "make docs"
INVENTORIES = Path("tests", "terraform", "inventories")
_BLOCK = re.compile(r"<!-- begin ([^>]+?) -->\n.*?<!-- end \1 -->", re.DOTALL)
# US dollars a month and piece. Whatever is not named costs by use alone, or nothing.
STANDING_PRICES = {"aws_cloudwatch_metric_alarm": costs.ALARM}


def readmes(checkout: Path = CHECKOUT) -> list[Path]:
    """Every README below modules and examples."""
    found = [path for top in ("modules", "examples") for path in (checkout / top).rglob("README.md")]
    return sorted(path for path in found if ".terraform" not in path.parts)


def render(readme: Path, checkout: Path = CHECKOUT) -> str:
    """The README's text with its tables as they should be.

    Raises:
        Failure: a begin without its end, or a table that nobody knows.
    """
    text = readme.read_text(encoding="utf-8")
    place = readme.relative_to(checkout)
    for word in ("begin", "end"):
        if len(re.findall(rf"<!-- {word} ", text)) != len(_BLOCK.findall(text)):
            raise Failure(f"{place}: begin and end of tables are not in pairs.", cure="Name a table alike in both.")
    return _BLOCK.sub(lambda match: _block(match[1], readme, checkout), text)


def _block(name: str, readme: Path, checkout: Path) -> str:
    kind, _, case = name.partition(" ")
    if kind == "inputs":
        table = _inputs(readme.parent)
    elif kind == "outputs":
        table = _outputs(readme.parent)
    elif kind == "resources" and case:
        table = _resources(checkout / INVENTORIES / f"{case}.inventory.json")
    else:
        place = readme.relative_to(checkout)
        raise Failure(f"{place} asks for a table `{name}`.", cure="There are inputs, outputs, and resources CASE.")
    return "\n".join([f"<!-- begin {name} -->", f"<!-- Written by `{MEND}`. -->", *table, f"<!-- end {name} -->"])


def _inputs(folder: Path) -> list[str]:
    rows = [
        (f"`{one.name}`", _cell(one.description), f"`{one.type}`", _default(one.default))
        for one in source.variables(folder)
    ]
    return _table(("name", "what it is", "type", "default"), rows)


def _outputs(folder: Path) -> list[str]:
    return _table(("name", "what it is"), [(f"`{one.name}`", _cell(one.description)) for one in source.outputs(folder)])


def _resources(inventory: Path) -> list[str]:
    if not inventory.is_file():
        raise Failure(f"There is no inventory {inventory.name}.", cure=f"See the cases in {INVENTORIES}.")
    addresses = json.loads(inventory.read_text(encoding="utf-8"))["resources"]
    # terraform_data only checks, and makes nothing.
    kinds = Counter(_kind(address) for address in addresses if _kind(address) != "terraform_data")
    rows = [(f"`{kind}`", str(number), _standing(kind, number)) for kind, number in sorted(kinds.items())]
    total = sum(STANDING_PRICES.get(kind, 0) * number for kind, number in kinds.items())
    rows.append(("together", str(kinds.total()), f"{total:.2f} USD"))
    return _table(("resource", "number", "a month, while idle"), rows)


def _kind(address: str) -> str:
    """`aws_sqs_queue` of `module.side[0].aws_sqs_queue.dead_letters["a.b"]`."""
    return re.sub(r'\["[^"]*"\]', "", address).split(".")[-2]


def _standing(kind: str, number: int) -> str:
    return f"{STANDING_PRICES[kind] * number:.2f} USD" if kind in STANDING_PRICES else ""


def _default(value: object) -> str:
    return "required" if value is source.REQUIRED else f"`{json.dumps(value)}`"


def _cell(text: str) -> str:
    """Text for a cell: outside of code, nothing may be read as HTML or emphasis; nowhere as the cell's end."""
    pieces = text.split("`")
    pieces[::2] = [re.sub(r"([<*\[\]])", r"\\\1", piece) for piece in pieces[::2]]
    return "`".join(pieces).replace("|", r"\|")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check all tables; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m ds_dashboard_dev.module_docs",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a table is out of date")
    check = parser.parse_args(arguments).check
    try:
        wanted = {readme: render(readme) for readme in readmes()}
    except Failure as failure:
        say(str(failure))
        return 1
    stale = [readme for readme, text in wanted.items() if readme.read_text(encoding="utf-8") != text]
    for readme in stale:
        if check:
            say(f"{readme.relative_to(CHECKOUT)}: its tables are out of date. Run `{MEND}`.")
        else:
            readme.write_text(wanted[readme], encoding="utf-8")
            say(f"{readme.relative_to(CHECKOUT)}: written")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
