"""Checks of a deployed installation: every link between a spoke's metric and the hub's tables, and back."""
