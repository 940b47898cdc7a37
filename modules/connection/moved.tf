# State addresses of earlier versions.

moved {
  from = module.hub_side
  to   = module.hub_forwarding
}

moved {
  from = module.spoke_side
  to   = module.spoke_forwarding
}
