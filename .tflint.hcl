# Terraform's own rules, all of them. `.tflint-aws.hcl` adds the AWS rules where their ruleset can be downloaded.
plugin "terraform" {
  enabled = true
  preset  = "all"
}

# Files are named after the thing they hold (DESIGN), not main.tf, variables.tf and outputs.tf for everything.
rule "terraform_standard_module_structure" {
  enabled = false
}
