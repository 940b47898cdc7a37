"""Faults on purpose: what a service may do to its clients on a bad day, at the door of the local cloud.

`fault.py` says what a fault is, `active.py` which are set and whom they hit, `door.py` lets calls run into them, and
`deliveries.py` delivers twice what queues and rules deliver. Nothing inside a function or a client knows of it.
"""
