"""The commands of the Makefile, and the test kit. They need a checkout, and are not part of a release."""

from __future__ import annotations
