"""The hub's functions: archive, refresh and watch."""

from __future__ import annotations

from collections.abc import Mapping

from ds_dashboard_cli.doctor import functions, tables
from ds_dashboard_cli.doctor.walk import Walk
from ds_dashboard_cli.hub.settings import PATH, SILENT_AFTER, HubSettings, span

_TABLES = {"HISTORY": "metrics", "LATEST": "latest", "SPOKES": "spokes"}
SECONDS = {"archive": 60, "refresh": 30, "watch": 60}


def check(walk: Walk, settings: HubSettings) -> None:
    """Each function can run, and may do what it does."""
    arns = {role: walk.account.arn("dynamodb", f"table/{walk.hub.table(role)}") for role in tables.KEYS}
    events, path = walk.queue_arn("events"), walk.account.arn("ssm", f"parameter{settings.path}")
    letters = ("sqs:SendMessage", walk.queue_arn("function-dead-letters"))
    needs: Mapping[str, list[tuple[str, str]]] = {
        "archive": [
            *((f"sqs:{action}", events) for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")),
            ("sqs:SendMessage", walk.queue_arn("rejected")),
            ("ssm:GetParameters", f"{path}/x/y"),
            *((f"dynamodb:{action}", arns["metrics"]) for action in ("PartiQLInsert", "Query")),
            *((f"dynamodb:{action}", arns["latest"]) for action in ("PartiQLInsert", "PartiQLUpdate")),
            ("dynamodb:UpdateItem", arns["spokes"]),
            *_key_of_queue(walk),
        ],
        "refresh": [("events:PutEvents", walk.bus_arn("hub")), letters],
        "watch": [
            ("ssm:GetParametersByPath", path),
            ("dynamodb:Scan", arns["spokes"]),
            ("dynamodb:Query", arns["latest"]),
            letters,
        ],
    }
    names = {f"DS_DASHBOARD_{role}_TABLE": walk.hub.table(table) for role, table in _TABLES.items()}
    registry = {PATH: settings.path}
    environments = {
        "archive": {**names, **registry},
        "refresh": {"DS_DASHBOARD_EVENT_BUS": f"{walk.hub.name}-hub"},
        "watch": {**registry, **{name: names[name] for name in names if "HISTORY" not in name}},
    }
    code: dict[str, str] = {}
    for role, wanted in needs.items():
        function = functions.check(walk, role, wanted, "hub", environments[role], SECONDS[role])
        if function is None:
            continue
        code[role] = str(function.get("CodeSha256"))
        if role == "archive":
            _check_mapping(walk)
            continue
        functions.check_failure_destination(walk, role, "function-dead-letters", "hub")
        if role == "watch":
            hours = function.get("Environment", {}).get("Variables", {}).get(SILENT_AFTER)
            walk.report.check(
                span(hours) is not None,
                f"function {walk.hub.name}-watch",
                f"has {SILENT_AFTER} = {hours!r}, which is no number of hours: no silent spoke is noticed.",
                walk.cures.apply("hub"),
            )

    _check_code(walk, code)


def _check_code(walk: Walk, code: Mapping[str, str]) -> None:
    """All functions run from one package. Terraform does not notice where one has been given another."""
    for role, own in code.items():
        others = [one for name, one in code.items() if name != role]
        if own not in others and len(set(others)) == 1:
            name = f"{walk.hub.name}-{role}"
            walk.report.broken(
                f"function {name}",
                "runs another package than the hub's other functions.",
                walk.cures.aws(
                    *("lambda", "update-function-code", "--function-name", name),
                    *("--zip-file", "fileb://ds_dashboard.zip"),
                ),
            )


def _key_of_queue(walk: Walk) -> list[tuple[str, str]]:
    key = (walk.account.queue(f"{walk.hub.name}-events") or {}).get("KmsMasterKeyId", "")
    return [("kms:Decrypt", key), ("kms:GenerateDataKey", key)] if key.startswith("arn:") else []


def _check_mapping(walk: Walk) -> None:
    name = f"{walk.hub.name}-archive"
    thing = f"event source mapping of {name}"
    with walk.report.looking_at(thing):
        mappings = walk.account.mappings(name, walk.queue_arn("events"))
        if not walk.report.check(
            bool(mappings),
            thing,
            f"there is none for {walk.hub.name}-events: nothing is archived.",
            walk.cures.apply("hub"),
        ):
            return
        mapping = mappings[0]
        walk.report.check(
            mapping["State"] not in ("Disabled", "Disabling"),
            thing,
            "is disabled: events wait in the queue, for four days at most.",
            walk.cures.aws("lambda", "update-event-source-mapping", "--uuid", mapping["UUID"], "--enabled"),
        )
        walk.report.check(
            "ReportBatchItemFailures" in mapping.get("FunctionResponseTypes", ()),
            thing,
            "does not take partial batch responses: one event that fails would send back a hundred.",
            walk.cures.apply("hub"),
        )
        walk.report.check(
            not mapping.get("FilterCriteria", {}).get("Filters"),
            thing,
            "filters messages: what its filters do not take is deleted and never archived.",
            walk.cures.aws(
                *("lambda", "update-event-source-mapping", "--uuid", mapping["UUID"], "--filter-criteria", "{}")
            ),
        )
        result = str(mapping.get("LastProcessingResult", ""))
        if result.startswith("PROBLEM"):
            walk.report.broken(thing, result, walk.cures.aws("logs", "tail", f"/aws/lambda/{name}", "--since", "1h"))
