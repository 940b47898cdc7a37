"""The AWS that a command talks to, and what its refusals mean."""
