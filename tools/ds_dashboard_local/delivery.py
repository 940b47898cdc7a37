"""What delivering an event to a target has in common, whichever service asks for it and whatever the target is."""

from dataclasses import dataclass
from typing import Any


class DeliveryFailed(Exception):
    """A delivery that did not come about; `code` is one of the error codes EventBridge puts on dead letters.

    `retried` is true where AWS tries again: not for a missing permission, target or role.
    """

    def __init__(self, code: str, message: str, *, retried: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.retried = retried


@dataclass(frozen=True)
class Sender:
    """The service that delivers, and the rule or schedule on whose behalf it does."""

    service: str  # events.amazonaws.com
    source_arn: str
    account: str

    def context(self) -> dict[str, str]:
        """The condition keys that a policy sees of it."""
        return {"aws:sourcearn": self.source_arn, "aws:sourceaccount": self.account}


def trusts(role_arn: str, sender: Sender) -> bool:
    """Whether the role exists in the sender's account and its trust policy lets the sender's service assume it."""
    from ministack.core import iam_evaluator
    from ministack.services import iam

    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    role = iam._roles.get_scoped(account, None, name)
    if role is None or account != sender.account:
        return False
    asked = service_question("sts:AssumeRole", role_arn, sender)
    trust = role["AssumeRolePolicyDocument"]
    return bool(iam_evaluator.evaluate_resource_policy(trust, asked, sender.service).decision == "Allow")


def service_question(action: str, resource: str, sender: Sender, keys: dict[str, str] | None = None) -> Any:
    """What a resource's policy is asked about a service that acts on its own, with `keys` beside the sender's."""
    from ministack.core import iam_evaluator

    return iam_evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource,
        region=resource.split(":")[3],
        service_context={**sender.context(), **(keys or {})},
    )


def require_role(
    role_arn: str, action: str, resource: str, sender: Sender, context: dict[str, str] | None = None
) -> Any:
    """The evaluation context of the role, once trust and permissions both allow `action` on `resource`.

    Raises DeliveryFailed: FAILED_TO_ASSUME_ROLE for the trust, NO_PERMISSIONS for the role's policies.
    """
    from ministack.core import iam_evaluator
    from ministack.services import iam

    if not trusts(role_arn, sender):
        raise DeliveryFailed(
            "FAILED_TO_ASSUME_ROLE", f"{sender.service} cannot assume {role_arn} for {sender.source_arn}"
        )
    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    acting = iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{name}/{sender.service.split('.')[0]}",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=resource.split(":")[3],
        service_context={**sender.context(), **(context or {})},
    )
    boundary = iam_evaluator._permissions_boundary(iam._roles, name, account)
    policies = iam_evaluator._gather_role_policies(name, account)
    if iam_evaluator.evaluate(acting, policies, *boundary).decision != "Allow":
        raise DeliveryFailed("NO_PERMISSIONS", f"{role_arn} is not authorized to perform {action} on {resource}")
    return acting


def require_queue_policy(queue_arn: str, sender: Sender) -> None:
    """Raise DeliveryFailed unless the queue exists and its policy lets the sender put messages on it."""
    from ministack.services import sqs

    from ds_dashboard_local.gaps import encrypted_queues

    if sqs._queue_by_arn(queue_arn) is None:
        raise DeliveryFailed("NO_RESOURCE", f"queue {queue_arn} does not exist")
    if not sqs.queue_policy_allows(queue_arn, sender.service, sender.source_arn, sender.account):
        raise DeliveryFailed(
            "NO_PERMISSIONS", f"the policy of {queue_arn} does not allow {sender.service} for {sender.source_arn}"
        )
    encrypted_queues.require_key(queue_arn, sender)


def put_on_queue(
    queue_arn: str, body: str, attributes: dict[str, str] | None = None, parameters: dict[str, Any] | None = None
) -> None:
    """Put a message on a queue of the current account and region, within the queue's size limit."""
    import hashlib
    import time

    from ministack.core.concurrency import esm_wake
    from ministack.core.responses import new_uuid
    from ministack.services import sqs

    queue = sqs._queue_by_arn(queue_arn)
    if queue is None:
        raise DeliveryFailed("NO_RESOURCE", f"queue {queue_arn} does not exist")
    described = {name: {"DataType": "String", "StringValue": value} for name, value in (attributes or {}).items()}
    size = len(body.encode()) + sum(len(n) + len("String") + len(v.encode()) for n, v in (attributes or {}).items())
    limit = int(queue["attributes"].get("MaximumMessageSize", "1048576"))
    if size > limit:
        raise DeliveryFailed("SDK_CLIENT_ERROR", f"the message has {size} bytes, {queue_arn} takes {limit}")
    now = time.time()
    message: dict[str, Any] = {
        "id": new_uuid(),
        "body": body,
        "md5_body": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        "md5_attrs": sqs._md5_msg_attrs(described) if described else None,
        "message_attributes": described,
        "sent_at": now,
        "visible_at": now + sqs.queue_delay(queue),
        "sys": {"SenderId": "AIDAEVENTBRIDGE", "SentTimestamp": str(int(now * 1000))},
    }
    if queue.get("is_fifo"):
        queue["fifo_seq"] = queue.get("fifo_seq", 0) + 1
        message["group_id"] = (parameters or {}).get("MessageGroupId", "")
        message["dedup_id"] = hashlib.sha256(body.encode()).hexdigest()
        message["seq"] = str(queue["fifo_seq"]).zfill(20)
    sqs._ensure_msg_fields(message)
    with sqs._queues_lock:  # see the `queue_polling` gap
        queue["messages"].append(message)
    esm_wake.set()


def invoke_function(function_arn: str, event: Any, sender: Sender) -> None:
    """Accept an asynchronous invocation, once the function exists and its policy lets the sender invoke it."""
    from ministack.core import iam_evaluator
    from ministack.services import lambda_svc

    function, configuration, name = lambda_svc._get_func_record_for_ref(function_arn)
    if function is None or configuration is None:
        raise DeliveryFailed("NO_RESOURCE", f"function {function_arn} does not exist")
    asked = service_question("lambda:InvokeFunction", function_arn, sender)
    policy = lambda_svc._functions[name]["policy"] if name in lambda_svc._functions else None
    if iam_evaluator.evaluate_resource_policy(policy, asked, sender.service).decision != "Allow":
        raise DeliveryFailed(
            "NO_PERMISSIONS", f"the policy of {function_arn} does not allow {sender.service} for {sender.source_arn}"
        )
    start_function(function_arn, event)


def start_function(function_arn: str, event: Any) -> None:
    """Invoke asynchronously without a question, with the function's retries and destination."""
    from ministack.services import lambda_svc

    function, configuration, _ = lambda_svc._get_func_record_for_ref(function_arn)
    if function is None or configuration is None:
        raise DeliveryFailed("NO_RESOURCE", f"function {function_arn} does not exist")
    lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(function, configuration), event)
