"""Entry points of the Lambda functions: each translates its event, calls one function of the domain, and returns."""

from __future__ import annotations

import gc
import logging

# Importing boto3 makes many thousand objects that live as long as the process. Looking through them for garbage, now
# and again while the first clients are made, would cost a tenth of a cold start. It is imported here, and not with the
# first client, because Lambda gives a function a full processor while it starts, whatever its memory.
gc.disable()
try:
    import boto3.session  # noqa: F401
finally:
    gc.freeze()
    gc.enable()

# The runtime's root logger says nothing below WARNING, and a value is followed by lines of INFO.
logging.getLogger("ds_dashboard").setLevel(logging.INFO)
# At INFO botocore says where it found its credentials and endpoints, at each start.
logging.getLogger("botocore").setLevel(logging.WARNING)
