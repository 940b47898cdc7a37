"""The page sizes of SageMaker's lists.

AWS gives ten items a page where the caller says nothing, and refuses more than 100. ListTrainingJobs with a status
filters after it has cut the page: a page can be short or empty, and more can follow.

moto gives 100, or everything, filters first, and some of its lists ignore MaxResults.

Stands between the `moto_services` gap and moto: asks moto for all of a list and cuts the pages itself.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from typing import Any

DEFAULT, MAXIMUM = 10, 100
_SERVICES = {"sagemaker"}
# Operation -> the filter that AWS applies to a page that is cut already, and the member of an item it looks at.
_FILTERS_AFTER_CUTTING = {"ListTrainingJobs": ("StatusEquals", "TrainingJobStatus")}
Call = Callable[[dict[str, Any]], tuple[int, dict[str, str], bytes]]


def paged(
    service: str, operation: str, environ: dict[str, Any], body: bytes, call: Call
) -> tuple[int, dict[str, str], bytes]:
    """The answer of `call`, cut to the page the request asks for."""
    if service not in _SERVICES or not operation.startswith(("List", "Search")):
        return call(environ)
    try:
        asked: dict[str, Any] = json.loads(body or b"{}")
        size = int(asked.get("MaxResults") or DEFAULT)
        begin = _position(asked.pop("NextToken", None))
    except ValueError:
        return _invalid("NextToken is not valid")
    if not 1 <= size <= MAXIMUM:
        bound = f"less than or equal to {MAXIMUM}" if size > MAXIMUM else "greater than or equal to 1"
        return _invalid(
            f"1 validation error detected: Value '{size}' at 'maxResults' failed to satisfy constraint: "
            f"Member must have value {bound}"
        )
    name, member = _FILTERS_AFTER_CUTTING.get(operation, ("", ""))
    wanted = asked.pop(name, None)
    status, headers, answer = _all_of(asked, environ, call)
    key = next((name for name, value in answer.items() if isinstance(value, list)), None)
    if status != 200 or key is None:
        return status, headers, json.dumps(answer).encode()
    items = answer[key]
    page = items[begin : begin + size]
    answer[key] = page if wanted is None else [item for item in page if item[member] == wanted]
    if begin + size < len(items):
        answer["NextToken"] = base64.b64encode(f"position {begin + size}".encode()).decode()
    return status, headers, json.dumps(answer).encode()


def _all_of(asked: dict[str, Any], environ: dict[str, Any], call: Call) -> tuple[int, dict[str, str], dict[str, Any]]:
    asked = {**asked, "MaxResults": MAXIMUM}
    gathered: dict[str, Any] = {}
    while True:
        body = json.dumps(asked).encode()
        status, headers, raw = call({**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))})
        answer: dict[str, Any] = json.loads(raw or b"{}")
        if status != 200:
            return status, headers, answer
        token = answer.pop("NextToken", None)
        for name, value in answer.items():
            if isinstance(value, list):
                gathered.setdefault(name, []).extend(value)
            else:
                gathered[name] = value
        if not token:
            return status, headers, gathered
        asked["NextToken"] = token


def _position(token: str | None) -> int:
    if token is None:
        return 0
    text = base64.b64decode(token.encode(), validate=True).decode()
    return int(text.removeprefix("position "))


def _invalid(message: str) -> tuple[int, dict[str, str], bytes]:
    body = json.dumps({"__type": "ValidationException", "message": message}).encode()
    return 400, {"Content-Type": "application/x-amz-json-1.1"}, body
