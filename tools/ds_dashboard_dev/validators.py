"""`make schemas`: the validators of the event schemas as Python modules, so that no cold start has to compile them.

fastjsonschema generates the module `_NAME.py` from each `lambda_src/ds_dashboard/schemas/NAME.json`.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
from pathlib import Path

import fastjsonschema

from ds_dashboard_dev.checkout import CHECKOUT, report_stale

SCHEMAS = CHECKOUT / "lambda_src" / "ds_dashboard" / "schemas"
COMMAND = ".venv/bin/python -m ds_dashboard_dev.validators"
_HEADER = f'''"""Generated from {{name}}.json; do not edit. To generate it again, run {COMMAND}."""

# fmt: off
# ruff: noqa
# mypy: ignore-errors
from ds_dashboard.schemas import DoesNotConform
'''
_LIBRARY = "fastjsonschema"
_ERROR = "JsonSchemaValueException"
_KEYS_AS_TEXT = re.compile(r"str\((data\w*_keys)\)")


class _Standalone(ast.NodeTransformer):
    """Removes the dependency on fastjsonschema, whose exception also carries the schema's text."""

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        """Remove `VERSION`."""
        target = node.targets[0]
        return None if isinstance(target, ast.Name) and target.id == "VERSION" else self.generic_visit(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        """Remove the import of fastjsonschema."""
        return None if node.module == _LIBRARY else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Raise our exception, and name unknown keys in a fixed order."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == _ERROR:
            return ast.Call(ast.Name("DoesNotConform", ast.Load()), node.args, [])
        if unknown := _KEYS_AS_TEXT.fullmatch(ast.unparse(node)):
            # A set: its order differs from process to process.
            return ast.parse(f"', '.join(sorted(map(repr, {unknown[1]})))", mode="eval").body
        return node


def rendered(schema: Path) -> str:
    """Return the text of the module that validates a document against `schema`."""
    # Without defaults: a validator checks a document and never changes it.
    code = fastjsonschema.compile_to_code(json.loads(schema.read_text(encoding="utf-8")), use_default=False)
    module = ast.unparse(ast.fix_missing_locations(_Standalone().visit(ast.parse(code))))
    return f"{_HEADER.format(name=schema.stem)}{module}\n"


def modules() -> dict[Path, str]:
    """Return the text of each generated module, by its path."""
    return {schema.with_name(f"_{schema.stem}.py"): rendered(schema) for schema in sorted(SCHEMAS.glob("*.json"))}


def main() -> int:
    """Write the modules that are out of date, or with `--check` only name them; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m ds_dashboard_dev.validators", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a module is out of date")
    return report_stale(modules(), COMMAND, check=parser.parse_args().check)


if __name__ == "__main__":
    sys.exit(main())
