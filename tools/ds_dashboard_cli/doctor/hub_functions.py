"""Checks of the hub's functions: what they read, what their roles allow, and what feeds the archive."""

from __future__ import annotations

from collections.abc import Mapping

from ds_dashboard.client.settings import PATH, HubSettings
from ds_dashboard.identity import EVENTS_QUEUE, REJECTED_QUEUE, TABLES
from ds_dashboard_cli.doctor import named_metrics, resources
from ds_dashboard_cli.doctor.account import Need
from ds_dashboard_cli.doctor.context import Context

_TABLE_VARIABLES = {
    "metrics": "DS_DASHBOARD_HISTORY_TABLE",
    "latest": "DS_DASHBOARD_LATEST_TABLE",
    "spokes": "DS_DASHBOARD_SPOKES_TABLE",
}
TIMEOUTS = {"archive": 60, "refresh": 30, "watch": 60, "report": 900, "widget": 60}
# Functions that a hub has if a variable of the module is set.
_OPTIONAL = {"report", "widget"}


def check(context: Context, settings: HubSettings) -> None:
    """Check each function of the hub, what feeds it, and that all of them run one package.

    Args:
        context: the context of the checks.
        settings: the settings of the watch function.
    """
    tables = {variable: context.names.table(role) for role, variable in _TABLE_VARIABLES.items()}
    name = {"DS_DASHBOARD_NAME": context.names.name}
    rejected = None
    with context.report.checking(f"queue {context.names.queue(REJECTED_QUEUE)}"):
        rejected = context.account.queue(context.names.queue(REJECTED_QUEUE))
    environments = {
        "archive": {
            **name,
            **tables,
            **({"DS_DASHBOARD_REJECTED_QUEUE_URL": rejected["QueueUrl"]} if rejected else {}),
            PATH: settings.path,
        },
        "refresh": {"DS_DASHBOARD_EVENT_BUS": context.names.bus("hub")},
        "watch": {
            **name,
            **{variable: tables[variable] for variable in tables if variable != _TABLE_VARIABLES["metrics"]},
            PATH: settings.path,
        },
        "report": {**name, PATH: settings.path, "DS_DASHBOARD_REPORT_BUCKET": _report_bucket(context)},
        "widget": {**name, PATH: settings.path},
    }
    packages: dict[str, str] = {}
    for role, needs in _function_needs(context, settings).items():
        if role in _OPTIONAL and not _was_created(context, role):
            continue
        function = resources.check_function(context, role, needs, "hub", environments[role], TIMEOUTS[role])
        if function is None:
            continue
        if resources.package_hash(function) is None:
            packages[role] = str(function.get("CodeSha256"))
        if role == "archive":
            _check_event_source_mapping(context)
        elif role == "widget":
            # The console waits for its answer, so there is nothing to send elsewhere.
            _check_dashboard(context)
        else:
            resources.check_failure_destination(context, role, "function-dead-letters", "hub")
    _check_same_package(context, packages)


def _was_created(context: Context, role: str) -> bool:
    """Return whether the hub has an optional function, or has only its log group: then the function was deleted."""
    if context.account.function(context.names.function(role)) is not None:
        return True
    with context.report.checking(f"function {context.names.function(role)}"):
        return context.account.log_group(context.names.log_group(role)) is not None
    return False


def _check_dashboard(context: Context) -> None:
    name = context.names.dashboard(context.account.region)
    with context.report.checking(f"dashboard {name}"):
        context.report.check(
            context.account.has_dashboard(name),
            f"dashboard {name}",
            "does not exist: nobody sees what the hub's widget shows.",
            context.remedies.apply("hub"),
        )


