module "forecasting" {
  source    = "../../../modules/spoke"
  providers = { aws = aws.forecasting }

  project_name  = "Forecasting"
  environment   = "dev"
  manifest_path = var.manifest_path
  package_path  = var.package_path
  metrics = [
    "@training", # all metrics of the family that need no arguments
    "@notebooks",
    "@model_registry",
    "CostMonthToDate",
    "CostForecastMonth",
    "NumberOfModels", # in ../metrics, with a mistake in it
  ]
  metric_instances = {
    # A refresh can ask for another metric of the training jobs, such as test:accuracy.
    ModelQuality = {
      class      = "TrainingObjectiveValue"
      arguments  = { job_name_contains = "forecast", metric_name = "validation:accuracy" }
      at_runtime = { metric_name = ["*"] }
    }
    ModelVersion = {
      class     = "SSMParameterValue"
      arguments = { parameter_name = "/forecasting/model-version" }
    }
  }
}

module "search" {
  source    = "../../../modules/spoke"
  providers = { aws = aws.search }

  project_name  = "Search"
  environment   = "prod"
  manifest_path = var.manifest_path
  package_path  = var.package_path
  metrics = [
    "NumberEndPointsInService",
    "EndpointInstances",
    "EndpointInstanceSeconds24h",
    "EndpointInvocations24h",
    "EndpointInvocationErrors24h",
    "EndpointLatencyP95",
    "IdleEndpoints7d",
  ]
}
