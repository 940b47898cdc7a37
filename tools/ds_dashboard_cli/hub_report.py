"""The report that a hub writes to its bucket, fetched with the reader's own credentials."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ds_dashboard.client.errors import error_code
from ds_dashboard_cli.errors import UserError

if TYPE_CHECKING:
    from ds_dashboard.client import Hub

REPORT = "report.html"
_LINKED = re.compile(r'href="(report-projects/project-[0-9]{5,7}\.html)"')
_MISSING = {
    "NoSuchBucket": (
        "does not exist: the hub writes no report.",
        'Set report = { schedule = "cron(0 7 * * ? *)" } of the hub, and apply it; or run: ds-dashboard report -o FILE',
    ),
    "NoSuchKey": (
        "has no report yet: the schedule of the hub has not run.",
        "Wait for it, or run: aws lambda invoke --function-name {function} /dev/stdout",
    ),
}
# S3 answers AccessDenied for a key that does not exist to a reader who may not list the bucket.
_DENIED = (
    "cannot be read: your permissions do not cover it, or there is no report yet.",
    "Ask for the hub's output reader_policy_json, and look at the log of the function {function}.",
)


def fetch(hub: Hub, name: str = REPORT) -> dict[str, str]:
    """Fetch the report, and the files of projects that it links to.

    Args:
        hub: the hub.
        name: the name that the report itself gets, to which the other files link back.

    Returns:
        Name -> HTML.

    Raises:
        UserError: the hub has no report, or the reader may not read it.
    """
    account, region = hub.installation.account, hub.installation.region
    names, s3 = hub.installation.names, hub.installation.client("s3")
    bucket = names.report_bucket(account, region)

    def read(key: str) -> str:
        return _read(s3, bucket, key, account, names.function("report"))

    text = read(REPORT)
    back, here = f'href="../{REPORT}"', f'href="../{quote(name)}"'
    others = {key: read(key).replace(back, here) for key in dict.fromkeys(_LINKED.findall(text))}
    return {**others, name: text}


def _read(s3: Any, bucket: str, key: str, account: str, function: str) -> str:
    from botocore.exceptions import ClientError

    try:
        answer = s3.get_object(Bucket=bucket, Key=key, ExpectedBucketOwner=account)
    except ClientError as error:
        code = error_code(error)
        known = _DENIED if code in ("AccessDenied", "403") else _MISSING.get(code)
        if known is None:
            raise
        reason, fix = known
        raise UserError(f"bucket {bucket}", reason, fix.replace("{function}", function)) from error
    content: bytes = answer["Body"].read()
    return (gzip.decompress(content) if answer.get("ContentEncoding") == "gzip" else content).decode()
