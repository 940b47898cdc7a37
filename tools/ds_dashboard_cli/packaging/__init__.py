"""The manifest and the package: what Terraform and the functions get of the metrics."""
