variable "accounts" {
  description = "Ids of the accounts hub, alpha, bravo and charlie."
  type        = map(string)
}

variable "forwarding" {
  description = "Which of central, alpha, bravo, charlie and outpost forward; the others are at the permissions stage."
  type        = set(string)
  default     = ["central", "alpha", "bravo", "charlie", "outpost"]
}

variable "hold" {
  description = "Parameters of the central hub that wait."
  type        = set(string)
  default     = []
}
