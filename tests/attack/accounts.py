"""Who is who in the world under attack. None of these accounts is anybody else's in this session."""

REGION = "eu-west-1"
ACCOUNTS = {"hub": "640000000001", "spoke": "640000000002"}
HUB, SPOKE = ACCOUNTS.values()
# In the hub's organization, and registered nowhere; and in no organization at all.
STRANGER, OUTSIDER = "640000000004", "640000000005"
ORGANIZATION = "o-guard00001"
NAME = "guard"