def _function_needs(context: Context, settings: HubSettings) -> Mapping[str, list[Need]]:
    """Return the actions and resources that the role of each function must allow."""
    tables = {role: context.account.arn("dynamodb", f"table/{context.names.table(role)}") for role in TABLES}
    events, path = context.queue_arn(EVENTS_QUEUE), context.account.arn("ssm", f"parameter{settings.path}")
    dead_letters = Need("sqs:SendMessage", context.queue_arn("function-dead-letters"))
    key = (context.account.queue(context.names.queue(EVENTS_QUEUE)) or {}).get("KmsMasterKeyId", "")
    pages = [
        Need("ssm:GetParametersByPath", path),
        *(Need("dynamodb:Scan", tables[role]) for role in ("latest", "spokes")),
        *(Need("dynamodb:Query", tables[role]) for role in ("latest", "metrics")),
        Need("dynamodb:Query", f"{tables['metrics']}/index/BySeries"),
    ]
    return {
        "archive": [
            *(Need(f"sqs:{action}", events) for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")),
            Need("sqs:SendMessage", context.queue_arn(REJECTED_QUEUE)),
            Need("ssm:GetParameters", f"{path}/x/y"),
            *(Need(f"dynamodb:{action}", tables["metrics"]) for action in ("PartiQLInsert", "Query")),
            *(Need(f"dynamodb:{action}", tables["latest"]) for action in ("PartiQLInsert", "PartiQLUpdate")),
            Need("dynamodb:GetItem", tables["spokes"]),
            Need("dynamodb:UpdateItem", tables["spokes"]),
            *named_metrics.needs(context, tables["latest"]),
            *_needs_of_totals(context, "archive", tables["latest"]),
            *(Need(action, key, "sqs") for action in ("kms:Decrypt", "kms:GenerateDataKey") if key.startswith("arn:")),
        ],
        "refresh": [Need("events:PutEvents", context.bus_arn("hub")), dead_letters],
        "watch": [
            Need("ssm:GetParametersByPath", path),
            Need("dynamodb:Scan", tables["spokes"]),
            Need("dynamodb:Query", tables["latest"]),
            *_needs_of_totals(context, "watch", tables["latest"]),
            dead_letters,
        ],
        "widget": pages,
        "report": [
            *pages,
            Need("s3:PutObject", f"arn:{context.account.partition}:s3:::{_report_bucket(context)}/report.html"),
            *(Need("kms:GenerateDataKey", one, "s3") for one in (key,) if one.startswith("arn:")),
            dead_letters,
        ],
    }


def _needs_of_totals(context: Context, role: str, table_arn: str) -> list[Need]:
    """Return what the role of the archive or the watch must allow to publish sums of values, if it publishes any."""
    return [Need("dynamodb:Scan", table_arn)] if named_metrics.published(context, role) else []


def _report_bucket(context: Context) -> str:
    return context.names.report_bucket(context.account.id, context.account.region)


def _check_same_package(context: Context, packages: Mapping[str, str]) -> None:
    """Check that all functions that do not record the hash of their package run the same one."""
    for role, own in packages.items():
        others = [package for other, package in packages.items() if other != role]
        if own not in others and len(set(others)) == 1:
            name = context.names.function(role)
            context.report.broken(
                f"function {name}",
                "runs another package than the other functions of the hub.",
                context.remedies.replace_function("hub", role),
            )


def _check_event_source_mapping(context: Context) -> None:
    function, queue = context.names.function("archive"), context.names.queue(EVENTS_QUEUE)
    thing, report, remedy = f"event source mapping of {function}", context.report, context.remedies.apply("hub")
    with report.checking(thing):
        mappings = context.account.mappings(function, context.queue_arn(EVENTS_QUEUE))
        if not report.check(bool(mappings), thing, f"does not exist for {queue}: no event is archived.", remedy):
            return
        mapping = mappings[0]
        update = ("lambda", "update-event-source-mapping", "--uuid", mapping["UUID"])
        report.check(
            mapping["State"] not in ("Disabled", "Disabling"),
            thing,
            "is disabled: events wait in the queue for at most four days.",
            context.remedies.aws(*update, "--enabled"),
        )
        report.check(
            "ReportBatchItemFailures" in mapping.get("FunctionResponseTypes", ()),
            thing,
            "does not use partial batch responses: one failed event makes up to a hundred return to the queue.",
            remedy,
        )
        report.check(
            not mapping.get("FilterCriteria", {}).get("Filters"),
            thing,
            "filters messages: those that match no filter are deleted and not archived.",
            context.remedies.aws(*update, "--filter-criteria", "{}"),
        )
        result = str(mapping.get("LastProcessingResult", ""))
        if result.startswith("PROBLEM"):
            report.broken(
                thing, result, context.remedies.aws("logs", "tail", context.names.log_group("archive"), "--since", "1h")
            )
