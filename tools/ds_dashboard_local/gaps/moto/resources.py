"""The resources that operations of moto's services are authorized on.

AWS publishes them for each service (Service Authorization Reference, "Actions, resources, and condition keys"); the
rules below cover the services that metrics read. An operation without a rule is authorized on `*`: a policy that names
an ARN does not allow it, as on AWS for lists.
"""

from __future__ import annotations

import json
import re
from typing import Any

from ds_dashboard_local.engine.middleware import Request

# By service: request members and the templates of their ARNs, in order. A value that is an ARN already stays as it is.
_MEMBERS: dict[str, tuple[tuple[str, str], ...]] = {
    "sagemaker": (
        ("ResourceArn", "{}"),
        ("TrainingJobName", "training-job/{}"),
        ("HyperParameterTuningJobName", "hyper-parameter-tuning-job/{}"),
        ("ProcessingJobName", "processing-job/{}"),
        ("TransformJobName", "transform-job/{}"),
        ("AutoMLJobName", "automl-job/{}"),
        ("LabelingJobName", "labeling-job/{}"),
        ("CompilationJobName", "compilation-job/{}"),
        ("EndpointName", "endpoint/{}"),
        ("EndpointConfigName", "endpoint-config/{}"),
        ("InferenceComponentName", "inference-component/{}"),
        ("ModelPackageName", "model-package/{}"),
        ("ModelPackageGroupName", "model-package-group/{}"),
        ("ModelCardName", "model-card/{}"),
        ("ModelName", "model/{}"),
        ("NotebookInstanceName", "notebook-instance/{}"),
        ("NotebookInstanceLifecycleConfigName", "notebook-instance-lifecycle-config/{}"),
        ("PipelineExecutionArn", "{}"),
        ("PipelineName", "pipeline/{}"),
        ("FeatureGroupName", "feature-group/{}"),
        ("ExperimentName", "experiment/{}"),
        ("TrialComponentName", "experiment-trial-component/{}"),
        ("TrialName", "experiment-trial/{}"),
        ("MonitoringScheduleName", "monitoring-schedule/{}"),
        ("DataQualityJobDefinitionName", "data-quality-job-definition/{}"),
        ("ModelQualityJobDefinitionName", "model-quality-job-definition/{}"),
        ("ClusterName", "cluster/{}"),
        ("DomainId", "domain/{}"),
        ("ImageName", "image/{}"),
    ),
    "codepipeline": (("pipelineName", "{}"), ("name", "{}")),
    "codecommit": (("repositoryName", "{}"),),
}

# SageMaker's ARNs have names in lower case.
_LOWER_CASE = {"sagemaker"}

# Calls of Security Hub that are authorized on the hub of the account.
_ON_HUB = {"DescribeHub", "GetAdhocInsightResults", "GetFindings", "GetInsightResults", "GetInsights"}

# Other lists are authorized on `*`, even if they filter by a name.
_LISTS_WITH_RESOURCE = {
    "ListTrainingJobsForHyperParameterTuningJob",
    "ListPipelineExecutions",
    "ListPipelineExecutionSteps",
    "ListPipelineParametersForExecution",
    "ListTags",
    "ListClusterNodes",
}


def resource_arn(request: Request, operation: str, account: str, region: str) -> str:
    """Return the ARN that an operation is authorized on, or `*` if it has no resource of its own."""
    match = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", request.headers.get("authorization", ""))
    service = match.group(1) if match else ""
    try:
        body: dict[str, Any] = json.loads(request.body or b"{}")
    except ValueError:
        return "*"
    if service == "servicequotas":
        return _quota(body, operation, account, region)
    if service == "securityhub" and operation in _ON_HUB:
        return f"arn:aws:securityhub:{region}:{account}:hub/default"
    if operation.startswith(("List", "Search")) and operation not in _LISTS_WITH_RESOURCE:
        return "*"
    if service == "sagemaker" and "AppType" in body:
        owner = body.get("UserProfileName") or body.get("SpaceName")
        path = f"{body.get('DomainId')}/{owner}/{body['AppType']}/{body.get('AppName')}"
        return f"arn:aws:sagemaker:{region}:{account}:app/{path.lower()}"
    for member, template in _MEMBERS.get(service, ()):
        value = body.get(member)
        if not isinstance(value, str) or not value:
            continue
        if value.startswith("arn:"):
            return value
        name = value.lower() if service in _LOWER_CASE else value
        return f"arn:aws:{service}:{region}:{account}:{template.format(name)}"
    return "*"


def _quota(body: dict[str, Any], operation: str, account: str, region: str) -> str:
    if operation in ("GetServiceQuota", "RequestServiceQuotaIncrease"):
        return f"arn:aws:servicequotas:{region}:{account}:{body.get('ServiceCode')}/{body.get('QuotaCode')}"
    return "*"  # lists and defaults have no resource
