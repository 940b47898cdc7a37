"""Building the manifest of metrics and the package of the functions."""
