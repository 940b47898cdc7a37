"""DynamoDB reads: page by page, as plain Python values, numbers as exact decimals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ds_dashboard import dates
from ds_dashboard.identity import MAX_SPOKE_PAGES, Project
from ds_dashboard.typed_json import plain_item


def scan(dynamodb: Any, table: str, **arguments: Any) -> Iterator[dict[str, Any]]:
    """Yield all items of a table, in no order."""
    for page in scan_pages(dynamodb, table, **arguments):
        yield from page


def scan_pages(dynamodb: Any, table: str, **arguments: Any) -> Iterator[list[dict[str, Any]]]:
    """Yield the pages of a table, each a list of items."""
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, **arguments):
        yield [plain_item(item) for item in page["Items"]]


def query(dynamodb: Any, table: str, **arguments: Any) -> Iterator[dict[str, Any]]:
    """Yield the items of one hash key, in the order of the range key."""
    for page in dynamodb.get_paginator("query").paginate(TableName=table, **arguments):
        yield from map(plain_item, page["Items"])


def query_project(
    dynamodb: Any,
    table: str,
    project: Project,
    attributes: str = "",
    *,
    max_pages: int | None = MAX_SPOKE_PAGES,
    on_limit: Callable[[], None] = lambda: None,
    **arguments: Any,
) -> Iterator[dict[str, Any]]:
    """Yield the items of a project in the latest table, complete or with these attributes only.

    Args:
        dynamodb: the client.
        table: the table's name.
        project: the project and its environment.
        attributes: the attributes, separated by commas; empty for all.
        max_pages: how many pages to read at most; None for all.
        on_limit: is called if there are more.
        arguments: further arguments of the query.
    """
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="#project = :project",
        ExpressionAttributeNames={"#project": "Project"},
        ExpressionAttributeValues={":project": {"S": project.key}},
        **({"ProjectionExpression": attributes} if attributes else {}),
        **arguments,
    )
    for number, page in enumerate(pages, 1):
        yield from map(plain_item, page["Items"])
        if number == max_pages and page.get("LastEvaluatedKey"):
            on_limit()
            return


@dataclass(frozen=True, slots=True)
class SpokeFilter:
    """Selects spokes by project name and environment; an empty tuple selects all."""

    projects: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()

    def matches(self, spoke: str) -> bool:
        """Return whether the filter selects `<ProjectName>/<Environment>`."""
        project = project_of(spoke)
        return (not self.projects or project.name in self.projects) and (
            not self.environments or project.environment in self.environments
        )

    def spokes(self) -> list[Project] | None:
        """Return every spoke that can match, or None if the filter does not name both projects and environments."""
        if not (self.projects and self.environments):
            return None
        return [Project(project, environment) for project in self.projects for environment in self.environments]

    def arguments(self, metrics: Iterable[str] = ()) -> dict[str, Any]:
        """Return the arguments of a scan or query that apply this filter, and one by metric, in DynamoDB."""
        names: dict[str, str] = {}
        values: dict[str, Any] = {}
        selected = {"ProjectName": self.projects, "Environment": self.environments, "MetricName": tuple(metrics)}
        conditions = [_is_one_of(name, words, names, values) for name, words in selected.items() if words]
        if not conditions:
            return {}
        return {
            "FilterExpression": " AND ".join(conditions),
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }


def _is_one_of(attribute: str, words: Sequence[str], names: dict[str, str], values: dict[str, Any]) -> str:
    """Return the condition on one attribute, and add its placeholders to `names` and `values`."""
    names[f"#{attribute}"] = attribute
    placeholders = [f":{attribute}{index}" for index in range(len(words))]
    values.update({name: {"S": word} for name, word in zip(placeholders, words, strict=True)})
    return f"#{attribute} IN ({', '.join(placeholders)})"


def parse_instant(value: Any) -> datetime | None:
    """Parse an attribute that holds a date; return None if it does not."""
    try:
        return dates.parse(value) if isinstance(value, str) else None
    except dates.InvalidDate:
        return None


def project_of(spoke: str) -> Project:
    """Split `<ProjectName>/<Environment>`, also of a parameter whose name is not valid."""
    name, _, environment = spoke.partition("/")
    return Project(name, environment)


def spoke_name(item: Mapping[str, Any]) -> str:
    """Return `<ProjectName>/<Environment>` of an item of the latest or the spokes table."""
    name, _, environment = str(item["Project"]).partition("#")
    return Project(name, environment).path
