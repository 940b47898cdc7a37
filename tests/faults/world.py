"""The world of the faults: an installation that is applied once, its ledger, and what the tests ask of both."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from ds_dashboard_dev.soak.events import RESULT, RUN, Event, result
from ds_dashboard_dev.soak.installation import Installation
from ds_dashboard_dev.soak.ledger import Ledger, Totals
from ds_dashboard_dev.soak.letters import redrive
from ds_dashboard_dev.soak.sending import send
from ds_dashboard_dev.soak.side import Hub, Item, Spoke
from ds_dashboard_dev.soak.witness import Witness

Found = TypeVar("Found")
ARCHIVE = "*-archive"
BATCH = "dynamodb:BatchExecuteStatement"
# What failed comes again after so many seconds, and is given up after so many times: 360 and 15 as deployed, here two
# minutes in all, since the machine may be busy.
VISIBILITY_SECONDS, MOST_RECEIVES = 3, 40


def eventually(look: Callable[[], Found], what: str, seconds: float = 60) -> Found:
    """The first true answer of `look`; fails with `what` and the last answer where there is none in time."""
    limit = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < limit, f"not within {seconds:.0f} s: {what}; the last answer was {found!r}"
        time.sleep(0.1)
    return found


class World:
    """One hub with its spokes and its ledger.

    Attributes:
        seen: the events of all extractions so far, each time one was put on a bus.
    """

    def __init__(self, installation: Installation, hub: Hub, *spokes: Spoke) -> None:
        self.installation, self.hub, self.spokes = installation, hub, spokes
        self.cloud = installation.cloud
        self.ledger = Ledger(hub)
        self.seen: list[Event] = []
        self._witnesses = [Witness(spoke) for spoke in spokes]

    def send(self, spoke: Spoke, events: Sequence[Event], **options: Any) -> None:
        """Put events on a spoke's bus, as a careful producer does."""
        send(self.ledger, spoke, events, **options)

    def enqueue(self, *events: Event) -> None:
        """Put events on the archive's queue, each under an id of its own, as redeliveries of a rule."""
        self.ledger.enter(events)
        self.hub.enqueue([event.body(str(uuid.uuid4())) for event in events])

    def refresh(self, **narrowing: Any) -> str:
        """Ask for fresh values; returns the refresh's id."""
        return str(self.hub.invoke("refresh_function_name", narrowing)["RefreshId"])

    def answered(self, refresh_id: str, *spokes: Spoke) -> None:
        """Wait until the extractions of `spokes` have put their run events, which come last."""
        wanted = {spoke.project for spoke in spokes}

        def all_ran() -> bool:
            self.watch()
            return wanted <= {_project(event) for event in self.seen if _is(event, RUN, refresh_id)}

        eventually(all_ran, f"runs of {wanted} for refresh {refresh_id}")

    def watch(self) -> None:
        """See what the extractions have put since the last time, and enter it."""
        for witness in self._witnesses:
            events = witness.seen()
            self.ledger.enter(events)
            self.seen += events

    def history(self, **attributes: Any) -> list[Item]:
        """The items of the history with these attributes."""
        items = self.hub.items("metrics")
        return [item for item in items if all(item.get(name) == value for name, value in attributes.items())]

    def settle(self) -> None:
        """Wait until the archive has dealt with everything, or has given it up."""
        eventually(lambda: not any(self.hub.depth(self.hub.QUEUE)), "an empty queue of the archive", 120)

    def redrive(self) -> int:
        """Put all dead letters back where they were going; returns how many."""
        return redrive(self.ledger, self.spokes)

    def totals(self) -> Totals:
        """The ledger's totals, once everything is settled and the rejected queue is emptied into it."""
        self.watch()
        self.settle()
        self.ledger.collect()
        return self.ledger.totals()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The archive takes nothing from its queue, so that what is sent meanwhile comes in full batches."""
        functions = self.hub.client("lambda")
        name = self.hub.outputs["archive_function_name"]
        (mapping,) = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        try:
            yield
        finally:
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)

    @contextmanager
    def new_archive(self) -> Iterator[None]:
        """The archive's processes are new, and know nothing from before; so are those afterwards."""
        function = self.hub.outputs["archive_function_name"]
        self.settle()
        with self.timeout(self.hub, function, 61):
            yield

    @contextmanager
    def timeout(self, side: Hub | Spoke, function: str, seconds: int) -> Iterator[None]:
        """A function has less time than it was given."""
        functions = side.client("lambda")
        before = functions.get_function_configuration(FunctionName=function)["Timeout"]
        functions.update_function_configuration(FunctionName=function, Timeout=seconds)
        try:
            yield
        finally:
            functions.update_function_configuration(FunctionName=function, Timeout=before)


def values(spoke: Spoke, metric: str, count: int, **more: Any) -> list[Event]:
    """So many different results of a spoke's own project."""
    return [result(spoke.account, spoke.project, metric, number, **more) for number in range(count)]


def unused(metric: str) -> str:
    """A metric that no other test reports."""
    return f"{metric}-{uuid.uuid4().hex[:8]}"


def results_of(events: Sequence[Event], refresh_id: str) -> list[dict[str, Any]]:
    """The details of the results that belong to a refresh."""
    return [json.loads(event.detail) for event in events if _is(event, RESULT, refresh_id)]


def _is(event: Event, kind: str, refresh_id: str) -> bool:
    return event.kind == kind and json.loads(event.detail).get("RefreshId") == refresh_id


def _project(event: Event) -> str:
    detail = json.loads(event.detail)
    return f"{detail['ProjectName']}/{detail['Environment']}"
