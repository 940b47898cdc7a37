"""Read list operations of AWS services to their end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ds_dashboard.metrics.errors import IncompleteAnswer

PAGE_SIZE = 100

# Names of the token in requests and answers, for operations that page without a paginator in botocore. The test kit
# reads these tables, too.
TOKENS = (
    ("NextToken", "NextToken"),
    ("nextToken", "nextToken"),
    ("NextPageToken", "NextPageToken"),
    ("nextPageToken", "nextPageToken"),
    ("PageToken", "NextPageToken"),
    ("pageToken", "nextPageToken"),
    ("Marker", "NextMarker"),
    ("marker", "nextMarker"),
    ("Marker", "Marker"),
    ("marker", "marker"),
    ("ContinuationToken", "NextContinuationToken"),
    ("ContinuationToken", "ContinuationToken"),
    ("PaginationToken", "PaginationToken"),
)
PAGE_SIZES = (
    *("MaxResults", "maxResults", "MaxItems", "maxItems", "PageSize", "pageSize", "Limit", "limit"),
    *("MaxRecords", "maxRecords", "MaxBuckets", "MaxKeys"),
)


def pages(client: Any, operation: str, key: str, arguments: Mapping[str, Any]) -> Iterator[Sequence[Any]]:
    """Yield the items of every page, with 100 items per page if the operation allows it.

    A short or empty page can be followed by others.

    Args:
        client: the service's boto3 client.
        operation: the client's method, such as "list_endpoints".
        key: the name of the list in the operation's answer.
        arguments: the other parameters of the operation.

    Raises:
        IncompleteAnswer: the list cannot be read to its end.
        botocore.exceptions.ClientError: a call failed.
    """
    model = operation_model(client, operation)
    fields = model.output_shape.members if model.output_shape else {}
    if key not in fields:
        answered = ", ".join(fields) or "nothing"
        raise IncompleteAnswer(f"{operation} of {_service(client)} answers with {answered}, and not with {key!r}")
    for page in _pages(client, operation, model, dict(arguments)):
        yield page.get(key) or ()


def operation_model(client: Any, operation: str) -> Any:
    """Return botocore's model of an operation.

    Raises:
        IncompleteAnswer: this botocore has no such operation.
    """
    api_name = client.meta.method_to_api_mapping.get(operation)
    if api_name is None:
        import botocore

        raise IncompleteAnswer(
            f"botocore {botocore.__version__} has no operation {operation} for {_service(client)}; "
            "correct the name, or package a newer boto3 with the metric (ds-dashboard package --requirements)"
        )
    return client.meta.service_model.operation_model(api_name)


def _pages(client: Any, operation: str, model: Any, arguments: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if client.can_paginate(operation):
        # botocore raises PaginationError if a service returns the same token again.
        paginator = client.get_paginator(operation)
        # Not public. With a botocore that does not have it, pages have the service's default size.
        size_field = getattr(paginator, "_pagination_cfg", {}).get("limit_key")
        yield from paginator.paginate(**_with_page_size(model, size_field, arguments))
        return
    requests = model.input_shape.members if model.input_shape else {}
    answers = model.output_shape.members
    sent, received = next(((s, r) for s, r in TOKENS if s in requests and r in answers), (None, None))
    if sent is None or received is None:
        yield getattr(client, operation)(**arguments)
        return
    arguments = _with_page_size(model, next((name for name in PAGE_SIZES if name in requests), None), arguments)
    token = None
    while True:
        page = getattr(client, operation)(**arguments)
        yield page
        following = page.get(received)
        if not following:
            return
        if following == token:
            raise IncompleteAnswer(f"{operation} of {_service(client)} returned the same {received} twice")
        token = arguments[sent] = following


def _with_page_size(model: Any, field: str | None, arguments: dict[str, Any]) -> dict[str, Any]:
    """Add the page size to the arguments, if the model has a limit and the author chose none.

    Some services reject more than 50 or 10. Without a limit in the model, only the service's default is safe.
    """
    shape = model.input_shape.members.get(field) if field and model.input_shape else None
    if field is None or field in arguments or shape is None or shape.type_name not in ("integer", "long"):
        return arguments
    limit = shape.metadata.get("max")
    return arguments if limit is None else {**arguments, field: min(PAGE_SIZE, int(limit))}


def _service(client: Any) -> str:
    return str(client.meta.service_model.service_name)
