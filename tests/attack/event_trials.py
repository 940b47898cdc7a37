"""What buses, rules and queues do: the smallest thing for each of their permissions."""

from __future__ import annotations

from tests.journey.spoke import result

from ds_dashboard import ulid

from .accounts import HUB, NAME, SPOKE
from .function_trials import NOBODY
from .parts import without
from .policies import FunctionPolicy, KeyPolicy, QueuePolicy, RolePolicy
from .trials import Trials


class EventTrials(Trials):
    """The ways of events, and where they lie if they cannot go on."""

    def request_reaches_spoke(self) -> bool:
        """A refresh on the hub's bus starts the spoke's extraction."""
        refresh_id = ulid.new()
        self.put(HUB, self.hub.bus_arn, {"RefreshId": refresh_id, **NOBODY})
        return self.soon(
            lambda: bool(self.spoke.log(RefreshId=refresh_id)),
            unless=lambda: (
                self.has_letter(HUB, f"{NAME}-to-spokes-dead-letters", refresh_id)
                or self.has_letter(SPOKE, f"{NAME}-spoke-dead-letters", refresh_id)
            ),
        )

    def value_reaches_hub(self) -> bool:
        """A value on the spoke's bus becomes an item of the hub's history."""
        metric = ulid.new()
        self.put(SPOKE, self.spoke.bus_arn, result("Spoke", "dev", metric, 1))
        return self.soon(
            lambda: bool(self.hub.history(MetricName=metric)),
            unless=lambda: (
                self.has_letter(SPOKE, f"{NAME}-to-hubs-dead-letters", metric)
                or self.has_letter(HUB, f"{NAME}-rule-dead-letters", metric)
            ),
        )

    def letter_of_forwarding(self, account: str, bus: str, role: str, queue: str) -> bool:
        """What a rule may not forward goes to its dead letters."""
        marker = ulid.new()
        with without(RolePolicy(self.world.client("iam", account), role, "forward"), "events:PutEvents"):
            detail = {"RefreshId": marker, **NOBODY} if account == HUB else result("Spoke", "dev", marker, 1)
            self.put(account, bus, detail)
            return self.lies_on(account, queue, marker)

    def letter_of_archive_rule(self) -> bool:
        """What the archive's rule may not put on the queue goes to the rule's dead letters."""
        metric = ulid.new()
        with without(QueuePolicy(self.world.client("sqs", HUB), self.hub.outputs["queue_url"]), "sqs:SendMessage"):
            self.put(SPOKE, self.hub.bus_arn, result("Spoke", "dev", metric, 1))
            return self.lies_on(HUB, f"{NAME}-rule-dead-letters", metric)

    def letter_of_extraction_rule(self) -> bool:
        """A refresh that may not start the extraction goes to the rule's dead letters."""
        refresh_id = ulid.new()
        with without(FunctionPolicy(self.world.client("lambda", SPOKE), f"{NAME}-extract"), "lambda:InvokeFunction"):
            self.put(SPOKE, self.spoke.bus_arn, {"RefreshId": refresh_id, **NOBODY})
            return self.lies_on(SPOKE, f"{NAME}-spoke-dead-letters", refresh_id)

    def letter_of_bus(self, account: str, bus: str, key: str, queue: str) -> bool:
        """What the key does not let on a bus lies encrypted in the bus's dead letters."""
        before = len(self.letters(account, queue))
        with without(KeyPolicy(self.world.client("kms", account), key), "kms:EncryptionContext:aws:events"):
            self.put(account, bus, {"RefreshId": ulid.new(), **NOBODY})
            return self.soon(lambda: len(self.letters(account, queue)) > before)
