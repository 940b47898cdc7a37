"""The item of a spoke in the spokes table: conditional reads and updates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from ds_dashboard import aws
from ds_dashboard.identity import Project
from ds_dashboard.typed_json import plain_item, typed

_CONDITION_FAILED = "ConditionalCheckFailedException"


def read(project: Project, table: str, attributes: Iterable[str]) -> dict[str, Any]:
    """Return attributes of a spoke's item. Another program may have written anything into them."""
    names = {f"#{name}": name for name in attributes}
    answer = aws.client("dynamodb", brief=True).get_item(
        TableName=table,
        Key={"Project": {"S": project.key}},
        ConsistentRead=True,
        ProjectionExpression=", ".join(names),
        ExpressionAttributeNames=names,
    )
    return plain_item(answer.get("Item", {}))


def update(
    project: Project,
    table: str,
    attributes: Mapping[str, Any],
    *,
    condition: str,
    names: Mapping[str, str] | None = None,
    values: Mapping[str, Any] | None = None,
) -> bool:
    """Set attributes of a spoke's item, or create it; returns False if the condition is not met.

    Args:
        project: the spoke.
        table: the table's name.
        attributes: the attributes to set. The condition refers to them as `#Name`, and to their new values as `:Name`.
        condition: a condition expression.
        names: further names of the condition.
        values: further values of the condition.
    """
    given = {**{f":{name}": value for name, value in attributes.items()}, **(values or {})}
    try:
        aws.client("dynamodb", brief=True).update_item(
            TableName=table,
            Key={"Project": {"S": project.key}},
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in attributes),
            ConditionExpression=condition,
            ExpressionAttributeNames={**{f"#{name}": name for name in attributes}, **(names or {})},
            ExpressionAttributeValues={name: typed(value) for name, value in given.items()},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != _CONDITION_FAILED:
            raise
        return False
    return True


def unchanged(attribute: str, before: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the condition that an attribute is still as it was read, and its values."""
    if attribute not in before:
        return f"attribute_not_exists(#{attribute})", {}
    return f"#{attribute} = :before", {":before": before[attribute]}
