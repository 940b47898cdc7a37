"""What each part of a policy is needed for: the first entry that fits its name."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from tests.journey.hub import Hub
from tests.journey.spoke import Spoke

from .accounts import HUB, NAME, REGION, SPOKE
from .conftest import World
from .event_trials import EventTrials
from .function_trials import FunctionTrials

Trial = Callable[[], bool]
_ROLE = f"{NAME}-{REGION}"
_LETTERS = {HUB: f"{NAME}-function-dead-letters", SPOKE: f"{NAME}-spoke-dead-letters"}
_FUNCTIONS = {"archive": HUB, "refresh": HUB, "watch": HUB, "extract": SPOKE}
# Account, side, schedule and function.
_SCHEDULES = [(HUB, "hub", "refresh"), (HUB, "hub", "watch"), (SPOKE, "spoke", "extract")]


class Needs:
    """The trials of the world, by patterns of a policy's name and of what is taken away from it."""

    def __init__(self, world: World, hub: Hub, spoke: Spoke) -> None:
        self._functions, self._events = FunctionTrials(world, hub, spoke), EventTrials(world, hub, spoke)
        self.table: dict[str, Trial] = {
            f"role {_ROLE}-archive sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes)": self._functions.mapping,
            **self._of_functions(),
            **self._of_schedules(),
            **self._of_ways(),
            **self._of_letters(hub.bus_arn, spoke.bus_arn, world.outputs["keys"]),
        }

    def of(self, told: str) -> str:
        """The pattern of a part, such as `role guard-eu-west-1-watch dynamodb:Scan on ...`."""
        for pattern in self.table:
            if re.match(pattern, told):
                return pattern
        raise AssertionError(f"nothing is known to need {told}: try what needs it, or take it out of the modules")

    def be_patient(self, seconds: float) -> None:
        """How long to wait for what is expected."""
        for trials in (self._functions, self._events):
            trials.patience, trials.waited = seconds, 0.0

    def waited(self) -> float:
        """How long the last trial waited."""
        return max(self._functions.waited, self._events.waited)

    def _of_functions(self) -> dict[str, Trial]:
        does = self._functions
        ordinary = {"archive": does.archive, "refresh": does.refresh, "watch": does.watch, "extract": does.extract}
        table: dict[str, Trial] = {}
        for name, account in _FUNCTIONS.items():
            function, role = f"{NAME}-{name}", f"role {_ROLE}-{name} "
            table[f"{role}logs:"] = partial(does.log, account, function)
            if name != "archive":
                table[f"{role}sqs:SendMessage"] = partial(does.letter_of_function, account, function, _LETTERS[account])
            table[role] = ordinary[name]
            table[f"trust {_ROLE}-{name} "] = partial(does.renew_function, account, function)
        return table

    def _of_schedules(self) -> dict[str, Trial]:
        does = self._functions
        table: dict[str, Trial] = {}
        for account, side, name in _SCHEDULES:
            role, function = f"{_ROLE}-{side}-schedule", f"{NAME}-{name}"
            letter = partial(does.letter_of_schedule, account, f"{NAME}-{name}", role, _LETTERS[account])
            if name != "watch":
                table[f"role {role} sqs:SendMessage"] = letter
            table[f"role {role} (lambda:InvokeFunction on )?arn:.*:function:{function}$"] = partial(
                does.schedule, account, function, function
            )
            table[f"trust {role} "] = partial(does.renew_schedule, account, function, f"{NAME}-{side}")
        return table

    def _of_ways(self) -> dict[str, Trial]:
        to_spoke, to_hub = self._events.request_reaches_spoke, self._events.value_reaches_hub
        return {
            f"(role|trust) {_ROLE}-to-spokes ": to_spoke,
            f"(role|trust) {_ROLE}-to-hubs ": to_hub,
            f"bus {NAME}-hub ": to_hub,
            f"bus {NAME}-spoke ": to_spoke,
            f"queue {NAME}-events ": to_hub,
            f"function {NAME}-extract ": to_spoke,
        }

    def _of_letters(self, hub_bus: str, spoke_bus: str, keys: dict[str, str]) -> dict[str, Trial]:
        does = self._events
        table: dict[str, Trial] = {
            f"queue {NAME}-rule-dead-letters ": does.letter_of_archive_rule,
            f"queue {NAME}-spoke-dead-letters ": does.letter_of_extraction_rule,
        }
        for account, bus, side, prefix, others in (
            (HUB, hub_bus, "hub", "", "spokes"),
            (SPOKE, spoke_bus, "spoke", "spoke-", "hubs"),
        ):
            queue = f"{NAME}-{prefix}bus-dead-letters"
            table[f"queue {queue} "] = partial(does.letter_of_bus, account, bus, keys[side], queue)
            queue = f"{NAME}-to-{others}-dead-letters"
            table[f"queue {queue} "] = partial(does.letter_of_forwarding, account, bus, f"{_ROLE}-to-{others}", queue)
        return table
