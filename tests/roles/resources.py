"""Resources of an account of the local cloud, so that metrics find something and make their further calls, too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

Client = Callable[[str], Any]

_ROLE = "arn:aws:iam::650000000001:role/any"
_CLUSTER = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
_IMAGE = {"TrainingImage": "image", "TrainingInputMode": "File"}


def create(client: Client) -> None:
    """Create one resource of each kind that metrics read."""
    _models(client("sagemaker"))
    _jobs(client("sagemaker"))
    client("sagemaker").create_notebook_instance(
        NotebookInstanceName="notebook", InstanceType="ml.t3.medium", RoleArn=_ROLE
    )
    _registry(client("sagemaker"))
    client("application-autoscaling").register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId="endpoint/endpoint/variant/all",
        ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        MinCapacity=1,
        MaxCapacity=2,
    )
    client("ssm").put_parameter(Name="/team/quality", Value="0.93", Type="String")
    client("cloudwatch").put_metric_alarm(
        AlarmName="alarm",
        MetricName="any",
        Namespace="any",
        EvaluationPeriods=1,
        ComparisonOperator="LessThanThreshold",
    )
    _put_values(client("cloudwatch"))


def _put_values(cloudwatch: Any) -> None:
    value = {"MetricName": "Accuracy", "Dimensions": [{"Name": "Model", "Value": "churn"}], "Value": 0.9}
    now = datetime.now(UTC)
    data = [{**value, "Timestamp": now - timedelta(minutes=minutes)} for minutes in (5, 15, 25)]
    cloudwatch.put_metric_data(Namespace="Team/Models", MetricData=data)


def _models(sagemaker: Any) -> None:
    sagemaker.create_model(ModelName="model", ExecutionRoleArn=_ROLE)
    variant = {"VariantName": "all", "ModelName": "model", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(EndpointConfigName="config", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="endpoint", EndpointConfigName="config")


def _registry(sagemaker: Any) -> None:
    sagemaker.create_model_package_group(ModelPackageGroupName="group")
    sagemaker.create_model_package(ModelPackageGroupName="group", ModelApprovalStatus="PendingManualApproval")
    group = {
        "InstanceGroupName": "all",
        "InstanceType": "ml.p5.48xlarge",
        "InstanceCount": 1,
        "LifeCycleConfig": {"SourceS3Uri": "s3://sagemaker-any", "OnCreate": "create.sh"},
        "ExecutionRole": _ROLE,
        "ThreadsPerCore": 1,
    }
    sagemaker.create_cluster(ClusterName="cluster", InstanceGroups=[group])


def _jobs(sagemaker: Any) -> None:
    sagemaker.create_training_job(
        TrainingJobName="training",
        AlgorithmSpecification=_IMAGE,
        RoleArn=_ROLE,
        OutputDataConfig={"S3OutputPath": "s3://any"},
        ResourceConfig=_CLUSTER,
        StoppingCondition={"MaxRuntimeInSeconds": 60},
    )
    sagemaker.create_processing_job(
        ProcessingJobName="processing",
        ProcessingResources={"ClusterConfig": _CLUSTER},
        AppSpecification={"ImageUri": "image"},
        RoleArn=_ROLE,
    )
    sagemaker.create_transform_job(
        TransformJobName="transform",
        ModelName="model",
        TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://any"}}},
        TransformOutput={"S3OutputPath": "s3://any"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="tuning",
        HyperParameterTuningJobConfig={
            "Strategy": "Random",
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 1, "MaxParallelTrainingJobs": 1},
        },
    )
