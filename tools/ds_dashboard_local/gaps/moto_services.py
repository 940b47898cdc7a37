"""Services that the engine does not serve and moto does: SageMaker, Service Quotas, Cost Explorer and more.

The engine answers "Unsupported service" for them.

Adds an entry for each to `app.SERVICE_HANDLERS`, `router.SERVICE_PATTERNS` and
`iam_actions.SERVICE_TO_IAM_NAMESPACE`, so that they are signed for, authorized and routed as the engine's own are, and
passes their requests to moto's WSGI application in this process, for the caller's account. What each operation acts
on, for policies with resources, is in `ds_dashboard_local.resources`; AWS's page sizes are in the `page_sizes` gap.
"""

from __future__ import annotations

import asyncio
import io
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from ds_dashboard_local import resources
from ds_dashboard_local.gaps import page_sizes
from ds_dashboard_local.gaps.authorization import resource_of


@dataclass(frozen=True)
class Service:
    """A service as its requests name it."""

    signing_name: str
    target_prefix: str | None = None  # of X-Amz-Target, for the JSON protocol
    iam_namespace: str | None = None  # where it is not the signing name
    model: str | None = None  # botocore's name of the model that knows its routes, for REST


SERVICES = (
    Service("sagemaker", "SageMaker."),
    Service("servicequotas", "ServiceQuotasV20190624"),
    Service("ce", "AWSInsightsIndexService"),
    Service("support", "AWSSupport_20130415"),
    Service("application-autoscaling", "AnyScaleFrontendService"),
    Service("codecommit", "CodeCommit_20150413"),
    Service("codepipeline", "CodePipeline_20150709"),
    Service("codedeploy", "CodeDeploy_20141006"),
    Service("comprehend", "Comprehend_20171127"),
    Service("databrew", model="databrew"),
    Service("datasync", "FmrsService"),
    Service("dms", "AmazonDMSv20160101"),
    Service("emr-containers", model="emr-containers"),
    Service("emr-serverless", model="emr-serverless"),
    Service("forecast", "AmazonForecast"),
    Service("fsx", "AWSSimbaAPIService_v20180301"),
    Service("guardduty", model="guardduty"),
    Service("lakeformation", model="lakeformation"),
    Service("macie2", model="macie2"),
    Service("personalize", "AmazonPersonalize"),
    Service("polly", model="polly"),
    Service("quicksight", model="quicksight"),
    Service("redshift-data", "RedshiftData"),
    Service("rekognition", "RekognitionService"),
    Service("securityhub", model="securityhub"),
    Service("synthetics", model="synthetics"),
    Service("textract", "Textract"),
    Service("timestream", "Timestream_20181101"),
    Service("xray", model="xray"),
)


def close(engine: Any, state: Path) -> None:
    from ministack.core import iam_actions, router

    for service in SERVICES:
        name = service.signing_name
        engine.SERVICE_HANDLERS[name] = _handler(name)
        router.SERVICE_PATTERNS[name] = {"target_prefixes": [service.target_prefix]} if service.target_prefix else {}
        iam_actions.SERVICE_TO_IAM_NAMESPACE[name] = service.iam_namespace or name
        if service.model:
            iam_actions._BOTOCORE_SERVICE_MAP[name] = [service.model]
        resource_of(name, resources.resource_arn)
    # moto takes a second to import, which would be the first caller's, often a Lambda function with a time-out.
    threading.Thread(target=_application, daemon=True, name="moto-import").start()


@cache
def _application() -> Any:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    return DomainDispatcherApplication(create_backend_app)


def _handler(service: str) -> Any:
    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]) -> Any:
        from ministack.core.responses import get_account_id

        environ = _environ(method, path, headers, body, query, get_account_id())
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        return await asyncio.to_thread(page_sizes.paged, service, operation, environ, body, _call)

    return handle


def _environ(
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]], account: str
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


def _call(environ: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
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
