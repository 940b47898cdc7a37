"""Requests that moto answers in this process, and the page sizes of their answers."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import threading
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from ministack import app
from ministack.core import iam_actions, router
from ministack.core.responses import get_account_id

from ds_dashboard_local.engine.authorization import authorize_resource
from ds_dashboard_local.engine.middleware import Response
from ds_dashboard_local.engine.patching import gap, registry, wrap_entry
from ds_dashboard_local.gaps.moto.documents import MAX_PAGE_SIZE, invalid, read_all
from ds_dashboard_local.gaps.moto.resources import resource_arn

Query = dict[str, list[str]]

_DEFAULT_PAGE_SIZE = 10
# By operation: the filter that AWS applies to a page after it is cut, and the member of an item that it compares.
_FILTERS_AFTER_CUTTING = {"ListTrainingJobs": ("StatusEquals", "TrainingJobStatus")}


@dataclass(frozen=True)
class _Service:
    """A service as its requests name it.

    Attributes:
        signing_name: The name in the signature, which is its namespace in IAM too.
        target_prefix: The start of X-Amz-Target, for the JSON protocol.
        model: botocore's name of the model that has its routes, for REST.
    """

    signing_name: str
    target_prefix: str | None = None
    model: str | None = None


_SERVICES = (
    _Service("sagemaker", "SageMaker."),
    _Service("servicequotas", "ServiceQuotasV20190624"),
    _Service("ce", "AWSInsightsIndexService"),
    _Service("support", "AWSSupport_20130415"),
    _Service("application-autoscaling", "AnyScaleFrontendService"),
    _Service("codecommit", "CodeCommit_20150413"),
    _Service("codepipeline", "CodePipeline_20150709"),
    _Service("codedeploy", "CodeDeploy_20141006"),
    _Service("comprehend", "Comprehend_20171127"),
    _Service("databrew", model="databrew"),
    _Service("datasync", "FmrsService"),
    _Service("dms", "AmazonDMSv20160101"),
    _Service("emr-containers", model="emr-containers"),
    _Service("emr-serverless", model="emr-serverless"),
    _Service("forecast", "AmazonForecast"),
    _Service("fsx", "AWSSimbaAPIService_v20180301"),
    _Service("guardduty", model="guardduty"),
    _Service("lakeformation", model="lakeformation"),
    _Service("macie2", model="macie2"),
    _Service("personalize", "AmazonPersonalize"),
    _Service("polly", model="polly"),
    _Service("quicksight", model="quicksight"),
    _Service("redshift-data", "RedshiftData"),
    _Service("rekognition", "RekognitionService"),
    _Service("securityhub", model="securityhub"),
    _Service("synthetics", model="synthetics"),
    _Service("textract", "Textract"),
    _Service("timestream", "Timestream_20181101"),
    _Service("xray", model="xray"),
)


@gap
def moto_services() -> None:
    """Serve SageMaker, Service Quotas, Cost Explorer and more with moto.

    AWS: these services exist; their calls are signed, and authorized by action, resource and condition.

    Engine: answers "Unsupported service".

    The patch routes and authorizes them as the engine's own, and passes their requests to moto in this process,
    separate by account and region.
    """
    for service in _SERVICES:
        name = service.signing_name
        prefixes = {"target_prefixes": [service.target_prefix]} if service.target_prefix else {}
        registry(app, "SERVICE_HANDLERS")[name] = _handle
        registry(router, "SERVICE_PATTERNS")[name] = prefixes
        registry(iam_actions, "SERVICE_TO_IAM_NAMESPACE")[name] = name
        if service.model:
            registry(iam_actions, "_BOTOCORE_SERVICE_MAP")[name] = [service.model]
        authorize_resource(name, resource_arn)
    # The import takes a second, and the first caller is often a function with a timeout.
    threading.Thread(target=_application, daemon=True, name="moto-import").start()


@cache
def _application() -> Any:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    return DomainDispatcherApplication(create_backend_app)


async def _handle(method: str, path: str, headers: dict[str, str], body: bytes, query_params: Query) -> Response:
    environ = _environ(method, path, headers, body, query_params, get_account_id())
    return await asyncio.to_thread(_call, environ)


def _environ(
    method: str, path: str, headers: dict[str, str], body: bytes, query: Query, account: str
) -> dict[str, Any]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "RAW_URI": quote(path) + ("?" + urlencode(query, doseq=True) if query else ""),
        "QUERY_STRING": urlencode(query, doseq=True),
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": headers.get("content-type", ""),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        if name not in ("content-length", "content-type"):
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
    return environ


def _call(environ: dict[str, Any]) -> Response:
    status, headers = 500, {}

    def start_response(line: str, pairs: list[tuple[str, str]], exc_info: Any = None) -> Any:
        nonlocal status, headers
        status, headers = int(line.split(" ", 1)[0]), dict(pairs)
        return lambda data: None

    chunks = _application()(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    headers.pop("Content-Length", None)
    return status, headers, body


@gap
def page_sizes() -> None:
    """Cut SageMaker's lists into pages as AWS does.

    AWS: returns ten items a page by default, and rejects more than 100. ListTrainingJobs with a status filters after it
    has cut the page: a page can be short or empty, and more can follow.

    Engine: moto returns 100 or everything, filters first, and ignores MaxResults in some lists.
    """
    wrap_entry(app, "SERVICE_HANDLERS", "sagemaker", _handle_paged)


async def _handle_paged(
    original: Any, method: str, path: str, headers: dict[str, str], body: bytes, query_params: Query
) -> Response:
    operation = headers.get("x-amz-target", "").rpartition(".")[2]
    if not operation.startswith(("List", "Search")):
        answer: Response = await original(method, path, headers, body, query_params)
        return answer
    try:
        given: dict[str, Any] = json.loads(body or b"{}")
        size = int(given.get("MaxResults") or _DEFAULT_PAGE_SIZE)
        begin = _position(given.pop("NextToken", None))
    except ValueError:
        return invalid("NextToken is not valid")
    if not 1 <= size <= MAX_PAGE_SIZE:
        bound = f"less than or equal to {MAX_PAGE_SIZE}" if size > MAX_PAGE_SIZE else "greater than or equal to 1"
        return invalid(
            f"1 validation error detected: Value '{size}' at 'maxResults' failed to satisfy constraint: "
            f"Member must have value {bound}"
        )
    name, member = _FILTERS_AFTER_CUTTING.get(operation, ("", ""))
    wanted = given.pop(name, None)

    async def call(request: dict[str, Any]) -> Response:
        answer: Response = await original(method, path, headers, json.dumps(request).encode(), query_params)
        return answer

    status, answer_headers, content = await read_all(given, call)
    key = next((name for name, value in content.items() if isinstance(value, list)), None)
    if status == 200 and key is not None:
        items = content[key]
        page = items[begin : begin + size]
        content[key] = page if wanted is None else [item for item in page if item[member] == wanted]
        if begin + size < len(items):
            content["NextToken"] = base64.b64encode(f"position {begin + size}".encode()).decode()
    return status, answer_headers, json.dumps(content).encode()


def _position(token: str | None) -> int:
    if token is None:
        return 0
    text = base64.b64decode(token.encode(), validate=True).decode()
    return int(text.removeprefix("position "))
