"""`Hub.forget`, and the mark of what can be forgotten."""

from __future__ import annotations

import pytest
from tests.support.events import FAILURE, RESULT, RUN, ago, failure, result, run_event
from tests.support.tables import OTHER, HubTables

from ds_dashboard.client import Forgotten, Hub, HubError
from ds_dashboard.client import forget as module


def _marks(hub: Hub) -> dict[tuple[str, str], bool]:
    return {(row.spoke, row.metric): row.gone for row in hub.latest()}


def _unregister(tables: HubTables, project: str) -> None:
    tables.account.ssm.delete_parameter(Name=f"{tables.path}/{project}")


@pytest.fixture
def filled(tables: HubTables) -> HubTables:
    """P/dev, which no longer has `Old` and `OldFailure`; and Q/prod, whose producer sends no run events."""
    old = ago(hours=1)
    tables.send(RESULT, result(), result(MetricName="Old", ExtractionDate=ago(hours=2)))
    tables.send(RESULT, result(MetricName="Old", ExtractionDate=old))
    tables.send(FAILURE, failure(MetricName="OldFailure", ExtractionDate=old), failure(MetricName="Broken"))
    tables.send(RUN, run_event())
    tables.send(RESULT, result(ProjectName="Q", Environment="prod", ExtractionDate=old), account=OTHER)
    return tables


def test_values_of_removed_metrics_and_spokes_are_gone(filled: HubTables, hub: Hub) -> None:
    """Not gone: a producer in addition to the extraction, and one without run events. Their metrics are not known."""
    filled.send(RESULT, result(MetricName="Beside", ExtractionDate=ago(minutes=1)))
    marks = {("P/dev", "Beside"): False, ("P/dev", "Broken"): False, ("P/dev", "Jobs"): False, ("P/dev", "Old"): True}
    assert _marks(hub) == {**marks, ("Q/prod", "Jobs"): False}
    _unregister(filled, "Q/prod")
    assert _marks(hub) == {**marks, ("Q/prod", "Jobs"): True}
    _unregister(filled, "P/dev")
    assert set(_marks(hub).values()) == {True}
    assert str(hub.latest().to_pandas().dtypes["gone"]) == "bool"


def test_a_removed_metric_is_forgotten_and_its_history_kept(filled: HubTables, hub: Hub) -> None:
    """A dry run says the same and removes nothing."""
    expected = Forgotten("P/dev", ("Old", "OldFailure"), spoke_item=False, history=None)
    assert hub.forget("P/dev", ["Old", "OldFailure"], dry_run=True) == expected
    assert ("P/dev", "Old") in _marks(hub)
    assert hub.forget("P/dev", ["Old", "OldFailure"]) == expected
    assert [metric for spoke, metric in _marks(hub) if spoke == "P/dev"] == ["Broken", "Jobs"]
    (spoke,) = [one for one in hub.spokes() if one.name == "P/dev"]
    assert spoke.item["Failures"].keys() == {"Broken"}
    assert len(list(hub.history("Old"))) == 2
    assert hub.forget("P/dev", "Old", history=True) == Forgotten("P/dev", (), spoke_item=False, history=2)
    assert list(hub.history("Old")) == []
    assert len(list(hub.history())) == 2


def test_a_removed_spoke_is_forgotten_with_its_history_if_asked(filled: HubTables, hub: Hub) -> None:
    """Other spokes keep everything."""
    _unregister(filled, "P/dev")
    counted: list[int] = []
    forgotten = hub.forget("P/dev", history=True, progress=counted.append)
    assert forgotten == Forgotten("P/dev", ("Broken", "Jobs", "Old", "OldFailure"), spoke_item=True, history=3)
    assert counted == [3]
    assert [spoke.name for spoke in hub.spokes()] == ["Q/prod"]
    assert [row.spoke for row in hub.latest()] == [row.spoke for row in hub.history()] == ["Q/prod"]
    with pytest.raises(HubError, match="nothing to forget"):
        hub.forget("P/dev", history=True)


def test_what_would_come_back_is_not_forgotten(filled: HubTables, hub: Hub) -> None:
    """The message says what to remove first."""
    with pytest.raises(HubError, match=f"delete-parameter --name {filled.path}/P/dev"):
        hub.forget("P/dev")
    with pytest.raises(HubError, match="metric Jobs of spoke P/dev: is one of the metrics of its last run"):
        hub.forget("P/dev", ["Old", "Jobs"])
    with pytest.raises(HubError, match="nothing to forget"):
        hub.forget("P/dev", "Never")
    with pytest.raises(ValueError, match="is not a project and its environment"):
        hub.forget("P")
    assert ("P/dev", "Old") in _marks(hub)


def test_what_arrives_in_the_meantime_is_kept(filled: HubTables, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what was shown goes."""
    read = module._spoke_item

    def then_arrives(*given: object) -> object:
        items = read(*given)  # type: ignore[arg-type]
        filled.send(FAILURE, failure(MetricName="OldFailure"))
        return items

    delete = module._delete_latest

    def after_a_value(*given: object) -> bool:
        filled.send(RESULT, result(MetricName="Old"))
        return delete(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_spoke_item", then_arrives)
    monkeypatch.setattr(module, "_delete_latest", after_a_value)
    forgotten = hub.forget("P/dev", ["Old", "OldFailure"])
    assert forgotten == Forgotten("P/dev", (), spoke_item=False, history=None, kept=("Old", "OldFailure"))
    assert ("P/dev", "Old") in _marks(hub)
