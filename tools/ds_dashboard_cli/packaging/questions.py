"""Questions that people ask, and the metrics that answer them: the table for choosing in docs/metrics.md.

Each metric of this repository answers at least one. A test compares the table with the manifest.
"""

from __future__ import annotations

QUESTIONS: dict[str, list[str]] = {
    "How much is trained?": ["CompletedTrainingJobs24h", "TotalCompletedTrainingJobs", "TrainingJobsByStatus"],
    "What fails, what is stopped?": [
        "FailedTrainingJobs24h",
        "StoppedTrainingJobs24h",
        "TrainingJobsByStatus",
        "ProcessingJobs24h",
        "TransformJobs24h",
        "TuningJobs24h",
        "PipelineExecutions24h",
        "PipelineSuccessRatio24h",
    ],
    "What does training cost in instance time, and what does spot save?": [
        "TrainingBillableSeconds24h",
        "ManagedSpotSecondsSaved24h",
    ],
    "What trains now, on which instances?": ["TrainingJobsInProgress", "TrainingInstancesInUse"],
    "How long do jobs wait for instances?": ["TrainingQueueSeconds24h"],
    "What is left on over night?": [
        "NumberEndPointsInService",
        "WarmPoolsAvailable",
        "IdleEndpoints7d",
        "NotebookInstancesInService",
        "NotebookInstancesRunningLong",
        "StudioAppsInService",
        "StudioAppsRunningLong",
        "MlflowTrackingServersActive",
    ],
    "How many models serve traffic?": ["NumberEndPointsInService", "EndpointsByStatus", "InferenceComponents"],
    "How good is our model in training, validation and test?": ["TrainingObjectiveValue", "BestTuningObjective"],
    "What is billed for inference?": [
        "EndpointInstances",
        "EndpointInstanceSeconds24h",
        "ServerlessInferenceSeconds24h",
        "EndpointsWithoutAutoscaling",
        "TransformInstanceSeconds24h",
    ],
    "Do our models answer, and how fast?": [
        "EndpointInvocations24h",
        "EndpointInvocationErrors24h",
        "EndpointLatencyP95",
        "AsyncInferenceBacklog",
    ],
    "What does data processing take in instance time?": ["ProcessingInstanceSeconds24h"],
    "Is reserved and kept capacity used?": ["HyperPodNodes", "TrainingPlanUtilisation"],
    "Which models wait for approval?": ["ModelPackagesByApproval", "OldestPendingModelPackage"],
    "Do data and features still fit?": ["ModelMonitorViolations24h", "FeatureGroups"],
    "How good is our model, which version is live?": ["SSMParameterValue"],
    "How do I report a number of my own, without code?": ["CloudWatchMetricValue", "SSMParameterValue"],
    "What do we spend, and what will it be at the end of the month?": [
        "CostMonthToDate",
        "SageMakerCostMonthToDate",
        "CostForecastMonth",
        "BudgetUtilisation",
    ],
    "Is the account secure, and who has looked?": [
        "SecurityHubFindings",
        "GuardDutyFindings",
        "InspectorFindings",
        "ConfigRulesNoncompliant",
        "S3PublicAccessOpen",
        "IamAccessKeysOld",
        "ConsoleLoginsWithoutMfa",
    ],
    "Does anything need attention now?": [
        "AlarmsInAlarm",
        "HealthEventsOpen",
        "TrustedAdvisorFlagged",
        "CertificatesExpiring",
        "LambdaFunctionsDeprecated",
        "BackupJobs24h",
    ],
    "What could we save?": [
        "EstimatedMonthlySavings",
        "IdleNatGateways7d",
        "UnattachedVolumeBytes",
        "LogBytesWithoutRetention",
        "LogGroupsWithoutRetention",
        "CostAnomalyImpact30d",
        "SavingsPlansUtilisation",
    ],
}
