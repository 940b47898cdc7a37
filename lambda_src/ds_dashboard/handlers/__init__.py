"""Entry points of the Lambda functions: each translates its event, calls one function of the domain, and returns."""

from __future__ import annotations

import gc
import logging

# Importing boto3 creates many thousand objects that live as long as the process. Garbage collections while the first
# clients are made would search them, which takes a tenth of a cold start. boto3 is imported here, and not with the
# first client, because Lambda gives a function a full processor while it starts, whatever its memory.
gc.disable()
try:
    import boto3.session  # noqa: F401
finally:
    gc.freeze()
    gc.enable()
# The first clients create about 80,000 objects more. With a low threshold, it is chance whether a full collection
# searches them, which takes 45 ms.
gc.set_threshold(10_000, 10, 10)

# The runtime's root logger drops everything below WARNING, and operators follow a value by lines of INFO.
logging.getLogger("ds_dashboard").setLevel(logging.INFO)
# At INFO, botocore logs where it found its credentials and endpoints at each start.
logging.getLogger("botocore").setLevel(logging.WARNING)
