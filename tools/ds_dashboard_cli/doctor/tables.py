"""The hub's tables."""

from __future__ import annotations

from ds_dashboard_cli.doctor import keys
from ds_dashboard_cli.doctor.walk import Walk

KEYS = {
    "metrics": ("MetricName", "ExtractionDate"),
    "latest": ("Project", "MetricName"),
    "spokes": ("Project",),
}


def check(walk: Walk, role: str) -> None:
    """A table is there, with the keys that the archive writes by."""
    name = walk.hub.table(role)
    with walk.report.looking_at(f"table {name}"):
        table = walk.account.table(name)
        if table is None:
            walk.report.broken(f"table {name}", "does not exist.", walk.cures.apply("hub"))
            return
        walk.report.check(
            table["TableStatus"] in ("ACTIVE", "UPDATING"),
            f"table {name}",
            f"is {table['TableStatus']}.",
            walk.cures.aws("dynamodb", "describe-table", "--table-name", name),
        )
        found = tuple(key["AttributeName"] for key in table["KeySchema"])
        walk.report.check(
            found == KEYS[role],
            f"table {name}",
            f"has the keys {found}, expected {KEYS[role]}.",
            walk.cures.apply("hub"),
        )
        if role == "metrics":
            indexes = {index["IndexName"] for index in table.get("GlobalSecondaryIndexes", ())}
            walk.report.check("BySeries" in indexes, f"table {name}", "has no index BySeries.", walk.cures.apply("hub"))
        keys.check_usable(walk, table.get("SSEDescription", {}).get("KMSMasterKeyArn"), f"table {name}")
