"""The public Python API of a hub.

    from ds_dashboard.client import Hub

    hub = Hub(name="ds-dashboard", profile="hub", region="eu-west-1")
    for row in hub.latest():
        print(row.spoke, row.metric, row.value, row.unit)

`docs/python.md` explains it. Importing this package is cheap: it imports boto3 with the first call, and pandas and
pyarrow only if you use them. Of the Lambda functions, only the report imports it.
"""

from __future__ import annotations

from ds_dashboard.client.backfill import Backfill
from ds_dashboard.client.csv_text import read_csv
from ds_dashboard.client.errors import HubError, MissingDependency
from ds_dashboard.client.export import ExportError
from ds_dashboard.client.forget import Forgotten
from ds_dashboard.client.hub import Hub
from ds_dashboard.client.latest import LatestValue, Limits
from ds_dashboard.client.refresh import Refresh, RefreshError, RefreshTimeout, Response
from ds_dashboard.client.rows import RowList, RowStream
from ds_dashboard.client.spokes import Failure, Spoke, SpokeState
from ds_dashboard.client.table_import import ImportFailed, ImportSummary
from ds_dashboard.client.values import Value

__all__ = [
    "Backfill",
    "ExportError",
    "Failure",
    "Forgotten",
    "Hub",
    "HubError",
    "ImportFailed",
    "ImportSummary",
    "LatestValue",
    "Limits",
    "MissingDependency",
    "Refresh",
    "RefreshError",
    "RefreshTimeout",
    "Response",
    "RowList",
    "RowStream",
    "Spoke",
    "SpokeState",
    "Value",
    "read_csv",
]
