"""Write the validators of the event schemas as Python, so that no cold start has to make them.

For each `lambda_src/ds_dashboard/schemas/NAME.json` the module `NAME.py` beside it, by fastjsonschema.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
from pathlib import Path

import fastjsonschema

from ds_dashboard_dev.terraform import CHECKOUT, say

SCHEMAS = CHECKOUT / "lambda_src" / "ds_dashboard" / "schemas"
COMMAND = ".venv/bin/python -m ds_dashboard_dev.validators"
_HEADER = f'''"""Generated from {{name}}.json beside it. Write it again with: {COMMAND}"""

# fmt: off
# ruff: noqa
# mypy: ignore-errors
from ds_dashboard.schema import DoesNotConform
'''
_LIBRARY = "fastjsonschema"
_ERROR = "JsonSchemaValueException"


class _Standalone(ast.NodeTransformer):
    """Takes out what needs fastjsonschema: its exception carries the schema's text too, which nobody reads here."""

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        target = node.targets[0]
        return None if isinstance(target, ast.Name) and target.id == "VERSION" else self.generic_visit(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        return None if node.module == _LIBRARY else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == _ERROR:
            return ast.Call(ast.Name("DoesNotConform", ast.Load()), node.args, [])
        if ast.unparse(node) == "str(data_keys)":
            # A set, whose order is another in each process.
            return ast.parse("', '.join(sorted(map(repr, data_keys)))", mode="eval").body
        return node


def rendered(schema: Path) -> str:
    """The text of the module that checks a document against `schema`."""
    # Formats and defaults are not used: what a schema says is only ever checked, never filled in.
    code = fastjsonschema.compile_to_code(json.loads(schema.read_text(encoding="utf-8")), use_default=False)
    module = ast.unparse(ast.fix_missing_locations(_Standalone().visit(ast.parse(code))))
    return f"{_HEADER.format(name=schema.stem)}{module}\n"


def stale() -> dict[Path, str]:
    """The modules that are missing or differ from their schemas, with the text that they should have."""
    texts = {schema.with_suffix(".py"): rendered(schema) for schema in sorted(SCHEMAS.glob("*.json"))}
    return {
        path: text for path, text in texts.items() if not path.is_file() or path.read_text(encoding="utf-8") != text
    }


def main() -> int:
    """Write what is stale, or with `--check` only say so; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m ds_dashboard_dev.validators", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if something is stale")
    check = parser.parse_args().check
    found = stale()
    for path, text in found.items():
        if not check:
            path.write_text(text, encoding="utf-8")
        say(f"{path.relative_to(CHECKOUT)}: {f'stale, run {COMMAND}' if check else 'written'}")
    return 1 if check and found else 0


if __name__ == "__main__":
    sys.exit(main())
