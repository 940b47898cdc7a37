"""What PutTargets refuses.

AWS refuses a target that is another account's or region's event bus while that bus's policy does not permit the
caller's account, an input transformer on such a target, and more than five targets on a rule.

The engine asks for a role on such a target, and for nothing else.

Replaces `eventbridge._put_targets`. Conditions on `events:source` and `events:detail-type` are left aside here: they
are about events, and there is none yet.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ds_dashboard_local.gaps import event_bus_policy

TARGETS_A_RULE = 5


def close(engine: Any, state: Path) -> None:
    from ministack.core.responses import error_response_json, get_account_id, get_region
    from ministack.services import eventbridge

    put_targets = eventbridge._put_targets

    def _put_targets(data: dict[str, Any]) -> Any:
        key = eventbridge._rule_key(data.get("Rule"), data.get("EventBusName") or "default")
        targets = data.get("Targets", [])
        rule = eventbridge._rules.get(key)
        for target in targets:
            arn = str(target.get("Arn", ""))
            if rule is None or ":event-bus/" not in arn or not target.get("RoleArn"):
                continue
            _, _, _, region, account, _ = arn.split(":", 5)
            if (account, region) == (get_account_id(), get_region()):
                continue
            if target.get("InputTransformer"):
                return error_response_json(
                    "ValidationException", f"InputTransformer is not supported for the target {arn}.", 400
                )
            if not _permits(arn, rule["Arn"], target["RoleArn"]):
                message = f"The policy of {arn} does not permit account {get_account_id()} to perform events:PutEvents"
                return error_response_json("AccessDeniedException", message, 400)
        identifiers = {t["Id"] for t in eventbridge._targets.get(key) or []} | {t["Id"] for t in targets}
        if rule is not None and len(identifiers) > TARGETS_A_RULE:
            return error_response_json(
                "LimitExceededException", "The requested resource exceeds the maximum number allowed.", 400
            )
        return put_targets(data)

    eventbridge._put_targets = _put_targets


def _permits(bus_arn: str, rule_arn: str, role_arn: str) -> bool:
    from ministack.core import iam_evaluator

    found = event_bus_policy.policy_of(bus_arn)
    if found is None or found[0] is None:
        return False
    _, _, _, region, account, _ = rule_arn.split(":", 5)
    context = iam_evaluator.EvalContext(
        principal_arn=role_arn,
        principal_type="AssumedRole",
        principal_account=account,
        action="events:PutEvents",
        resource_arn=bus_arn,
        region=region,
        service_context={"aws:sourcearn": rule_arn, "aws:sourceaccount": account},
    )
    statements = [_without_event_conditions(statement) for statement in found[0]["Statement"]]
    return bool(iam_evaluator.evaluate_resource_policy({"Statement": statements}, context).decision == "Allow")


def _without_event_conditions(statement: dict[str, Any]) -> dict[str, Any]:
    conditions = {
        operator: {key: value for key, value in keys.items() if not key.lower().startswith("events:")}
        for operator, keys in (statement.get("Condition") or {}).items()
    }
    return {**statement, "Condition": conditions}
