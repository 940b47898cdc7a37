"""Generated from failure.json; do not edit. To generate it again, run .venv/bin/python -m ds_dashboard_dev.validators."""

# fmt: off
# ruff: noqa
# mypy: ignore-errors
from ds_dashboard.schemas import DoesNotConform
from decimal import Decimal
import re
REGEX_PATTERNS = {'^[^#]*$': re.compile('^[^#]*\\Z'), '^[A-Za-z0-9_.-]{1,64}$': re.compile('^[A-Za-z0-9_.-]{1,64}\\Z')}
NoneType = type(None)

def validate(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, dict):
        raise DoesNotConform('' + (name_prefix or 'data') + ' must be object')
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['MetricName', 'ErrorType', 'ErrorMessage', 'ExtractionDate', 'Environment', 'ProjectName']) - data.keys()
        if data__missing_keys:
            raise DoesNotConform('' + (name_prefix or 'data') + ' must contain ' + (str(sorted(data__missing_keys)) + ' properties'))
        data_keys = set(data.keys())
        if 'MetricName' in data_keys:
            data_keys.remove('MetricName')
            data__MetricName = data['MetricName']
            if not isinstance(data__MetricName, str):
                raise DoesNotConform('' + (name_prefix or 'data') + '.MetricName must be string')
            if isinstance(data__MetricName, str):
                data__MetricName_len = len(data__MetricName)
                if data__MetricName_len < 1:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.MetricName must be longer than or equal to 1 characters')
                if data__MetricName_len > 128:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.MetricName must be shorter than or equal to 128 characters')
                if not REGEX_PATTERNS['^[^#]*$'].search(data__MetricName):
                    raise DoesNotConform('' + (name_prefix or 'data') + '.MetricName must match pattern ^[^#]*$')
        if 'ErrorType' in data_keys:
            data_keys.remove('ErrorType')
            data__ErrorType = data['ErrorType']
            if not isinstance(data__ErrorType, str):
                raise DoesNotConform('' + (name_prefix or 'data') + '.ErrorType must be string')
            if isinstance(data__ErrorType, str):
                data__ErrorType_len = len(data__ErrorType)
                if data__ErrorType_len < 1:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.ErrorType must be longer than or equal to 1 characters')
                if data__ErrorType_len > 128:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.ErrorType must be shorter than or equal to 128 characters')
        if 'ErrorMessage' in data_keys:
            data_keys.remove('ErrorMessage')
            data__ErrorMessage = data['ErrorMessage']
            if not isinstance(data__ErrorMessage, str):
                raise DoesNotConform('' + (name_prefix or 'data') + '.ErrorMessage must be string')
            if isinstance(data__ErrorMessage, str):
                data__ErrorMessage_len = len(data__ErrorMessage)
                if data__ErrorMessage_len > 4096:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.ErrorMessage must be shorter than or equal to 4096 characters')
        if 'ExtractionDate' in data_keys:
            data_keys.remove('ExtractionDate')
            data__ExtractionDate = data['ExtractionDate']
            if not isinstance(data__ExtractionDate, str):
                raise DoesNotConform('' + (name_prefix or 'data') + '.ExtractionDate must be string')
            if isinstance(data__ExtractionDate, str):
                data__ExtractionDate_len = len(data__ExtractionDate)
                if data__ExtractionDate_len > 64:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.ExtractionDate must be shorter than or equal to 64 characters')
        if 'Environment' in data_keys:
            data_keys.remove('Environment')
            data__Environment = data['Environment']
            if not isinstance(data__Environment, str):
                raise DoesNotConform('' + (name_prefix or 'data') + '.Environment must be string')
            if isinstance(data__Environment, str):
                if not REGEX_PATTERNS['^[A-Za-z0-9_.-]{1,64}$'].search(data__Environment):
                    raise DoesNotConform('' + (name_prefix or 'data') + '.Environment must match pattern ^[A-Za-z0-9_.-]{1,64}$')
        if 'ProjectName' in data_keys:
            data_keys.remove('ProjectName')
            data__ProjectName = data['ProjectName']
            if not isinstance(data__ProjectName, str):
                raise DoesNotConform('' + (name_prefix or 'data') + '.ProjectName must be string')
            if isinstance(data__ProjectName, str):
                if not REGEX_PATTERNS['^[A-Za-z0-9_.-]{1,64}$'].search(data__ProjectName):
                    raise DoesNotConform('' + (name_prefix or 'data') + '.ProjectName must match pattern ^[A-Za-z0-9_.-]{1,64}$')
        if 'RefreshId' in data_keys:
            data_keys.remove('RefreshId')
            data__RefreshId = data['RefreshId']
            if not isinstance(data__RefreshId, str):
                raise DoesNotConform('' + (name_prefix or 'data') + '.RefreshId must be string')
            if isinstance(data__RefreshId, str):
                data__RefreshId_len = len(data__RefreshId)
                if data__RefreshId_len < 1:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.RefreshId must be longer than or equal to 1 characters')
                if data__RefreshId_len > 128:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.RefreshId must be shorter than or equal to 128 characters')
    return data
