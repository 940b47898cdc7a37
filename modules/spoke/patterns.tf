# The formats of this module's variables. Patterns with the same name are the same in all modules.

locals {
  # The same texts as in ds_dashboard/identity.py: what a plan accepts, the archive accepts.
  word_pattern       = "[A-Za-z0-9_.-]{1,64}" # a project, an environment or a hub
  account_id_pattern = "[0-9]{12}"
  bus_arn_pattern    = "arn:aws(?:-[a-z]+)*:events:[a-z]+(?:-[a-z]+)+-[0-9]+:[0-9]{12}:event-bus/[A-Za-z0-9._-]{1,256}"

  # The six fields of EventBridge Scheduler: one of the two days is `?`.
  cron_pattern = join(" +", [
    for field in ["minute", "hour", "days", "year"] : local.cron_fields[field]
  ])
  cron_fields = merge(local.cron_lists, {
    days = join("", [
      "(${local.cron_lists["day"]} +${local.cron_lists["month"]} +\\?",
      "|\\? +${local.cron_lists["month"]} +${local.cron_lists["weekday"]})",
    ])
  })
  cron_lists = {
    for field, value in {
      minute  = "[0-5]?[0-9]"
      hour    = "([01]?[0-9]|2[0-3])"
      day     = "(0?[1-9]|[12][0-9]|3[01])W?|L(W|-[1-9][0-9]?)?"
      month   = "(0?[1-9]|1[0-2]|(?i:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC))"
      weekday = "([1-7]|(?i:SUN|MON|TUE|WED|THU|FRI|SAT))(L|#[1-5])?|L"
      year    = "(19[7-9][0-9]|2[01][0-9]{2})"
    } : field => replace("item(,item)*", "item", "(\\*|${value})(-(${value}))?(/[1-9][0-9]*)?")
  }

  patterns = {
    # 32 characters leave room for the longest role name, <name>-<region>-<purpose>, in the 64 that IAM allows.
    name = "^[A-Za-z]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$"
    word = "^${local.word_pattern}$"
    # Names that can be read back from their words with capitals: team-a from TeamA, but not team-1 from Team1.
    plain_name = "^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$"
    # No queue accepts the two characters in braces.
    metric_name = "^[^#\\x{FFFE}\\x{FFFF}]{1,128}$"
    # A metric without the arguments of a refresh. Commands separate names by commas, and arguments are in parentheses.
    instance_name = "^[^#,()\\s\\x{FFFE}\\x{FFFF}]([^#,()\\x{FFFE}\\x{FFFF}]{0,126}[^#,()\\s\\x{FFFE}\\x{FFFF}])?$"

    account_or_bus = "^(${local.account_id_pattern}|${local.bus_arn_pattern})$"

    parameter_path = "^(/[A-Za-z0-9_.-]+){1,10}$"
    reserved_path  = "(?i)^/(aws|ssm)"

    # For lookup(), because an error shows every value that its condition names, and this one fills a screen.
    schedule    = "^(rate\\([1-9][0-9]* (minute|hour|day)s?\\)|cron\\(${local.cron_pattern}\\))$"
    rate        = "^rate\\((\\d+) (minute|hour|day)s?\\)$"
    cron_minute = "^cron\\((\\S+)"

    topic_arn    = "^arn:[a-z0-9-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}(\\.fifo)?$"
    kms_key_arn  = "^arn:[a-z0-9-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+"
    boundary_arn = "^arn:[a-z0-9-]+:iam::([0-9]{12}|aws):policy/.+"
    iam_path     = "^/([A-Za-z0-9._+=,@-]+/)*$"
    layer_arn    = "^arn:[a-z0-9-]+:lambda:.+:layer:.+:[0-9]+$"

    # The hash of a package: 64 hexadecimal digits, as `sha256sum` prints it, or base64, as Lambda and the sidecar have it.
    sha256        = "^([0-9A-Fa-f]{64}|[A-Za-z0-9+/]{43}=)$"
    sha256_base64 = "^[A-Za-z0-9+/]{43}=$"

    tag_key      = "^.{1,128}$"
    reserved_tag = "(?i)^aws:"

    # Values of arguments by type. The function converts the same texts.
    integer = "^-?[0-9]{1,100}$"
    number  = "^-?[0-9]{1,100}([.][0-9]+)?([eE][+-]?[0-9]{1,2})?$"
    boolean = "(?i)^(true|false)$"

    # Placeholders in the permissions of a metric, and what would widen an ARN that an argument is part of.
    placeholder = "^[A-Za-z0-9_:]+$"
    wildcard    = "[*?]|\\$\\{"
  }

  # The values that CloudWatch Logs accepts.
  log_retentions = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]
}
