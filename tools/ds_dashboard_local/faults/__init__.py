"""Fault injection: calls that fail, come late or are cut off, and deliveries that come twice.

`fault.py` defines a fault, `active.py` holds the injected faults and matches calls against them, `call.py` describes a
call, `middleware.py` lets a call run into a fault, and `deliveries.py` repeats what queues and rules deliver.
"""
