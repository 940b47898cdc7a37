# All rules of tflint for Terraform. `.tflint-aws.hcl` adds the rules for AWS, if their ruleset can be downloaded.
plugin "terraform" {
  enabled = true
  preset  = "all"
}

# Files are named after their content, not main.tf, variables.tf, and outputs.tf.
rule "terraform_standard_module_structure" {
  enabled = false
}
