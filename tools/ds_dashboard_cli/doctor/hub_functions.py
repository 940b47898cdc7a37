"""The hub's functions: archive, refresh and watch."""

from __future__ import annotations

from collections.abc import Mapping

from ds_dashboard.client.settings import PATH, SILENT_AFTER, HubSettings, parse_hours
from ds_dashboard_cli.doctor import functions, tables
from ds_dashboard_cli.doctor.context import Context

_TABLES = {"HISTORY": "metrics", "LATEST": "latest", "SPOKES": "spokes"}
SECONDS = {"archive": 60, "refresh": 30, "watch": 60}


def check(context: Context, settings: HubSettings) -> None:
    """Each function can run, and may do what it does."""
    arns = {role: context.account.arn("dynamodb", f"table/{context.hub.table(role)}") for role in tables.KEYS}
    events, path = context.queue_arn("events"), context.account.arn("ssm", f"parameter{settings.path}")
    letters = ("sqs:SendMessage", context.queue_arn("function-dead-letters"))
    needs: Mapping[str, list[tuple[str, str]]] = {
        "archive": [
            *((f"sqs:{action}", events) for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")),
            ("sqs:SendMessage", context.queue_arn("rejected")),
            ("ssm:GetParameters", f"{path}/x/y"),
            *((f"dynamodb:{action}", arns["metrics"]) for action in ("PartiQLInsert", "Query")),
            *((f"dynamodb:{action}", arns["latest"]) for action in ("PartiQLInsert", "PartiQLUpdate")),
            ("dynamodb:UpdateItem", arns["spokes"]),
            *_key_of_queue(context),
        ],
        "refresh": [("events:PutEvents", context.bus_arn("hub")), letters],
        "watch": [
            ("ssm:GetParametersByPath", path),
            ("dynamodb:Scan", arns["spokes"]),
            ("dynamodb:Query", arns["latest"]),
            letters,
        ],
    }
    names = {f"DS_DASHBOARD_{role}_TABLE": context.hub.table(table) for role, table in _TABLES.items()}
    registry = {PATH: settings.path}
    environments = {
        "archive": {**names, **registry},
        "refresh": {"DS_DASHBOARD_EVENT_BUS": f"{context.hub.name}-hub"},
        "watch": {**registry, **{name: names[name] for name in names if "HISTORY" not in name}},
    }
    code: dict[str, str] = {}
    for role, wanted in needs.items():
        function = functions.check(context, role, wanted, "hub", environments[role], SECONDS[role])
        if function is None:
            continue
        code[role] = str(function.get("CodeSha256"))
        if role == "archive":
            _check_mapping(context)
            continue
        functions.check_failure_destination(context, role, "function-dead-letters", "hub")
        if role == "watch":
            hours = function.get("Environment", {}).get("Variables", {}).get(SILENT_AFTER)
            context.report.check(
                parse_hours(hours) is not None,
                f"function {context.hub.name}-watch",
                f"has {SILENT_AFTER} = {hours!r}, which is no number of hours: no silent spoke is noticed.",
                context.remedies.apply("hub"),
            )

    _check_code(context, code)


def _check_code(context: Context, code: Mapping[str, str]) -> None:
    """All functions run from one package. Terraform does not notice where one has been given another."""
    for role, own in code.items():
        others = [one for name, one in code.items() if name != role]
        if own not in others and len(set(others)) == 1:
            name = f"{context.hub.name}-{role}"
            context.report.broken(
                f"function {name}",
                "runs another package than the hub's other functions.",
                context.remedies.aws(
                    *("lambda", "update-function-code", "--function-name", name),
                    *("--zip-file", "fileb://ds_dashboard.zip"),
                ),
            )


def _key_of_queue(context: Context) -> list[tuple[str, str]]:
    key = (context.account.queue(f"{context.hub.name}-events") or {}).get("KmsMasterKeyId", "")
    return [("kms:Decrypt", key), ("kms:GenerateDataKey", key)] if key.startswith("arn:") else []


def _check_mapping(context: Context) -> None:
    name = f"{context.hub.name}-archive"
    thing = f"event source mapping of {name}"
    with context.report.looking_at(thing):
        mappings = context.account.mappings(name, context.queue_arn("events"))
        if not context.report.check(
            bool(mappings),
            thing,
            f"there is none for {context.hub.name}-events: nothing is archived.",
            context.remedies.apply("hub"),
        ):
            return
        mapping = mappings[0]
        context.report.check(
            mapping["State"] not in ("Disabled", "Disabling"),
            thing,
            "is disabled: events wait in the queue, for four days at most.",
            context.remedies.aws("lambda", "update-event-source-mapping", "--uuid", mapping["UUID"], "--enabled"),
        )
        context.report.check(
            "ReportBatchItemFailures" in mapping.get("FunctionResponseTypes", ()),
            thing,
            "does not take partial batch responses: one event that fails would send back a hundred.",
            context.remedies.apply("hub"),
        )
        context.report.check(
            not mapping.get("FilterCriteria", {}).get("Filters"),
            thing,
            "filters messages: what its filters do not take is deleted and never archived.",
            context.remedies.aws(
                *("lambda", "update-event-source-mapping", "--uuid", mapping["UUID"], "--filter-criteria", "{}")
            ),
        )
        result = str(mapping.get("LastProcessingResult", ""))
        if result.startswith("PROBLEM"):
            context.report.broken(
                thing, result, context.remedies.aws("logs", "tail", f"/aws/lambda/{name}", "--since", "1h")
            )
