"""A note on spokes of one account that report metrics which have one value for the whole account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from ds_dashboard.client.spokes import Spoke, SpokeState
from ds_dashboard_cli.doctor.context import Context


def check(context: Context, spokes: Iterable[Spoke]) -> None:
    """Note spokes of one account that report the same metric of the account: sums over spokes count it twice.

    Spokes of different regions, or of several projects in an account, are wanted. So this is not a problem.
    """
    reporting: dict[tuple[str, str], list[str]] = defaultdict(list)
    for spoke in spokes:
        if spoke.state != SpokeState.UNREGISTERED:
            for metric in spoke.metrics or ():
                reporting[spoke.account, metric].append(spoke.name)
    shared = {key: names for key, names in reporting.items() if len(names) > 1}
    if not shared:
        return
    manifest = _manifest()
    metrics: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (account, metric), names in sorted(shared.items()):
        if manifest.get(metric, {}).get("scope") == "account":
            metrics[account, tuple(sorted(names))].append(metric)
    for (account, names_), found in metrics.items():
        context.report.note(
            f"metric {', '.join(found)}",
            f"has one value for the whole account {account}, and {', '.join(names_)} of it all report that. A sum over "
            "spokes counts it several times: keep it in `metrics` of one of them.",
        )


def _manifest() -> Mapping[str, Any]:
    # Not at the top: it is only read if spokes share an account.
    from ds_dashboard_cli.packaging.manifest_file import load_manifest

    metrics: Mapping[str, Any] = load_manifest((), None)["metrics"]
    return metrics
