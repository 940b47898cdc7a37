"""Entry points of the Lambda functions: each translates its event, calls one function of the domain, and returns."""

import logging

# The runtime's root logger says nothing below WARNING, and a value is followed by lines of INFO.
logging.getLogger("ds_dashboard").setLevel(logging.INFO)
# At INFO botocore says where it found its credentials and endpoints, at each start.
logging.getLogger("botocore").setLevel(logging.WARNING)
