"""The soak: a deployed hub and its spokes on a local cloud under random faults, and what became of every event.

`installation.py` applies it, `ledger.py` counts; tests/faults uses both.
"""
