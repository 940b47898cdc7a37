"""Messages of the hub's queue, each with its expected outcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st
from tests.archive.conftest import OTHER, SPOKE

from . import oracle
from .json_text import meaning, write
from .strategies import DATES, KINDS, good_details, metric_names, nested, plain_texts, spellings, trees

REGISTERED = {"P/dev": SPOKE, "P/prod": SPOKE, "Q/dev": OTHER}
_DETAIL_TYPES = {kind: detail_type for detail_type, kind in KINDS.items()}
# Few, so that several events of an example have the same key.
_METRICS = ["Jobs", "µ “quoted” \\ 'x'", "size"]
_INSTANTS = ["2026-11-24T11:00:00.000000Z", "2026-11-24 11:00:00.000001", "2026-11-24T12:00:00.000002+01:00"]


@dataclass(frozen=True)
class Message:
    """A message and its expected outcome.

    Attributes:
        body: the message's text.
        kind: result, failure or run if it must be accepted; None if it must be rejected.
        content: the detail, with numbers as decimals.
        account: the sender.
        instant: the date in the detail.
    """

    body: str
    kind: str | None = None
    content: Any = None
    account: str = ""
    instant: datetime | None = None

    @property
    def project(self) -> str:
        """The project and environment of an accepted message, such as `P/dev`."""
        return f"{self.content['ProjectName']}/{self.content['Environment']}"

    @property
    def identity(self) -> tuple[str | None, str, str]:
        """A value that is equal for messages with the same event."""
        return self.kind, self.account, oracle.fingerprint(self.content)


# Texts that a queue accepts.
garbage = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(
    lambda text: "\ufffe" not in text and "\uffff" not in text
)


@st.composite
def messages(draw: st.DrawFn) -> Message:
    """Draw events of registered projects, and sometimes a forged or invalid one, or a text that is not an event."""
    sort = draw(st.sampled_from(["good"] * 6 + ["account", "project", "detail", "envelope", "text", "tree"]))
    if sort == "text":
        return Message(draw(garbage))
    if sort == "tree":
        return Message(write(draw(trees)))
    kind, detail, instant = draw(good_details())
    if draw(st.booleans()):
        text = draw(st.sampled_from(_INSTANTS))
        detail[DATES[kind]], instant = (
            text,
            datetime.fromisoformat("2026-11-24T11:00:00+00:00").replace(microsecond=_INSTANTS.index(text)),
        )
    project = draw(st.sampled_from(sorted(REGISTERED)))
    account = REGISTERED[project]
    detail["ProjectName"], detail["Environment"] = project.split("/")
    if "MetricName" in detail:
        detail["MetricName"] = draw(st.sampled_from(_METRICS) | metric_names)
    if sort == "project":
        detail["ProjectName"] = "Unregistered"
    if sort == "account":
        account = draw(st.sampled_from(["999999999999", SPOKE if account == OTHER else OTHER, "P/dev", "None"]))
    if sort == "detail":
        key = draw(st.sampled_from(sorted(set(detail) - {DATES[kind]})))
        detail[key] = draw(trees | st.sampled_from([nested(28), nested(29), nested(31), "x" * 210_000]))
    envelope: dict[str, Any] = {
        "id": draw(plain_texts.filter(bool) | st.just("i" * 2000)),
        "detail-type": _DETAIL_TYPES[kind],
        "source": "metric_extractor",
        "account": account,
        "region": "eu-west-1",
        "detail": detail,
    }
    if sort == "envelope":
        envelope[draw(st.sampled_from(sorted(envelope)))] = draw(trees.filter(lambda tree: not isinstance(tree, str)))
    body = write(envelope, draw(spellings))
    text = write(detail)
    if sort not in {"good", "detail"} or not oracle.all_can_be_stored(text):
        return Message(body)
    content = meaning(text)
    accepted = (
        ("MetricName" in content or kind != "result")
        and oracle.allows(kind, content)
        and REGISTERED.get(f"{content['ProjectName']}/{content['Environment']}") == account
        and len(text) <= oracle.MAX_BYTES
    )
    return Message(body, kind, content, account, instant) if accepted else Message(body)


@st.composite
def deliveries(draw: st.DrawFn, max_size: int = 8) -> list[list[Message]]:
    """Draw batches that deliver each message at least once, some of them again, in any order."""
    sent = draw(st.lists(messages(), min_size=1, max_size=max_size))
    again = draw(st.lists(st.sampled_from(sent), max_size=max_size // 2))
    order = draw(st.permutations([*sent, *again]))
    cuts = sorted(draw(st.sets(st.integers(1, len(order)), max_size=2)) | {0, len(order)})
    return [list(order[start:end]) for start, end in pairwise(cuts)]
