"""The gaps between AWS and the engines, each with its patch, by service.

`engine/patching.py` describes a gap; `order.py` lists all of them.
"""
