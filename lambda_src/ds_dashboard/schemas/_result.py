"""Generated from result.json; do not edit. To generate it again, run .venv/bin/python -m ds_dashboard_dev.validators."""

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
        data__missing_keys = set(['MetricName', 'MetricValue', 'ExtractionDate', 'Metadata', 'Environment', 'ProjectName']) - data.keys()
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
        if 'MetricValue' in data_keys:
            data_keys.remove('MetricValue')
            data__MetricValue = data['MetricValue']
            if not isinstance(data__MetricValue, (int, float, Decimal, str)) or isinstance(data__MetricValue, bool):
                raise DoesNotConform('' + (name_prefix or 'data') + '.MetricValue must be number or string')
        if 'ExtractionDate' in data_keys:
            data_keys.remove('ExtractionDate')
            data__ExtractionDate = data['ExtractionDate']
            if not isinstance(data__ExtractionDate, str):
                raise DoesNotConform('' + (name_prefix or 'data') + '.ExtractionDate must be string')
            if isinstance(data__ExtractionDate, str):
                data__ExtractionDate_len = len(data__ExtractionDate)
                if data__ExtractionDate_len > 64:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.ExtractionDate must be shorter than or equal to 64 characters')
        if 'Metadata' in data_keys:
            data_keys.remove('Metadata')
            data__Metadata = data['Metadata']
            if not isinstance(data__Metadata, dict):
                raise DoesNotConform('' + (name_prefix or 'data') + '.Metadata must be object')
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
        if 'Unit' in data_keys:
            data_keys.remove('Unit')
            data__Unit = data['Unit']
            if not isinstance(data__Unit, str):
                raise DoesNotConform('' + (name_prefix or 'data') + '.Unit must be string')
            if isinstance(data__Unit, str):
                data__Unit_len = len(data__Unit)
                if data__Unit_len > 64:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.Unit must be shorter than or equal to 64 characters')
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
        if 'Breakdown' in data_keys:
            data_keys.remove('Breakdown')
            data__Breakdown = data['Breakdown']
            if not isinstance(data__Breakdown, (list, tuple)):
                raise DoesNotConform('' + (name_prefix or 'data') + '.Breakdown must be array')
            data__Breakdown_is_list = isinstance(data__Breakdown, (list, tuple))
            if data__Breakdown_is_list:
                data__Breakdown_len = len(data__Breakdown)
                for data__Breakdown_x, data__Breakdown_item in enumerate(data__Breakdown):
                    if not isinstance(data__Breakdown_item, dict):
                        raise DoesNotConform('' + (name_prefix or 'data') + '.Breakdown[{data__Breakdown_x}]'.format(**locals()) + ' must be object')
                    data__Breakdown_item_is_dict = isinstance(data__Breakdown_item, dict)
                    if data__Breakdown_item_is_dict:
                        data__Breakdown_item__missing_keys = set(['Dimensions', 'Value']) - data__Breakdown_item.keys()
                        if data__Breakdown_item__missing_keys:
                            raise DoesNotConform('' + (name_prefix or 'data') + '.Breakdown[{data__Breakdown_x}]'.format(**locals()) + ' must contain ' + (str(sorted(data__Breakdown_item__missing_keys)) + ' properties'))
                        data__Breakdown_item_keys = set(data__Breakdown_item.keys())
                        if 'Dimensions' in data__Breakdown_item_keys:
                            data__Breakdown_item_keys.remove('Dimensions')
                            data__Breakdown_item__Dimensions = data__Breakdown_item['Dimensions']
                            if not isinstance(data__Breakdown_item__Dimensions, dict):
                                raise DoesNotConform('' + (name_prefix or 'data') + '.Breakdown[{data__Breakdown_x}].Dimensions'.format(**locals()) + ' must be object')
                            data__Breakdown_item__Dimensions_is_dict = isinstance(data__Breakdown_item__Dimensions, dict)
                            if data__Breakdown_item__Dimensions_is_dict:
                                data__Breakdown_item__Dimensions_keys = set(data__Breakdown_item__Dimensions.keys())
                                for data__Breakdown_item__Dimensions_key in data__Breakdown_item__Dimensions_keys:
                                    if data__Breakdown_item__Dimensions_key not in []:
                                        data__Breakdown_item__Dimensions_value = data__Breakdown_item__Dimensions.get(data__Breakdown_item__Dimensions_key)
                                        if not isinstance(data__Breakdown_item__Dimensions_value, str):
                                            raise DoesNotConform('' + (name_prefix or 'data') + '.Breakdown[{data__Breakdown_x}].Dimensions.{data__Breakdown_item__Dimensions_key}'.format(**locals()) + ' must be string')
                        if 'Value' in data__Breakdown_item_keys:
                            data__Breakdown_item_keys.remove('Value')
                            data__Breakdown_item__Value = data__Breakdown_item['Value']
                            if not isinstance(data__Breakdown_item__Value, (int, float, Decimal, str)) or isinstance(data__Breakdown_item__Value, bool):
                                raise DoesNotConform('' + (name_prefix or 'data') + '.Breakdown[{data__Breakdown_x}].Value'.format(**locals()) + ' must be number or string')
    return data
