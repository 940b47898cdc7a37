"""A handler to compare the archive with: it puts one item per event, as the AWS sample's handler does.

It checks nothing, so the puts are all of its work.
"""

from __future__ import annotations

import json
import os
from decimal import Decimal
from typing import Any

import boto3

table = boto3.resource("dynamodb").Table(os.environ["DS_DASHBOARD_HISTORY_TABLE"])


def handler(event: dict[str, Any], context: Any) -> None:
    """Put every event of the batch into the table."""
    for record in event["Records"]:
        table.put_item(Item=json.loads(record["body"], parse_float=Decimal)["detail"])
