variable "region" {
  description = "Region of all accounts."
  type        = string
  default     = "eu-west-1"
  nullable    = false
}

variable "hub_account_id" {
  description = "Account of the central hub. On the local cloud, the access key of an account's root is the account ID."
  type        = string
  default     = "111111111111"
  nullable    = false
}

variable "forecasting_account_id" {
  description = "Account of the project Forecasting, which trains models."
  type        = string
  default     = "222222222222"
  nullable    = false
}

variable "search_account_id" {
  description = "Account of the project Search, which serves models and has its own hub."
  type        = string
  default     = "333333333333"
  nullable    = false
}

variable "stage" {
  description = "Stage to apply: \"permissions\" in all accounts first, then \"forwarding\"."
  type        = string
  default     = "forwarding"
  nullable    = false
}
