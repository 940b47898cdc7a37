"""A refresh: the hub's request for fresh values, of all spokes or of some."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ds_dashboard import canonical_json, schema, ulid

# EventBridge Scheduler replaces keywords such as <aws.scheduler.scheduled-time> in a schedule's input.
_UNFILLED = "<aws."


class NotARefresh(ValueError):
    """A request that asks for nothing that can be understood; the message names the key."""


@dataclass(frozen=True, slots=True)
class Refresh:
    """Who is asked for what; `None` narrows nothing.

    Attributes:
        refresh_id: names the request in every answer to it; a request delivered twice keeps its id.
    """

    refresh_id: str
    metrics: frozenset[str] | None = None
    projects: frozenset[str] | None = None
    environments: frozenset[str] | None = None

    @classmethod
    def from_detail(cls, detail: object, *, event_id: str | None = None) -> Refresh:
        """Read the `detail` of a refresh event; an empty one asks everybody for everything.

        Args:
            event_id: serves as the id where the sender chose none, since it stays equal in redeliveries.

        Raises:
            NotARefresh: an unknown key, or a value of another form.
        """
        narrowing = detail if detail is not None else {}
        if isinstance(narrowing, dict):
            narrowing = {key: value for key, value in narrowing.items() if value is not None}
        try:
            schema.check("refresh", narrowing)
            canonical_json.dumps(narrowing)
        except (schema.DoesNotConform, canonical_json.NotExact) as error:
            raise NotARefresh(f"{error}; a refresh takes RefreshId, Metrics, Projects and Environments") from None
        assert isinstance(narrowing, dict)

        def chosen(key: str) -> frozenset[str] | None:
            return frozenset(narrowing[key]) if key in narrowing else None

        refresh_id = narrowing.get("RefreshId")
        if refresh_id is not None and _UNFILLED in refresh_id:
            # A schedule whose keyword nobody filled in: taken as an id, it would make all of its runs one.
            refresh_id = None
        return cls(
            refresh_id=refresh_id or event_id or ulid.new(),
            metrics=chosen("Metrics"),
            projects=chosen("Projects"),
            environments=chosen("Environments"),
        )

    def asks(self, project_name: str, environment: str) -> bool:
        """Whether the spoke of this project and environment is asked."""
        return (self.projects is None or project_name in self.projects) and (
            self.environments is None or environment in self.environments
        )

    def detail(self) -> str:
        """The canonical JSON text of the event's `detail`."""
        content: dict[str, Any] = {"RefreshId": self.refresh_id}
        for key, names in (("Metrics", self.metrics), ("Projects", self.projects), ("Environments", self.environments)):
            if names is not None:
                content[key] = sorted(names)
        return canonical_json.dumps(content)
