variable "accounts" {
  description = "Ids of the accounts hub, alpha, bravo and charlie."
  type        = map(string)
}

variable "forwarding" {
  description = "Connections at the forwarding stage; the others are at the permissions stage."
  type        = set(string)
  default     = ["central", "alpha", "bravo", "charlie", "outpost"]
}

variable "hold" {
  description = "Parameters of the central hub that are on hold."
  type        = set(string)
  default     = []
}
