"""Attributes of SageMaker's resources that no call sets: the times, states and results of jobs in the past."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from botocore.model import StructureShape

from ds_dashboard_local.gaps.moto import studio
from ds_dashboard_local.gaps.moto.documents import backend, decoded, items, shape

# The type of a resource in its ARN -> where moto keeps it, and what describes it.
_KINDS = {
    "training-job": ("training_jobs", "DescribeTrainingJobResponse"),
    "processing-job": ("processing_jobs", "DescribeProcessingJobResponse"),
    "transform-job": ("transform_jobs", "DescribeTransformJobResponse"),
    "hyper-parameter-tuning-job": ("hyper_parameter_tuning_jobs", "DescribeHyperParameterTuningJobResponse"),
    "endpoint": ("endpoints", "DescribeEndpointOutput"),
    "notebook-instance": ("notebook_instances", "DescribeNotebookInstanceOutput"),
    "model-package": ("model_packages", "DescribeModelPackageOutput"),
    "pipeline": ("pipeline_executions", "DescribePipelineExecutionResponse"),
    "app": ("", "DescribeAppResponse"),
}
# Names that moto does not derive from the API's.
_ATTRIBUTES = {"NotebookInstanceStatus": "status"}
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def set_attributes(attributes: Mapping[str, Mapping[str, Any]]) -> int:
    """Change attributes of resources, or none if one is invalid.

    Args:
        attributes: ARN -> attribute of the answer of its Describe operation -> value; None removes it.

    Returns:
        The number of resources.

    Raises:
        ValueError: There is no such resource or attribute, or the value does not fit.
    """
    changes = []
    for arn, given in attributes.items():
        kind, found = _resource(arn)
        described = shape(_KINDS[kind][1])
        assert isinstance(described, StructureShape)
        changes.append((found, decoded(described, dict(given), arn)))
    for found, values in changes:
        for name, value in values.items():
            if isinstance(found, dict):
                found[name] = value
            else:
                setattr(found, _ATTRIBUTES.get(name) or _WORD.sub("_", name).lower(), value)
    return len(changes)


def _resource(arn: str) -> tuple[str, Any]:
    """Return the kind of a resource, and its object in moto, or its document."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[2] != "sagemaker":
        raise ValueError(f"{arn} is not the ARN of a resource of SageMaker")
    kind, _, name = parts[5].partition("/")
    if kind not in _KINDS:
        raise ValueError(f"attributes of a {kind} cannot be set; those of {', '.join(_KINDS)} can")
    if kind == "app":
        found: Any = studio.app_of(parts[4], parts[3], name)
    else:
        known = dict(items(backend(parts[4], parts[3]), _KINDS[kind][0]))
        # moto's keys are ARNs of model packages and executions, and names of the others.
        found = known.get(arn) or known.get(name)
    if found is None:
        raise ValueError(f"there is no {arn}")
    return kind, found
