"""How things are shown: tables for people, JSON lines for programs, notes on stderr."""
