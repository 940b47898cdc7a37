"""ds-dashboard: what runs in AWS. Spokes extract metrics, the hub archives them."""

__version__ = "0.1.0"
