"""Gaps of Budgets: its permissions."""

from __future__ import annotations

from ds_dashboard_local.engine.authorization import Check, authorize_as, authorize_parts
from ds_dashboard_local.engine.middleware import Request
from ds_dashboard_local.engine.patching import gap

_VIEW = "budgets:ViewBudget"
_OPERATIONS = (
    "DescribeBudget",
    "DescribeBudgets",
    "DescribeBudgetPerformanceHistory",
    "DescribeNotificationsForBudget",
)


@gap
def budget_permissions() -> None:
    """Authorize the calls that read budgets.

    AWS: DescribeBudgets and its siblings need `budgets:ViewBudget` on the account's budgets, whose ARNs have no region.

    Engine: takes their names for actions, and evaluates them on `*`.
    """
    for operation in _OPERATIONS:
        authorize_as(f"budgets:{operation}", _VIEW)
    authorize_parts(_VIEW, _budgets)


def _budgets(_: Request, account: str, __: str) -> list[Check]:
    return [Check(_VIEW, f"arn:aws:budgets::{account}:budget/*")]
