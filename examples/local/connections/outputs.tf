output "forward_rule_names" {
  description = "Names of the forwarding rules by account."
  value = {
    hub         = module.hub.forward_rule_names
    forecasting = module.forecasting.forward_rule_names
    search      = module.search.forward_rule_names
  }
}
