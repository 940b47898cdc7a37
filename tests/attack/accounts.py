"""Who is who in the world under attack. None of these accounts is anybody else's in this session."""

from __future__ import annotations

REGION = "eu-west-1"
ACCOUNTS = {"hub": "650000000001", "spoke": "650000000002"}
HUB, SPOKE = ACCOUNTS.values()
# In the hub's organization, and registered nowhere; and in no organization at all.
STRANGER, OUTSIDER = "650000000004", "650000000005"
ORGANIZATION = "o-guard00001"
NAME = "guard"
