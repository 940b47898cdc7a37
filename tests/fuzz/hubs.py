"""A hub of its own for each example, in a cloud of its own: hypothesis makes hundreds of both tables and names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.archive.conftest import Hub

from ds_dashboard import aws
from ds_dashboard_local import LocalCloud

from .strict import Strict


@contextmanager
def hub(cloud: LocalCloud) -> Iterator[Hub]:
    """A hub whose archive may call services only as AWS takes it; nothing of it is left afterwards."""
    made = Hub(cloud)
    for service, client in (("dynamodb", made.dynamodb), ("sqs", made.sqs), ("ssm", made.ssm)):
        aws.use(service, Strict(client))
    try:
        yield made
    finally:
        for table in ("metrics", "latest", "spokes"):
            made.dynamodb.delete_table(TableName=f"{made.name}-{table}")
        made.sqs.delete_queue(QueueUrl=made.rejected_url)
        aws.forget()
