output "forward_rule_names" {
  description = "The forwarding rules of each account."
  value = {
    hub         = module.hub.forward_rule_names
    forecasting = module.forecasting.forward_rule_names
    search      = module.search.forward_rule_names
  }
}
