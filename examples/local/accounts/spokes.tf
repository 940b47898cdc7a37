module "forecasting" {
  source    = "../../../modules/spoke"
  providers = { aws = aws.forecasting }

  project_name  = "Forecasting"
  environment   = "dev"
  manifest_path = var.manifest_path
  package_path  = var.package_path
  metrics       = ["TotalCompletedTrainingJobs", "CompletedTrainingJobs24h", "NumberOfNotebooks"]
  metric_instances = {
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
  metrics       = ["NumberEndPointsInService"]
}
