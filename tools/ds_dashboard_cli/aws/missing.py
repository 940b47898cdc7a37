"""A hub that is not there: in this account and region, under this name."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from botocore import exceptions as aws

from ds_dashboard_cli.aws.resources import described
from ds_dashboard_cli.errors import UserError

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation

CODES = {
    "ResourceNotFoundException",
    "QueueDoesNotExist",
    "AWS.SimpleQueueService.NonExistentQueue",
    "NoSuchEntity",
}
_TABLES = ("-metrics", "-latest", "-spokes")


def explained(hub: Installation) -> UserError:
    """Which part of which hub is missing where, and where else it may be."""
    _, resource = described(hub.last_call)
    account = "?"
    with contextlib.suppress(aws.ClientError, aws.BotoCoreError):
        account = hub.account
    return UserError(
        f"hub {hub.name}", f"there is no {resource} in account {account}, region {hub.region}.", elsewhere(hub)
    )


def elsewhere(hub: Installation) -> str:
    """Where else the installation may be, and how to say so."""
    others = [name for name in _hubs_here(hub) if name != hub.name]
    there_are = f"Hubs that are there: {', '.join(others)} (choose with --name). " if others else ""
    return (
        f"{there_are}Where it is in another region or account, say so with --region or --profile; where it has another "
        "`name`, with --name."
    )


def _hubs_here(hub: Installation) -> list[str]:
    """The names of the hubs in this account and region, as their tables show; none where that is not permitted."""
    tables: set[str] = set()
    with contextlib.suppress(aws.ClientError, aws.BotoCoreError):
        for page in hub.client("dynamodb").get_paginator("list_tables").paginate():
            tables.update(page["TableNames"])
    names = {table.removesuffix(_TABLES[0]) for table in tables if table.endswith(_TABLES[0])}
    return sorted(name for name in names if all(f"{name}{suffix}" in tables for suffix in _TABLES))
