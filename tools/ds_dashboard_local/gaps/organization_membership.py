"""Accounts that are members of an organization.

On AWS `aws:PrincipalOrgID` is the id of the organization the caller's account belongs to.

In the engine every account is the master of an organization of its own once it has called Organizations, and member
accounts are not modelled.

Replaces `ministack.core.iam_evaluator._principal_org_id`; `engine.organizations` holds the members.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ds_dashboard_local.engine import organizations


def close(engine: Any, state: Path) -> None:
    from ministack.core import iam_evaluator

    own_organization = iam_evaluator._principal_org_id

    def _principal_org_id(account_id: str) -> Any:
        return organizations.of(account_id) or own_organization(account_id)

    iam_evaluator._principal_org_id = _principal_org_id
