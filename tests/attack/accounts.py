"""The accounts of the attacked world; no other world of the session uses them."""

from __future__ import annotations

REGION = "eu-west-1"
ACCOUNTS = {"hub": "650000000001", "spoke": "650000000002"}
HUB, SPOKE = ACCOUNTS.values()
# The stranger is in the hub's organization and not registered; the outsider is in no organization.
STRANGER, OUTSIDER = "650000000004", "650000000005"
ORGANIZATION = "o-guard00001"
NAME = "guard"
