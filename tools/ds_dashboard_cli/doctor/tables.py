"""The hub's tables."""

from __future__ import annotations

from ds_dashboard_cli.doctor import keys
from ds_dashboard_cli.doctor.context import Context

KEYS = {
    "metrics": ("MetricName", "ExtractionDate"),
    "latest": ("Project", "MetricName"),
    "spokes": ("Project",),
}


def check(context: Context, role: str) -> None:
    """A table is there, with the keys that the archive writes by."""
    name = context.hub.table(role)
    with context.report.looking_at(f"table {name}"):
        table = context.account.table(name)
        if table is None:
            context.report.broken(f"table {name}", "does not exist.", context.remedies.apply("hub"))
            return
        context.report.check(
            table["TableStatus"] in ("ACTIVE", "UPDATING"),
            f"table {name}",
            f"is {table['TableStatus']}.",
            context.remedies.aws("dynamodb", "describe-table", "--table-name", name),
        )
        found = tuple(key["AttributeName"] for key in table["KeySchema"])
        context.report.check(
            found == KEYS[role],
            f"table {name}",
            f"has the keys {found}, expected {KEYS[role]}.",
            context.remedies.apply("hub"),
        )
        if role == "metrics":
            indexes = {index["IndexName"] for index in table.get("GlobalSecondaryIndexes", ())}
            context.report.check(
                "BySeries" in indexes, f"table {name}", "has no index BySeries.", context.remedies.apply("hub")
            )
        keys.check_usable(context, table.get("SSEDescription", {}).get("KMSMasterKeyArn"), f"table {name}")
