"""Gaps of services that metrics read and that the engine has itself: their permissions."""

from __future__ import annotations

import json

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
_REPOSITORIES, _FILE_SYSTEMS = "ecr:DescribeRepositories", "elasticfilesystem:DescribeFileSystems"


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


@gap
def list_permissions() -> None:
    """Authorize lists of repositories and file systems.

    AWS: DescribeRepositories and DescribeFileSystems without a name need their action on all repositories, or on all
    file systems, of the account.

    Engine: evaluates them on `*`, which a policy that names these resources does not allow.
    """
    authorize_parts(_REPOSITORIES, _repositories)
    authorize_parts(_FILE_SYSTEMS, _file_systems)


def _repositories(request: Request, account: str, region: str) -> list[Check]:
    names = json.loads(request.body or b"{}").get("repositoryNames") or ["*"]
    return [Check(_REPOSITORIES, f"arn:aws:ecr:{region}:{account}:repository/{name}") for name in names]


def _file_systems(request: Request, account: str, region: str) -> list[Check]:
    (name,) = request.query.get("FileSystemId", ["*"])
    return [Check(_FILE_SYSTEMS, f"arn:aws:elasticfilesystem:{region}:{account}:file-system/{name}")]
