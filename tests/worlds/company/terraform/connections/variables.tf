variable "accounts" {
  description = "Ids of the accounts, by name."
  type        = map(string)
}

variable "organization" {
  description = "The organization whose accounts may send to the hub `guard`."
  type        = string
}

variable "forwarding" {
  description = "Connections at the forwarding stage; the others are at the permissions stage."
  type        = set(string)
  default     = ["central", "alpha", "bravo", "charlie", "outpost", "guard_hub", "guard_spoke"]
}

variable "hold" {
  description = "Parameters of the central hub that are on hold."
  type        = set(string)
  default     = []
}
