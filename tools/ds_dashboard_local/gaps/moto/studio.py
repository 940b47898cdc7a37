"""SageMaker Studio's apps."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from ministack import app
from ministack.core.responses import get_account_id, get_region

from ds_dashboard_local.engine.middleware import Response
from ds_dashboard_local.engine.patching import gap, wrap_entry
from ds_dashboard_local.gaps.moto.documents import Document, answer, invalid

Query = dict[str, list[str]]
_Key = tuple[str, ...]

_KEY = ("DomainId", "UserProfileName", "SpaceName", "AppType", "AppName")
_APPS: dict[tuple[str, str], dict[_Key, Document]] = defaultdict(dict)  # by account and region


def app_of(account: str, region: str, path: str) -> Document | None:
    """Return the app with the end of an ARN, `<domain>/<user profile or space>/<type>/<name>`."""
    for document in _APPS[account, region].values():
        if document["AppArn"].partition(":app/")[2] == path:
            return document
    return None


@gap
def studio_apps() -> None:
    """Serve Studio's apps: CreateApp, DescribeApp, DeleteApp and ListApps.

    AWS: an app belongs to a user profile or a space. A deleted app stays in the list for 24 hours, as Deleted.

    Engine: moto has none of the four operations.

    The patch creates an app in service, deletes it at once, and does not check that its domain exists.
    """
    wrap_entry(app, "SERVICE_HANDLERS", "sagemaker", _serve)


async def _serve(
    original: Any, method: str, path: str, headers: dict[str, str], body: bytes, query_params: Query
) -> Response:
    serve = _OPERATIONS.get(headers.get("x-amz-target", "").rpartition(".")[2])
    if serve is None:
        passed_on: Response = await original(method, path, headers, body, query_params)
        return passed_on
    given: Document = json.loads(body or b"{}")
    try:
        return answer(serve(_APPS[get_account_id(), get_region()], given))
    except LookupError as error:
        return invalid(str(error.args[0]))


def _key(given: Document) -> _Key:
    return tuple(given.get(name, "") for name in _KEY)


def _create(apps: dict[_Key, Document], given: Document) -> Document:
    if bool(given.get("UserProfileName")) == bool(given.get("SpaceName")):
        raise LookupError("Either UserProfileName or SpaceName must be given.")
    now = datetime.now(UTC).replace(tzinfo=None)
    path = "/".join(part for part in _key(given) if part)
    arn = f"arn:aws:sagemaker:{get_region()}:{get_account_id()}:app/{path}"
    kept = {name: given[name] for name in (*_KEY, "ResourceSpec") if name in given}
    apps[_key(given)] = {**kept, "AppArn": arn, "Status": "InService", "CreationTime": now}
    return {"AppArn": arn}


def _find(apps: dict[_Key, Document], given: Document) -> Document:
    try:
        return apps[_key(given)]
    except KeyError:
        raise LookupError(f"App {given['AppName']} does not exist.") from None


def _delete(apps: dict[_Key, Document], given: Document) -> Document:
    _find(apps, given)["Status"] = "Deleted"
    return {}


def _list(apps: dict[_Key, Document], given: Document) -> Document:
    found = [
        {name: value for name, value in document.items() if name != "AppArn"}
        for document in apps.values()
        if all(
            given.get(f"{name}Equals") in (None, document.get(name))
            for name in ("DomainId", "UserProfileName", "SpaceName")
        )
    ]
    found.sort(key=lambda document: document["CreationTime"], reverse=given.get("SortOrder") == "Descending")
    return {"Apps": found}


_OPERATIONS = {"CreateApp": _create, "DescribeApp": _find, "DeleteApp": _delete, "ListApps": _list}
