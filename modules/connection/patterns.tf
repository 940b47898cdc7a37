# The formats of this module's variables and parameters. Patterns with the same name are the same in all modules.

locals {
  # The same texts as in ds_dashboard/identity.py: what a plan accepts, the archive accepts.
  word_pattern       = "[A-Za-z0-9_.-]{1,64}" # a project, an environment or a hub
  account_id_pattern = "[0-9]{12}"
  bus_arn_pattern    = "arn:aws(?:-[a-z]+)*:events:[a-z]+(?:-[a-z]+)+-[0-9]+:[0-9]{12}:event-bus/[A-Za-z0-9._-]{1,256}"
  encrypted          = "SecureString" # the type of a parameter that nobody decrypts

  patterns = {
    # 32 characters leave room for the longest role name, <name>-<region>-<purpose>, in the 64 that IAM allows.
    name = "^[A-Za-z]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$"
    word = "^${local.word_pattern}$"

    account_id     = "^${local.account_id_pattern}$"
    account_or_bus = "^(${local.account_id_pattern}|${local.bus_arn_pattern})$"
    bus_name       = "^[A-Za-z0-9._-]{1,256}$"

    parameter_path = "^(/[A-Za-z0-9_.-]+){1,10}$"
    reserved_path  = "(?i)^/(aws|ssm)"

    organization_id = "^o-[a-z0-9]{10,32}$"
    topic_arn       = "^arn:[a-z0-9-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}(\\.fifo)?$"
    boundary_arn    = "^arn:[a-z0-9-]+:iam::([0-9]{12}|aws):policy/.+"
    iam_path        = "^/([A-Za-z0-9._+=,@-]+/)*$"

    tag_key      = "^.{1,128}$"
    reserved_tag = "(?i)^aws:"
  }
}
