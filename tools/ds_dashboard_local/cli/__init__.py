"""`ds-dashboard local ...`: the local cloud from a shell."""
