"""Terraform as the development tools and the tests run it: never on the AWS account that a user is logged in to.

Optional environment variables:
    DS_DASHBOARD_TERRAFORM           The program to run instead of `terraform`, such as `tofu` for OpenTofu.
    DS_DASHBOARD_PLUGIN_MIRROR       A folder with `registry.terraform.io/`, for machines that cannot reach it.
    DS_DASHBOARD_TERRAFORM_DOWNLOAD  `no` disables the download of Terraform where it is not installed.
    DS_DASHBOARD_TERRAFORM_URL       The server of Terraform's releases, for machines behind a mirror.
"""

from __future__ import annotations

from ds_dashboard_dev.terraform.installation import find_terraform, provider_mirror, terraform_version
from ds_dashboard_dev.terraform.root import Changes, Diagnostic, Root, TerraformFailed, environment, init, run

__all__ = [
    "Changes",
    "Diagnostic",
    "Root",
    "TerraformFailed",
    "environment",
    "find_terraform",
    "init",
    "provider_mirror",
    "run",
    "terraform_version",
]
