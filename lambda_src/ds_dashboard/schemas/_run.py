"""Generated from run.json; do not edit. To generate it again, run .venv/bin/python -m ds_dashboard_dev.validators."""

# fmt: off
# ruff: noqa
# mypy: ignore-errors
from ds_dashboard.schemas import DoesNotConform
from decimal import Decimal
import re
REGEX_PATTERNS = {'^[A-Za-z0-9_.-]{1,64}$': re.compile('^[A-Za-z0-9_.-]{1,64}\\Z'), '^[^#]{1,128}$': re.compile('^[^#]{1,128}$')}
NoneType = type(None)

def validate(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, dict):
        raise DoesNotConform('' + (name_prefix or 'data') + ' must be object')
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['ProjectName', 'Environment', 'StartedAt', 'FinishedAt', 'Emitted', 'Failed', 'Metrics']) - data.keys()
        if data__missing_keys:
            raise DoesNotConform('' + (name_prefix or 'data') + ' must contain ' + (str(sorted(data__missing_keys)) + ' properties'))
        data_keys = set(data.keys())
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
        if 'ProjectName' in data_keys:
            data_keys.remove('ProjectName')
            data__ProjectName = data['ProjectName']
            if not isinstance(data__ProjectName, str):
                raise DoesNotConform('' + (name_prefix or 'data') + '.ProjectName must be string')
            if isinstance(data__ProjectName, str):
                if not REGEX_PATTERNS['^[A-Za-z0-9_.-]{1,64}$'].search(data__ProjectName):
                    raise DoesNotConform('' + (name_prefix or 'data') + '.ProjectName must match pattern ^[A-Za-z0-9_.-]{1,64}$')
        if 'Environment' in data_keys:
            data_keys.remove('Environment')
            data__Environment = data['Environment']
            if not isinstance(data__Environment, str):
                raise DoesNotConform('' + (name_prefix or 'data') + '.Environment must be string')
            if isinstance(data__Environment, str):
                if not REGEX_PATTERNS['^[A-Za-z0-9_.-]{1,64}$'].search(data__Environment):
                    raise DoesNotConform('' + (name_prefix or 'data') + '.Environment must match pattern ^[A-Za-z0-9_.-]{1,64}$')
        if 'StartedAt' in data_keys:
            data_keys.remove('StartedAt')
            data__StartedAt = data['StartedAt']
            if not isinstance(data__StartedAt, str):
                raise DoesNotConform('' + (name_prefix or 'data') + '.StartedAt must be string')
            if isinstance(data__StartedAt, str):
                data__StartedAt_len = len(data__StartedAt)
                if data__StartedAt_len > 64:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.StartedAt must be shorter than or equal to 64 characters')
        if 'FinishedAt' in data_keys:
            data_keys.remove('FinishedAt')
            data__FinishedAt = data['FinishedAt']
            if not isinstance(data__FinishedAt, str):
                raise DoesNotConform('' + (name_prefix or 'data') + '.FinishedAt must be string')
            if isinstance(data__FinishedAt, str):
                data__FinishedAt_len = len(data__FinishedAt)
                if data__FinishedAt_len > 64:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.FinishedAt must be shorter than or equal to 64 characters')
        if 'Emitted' in data_keys:
            data_keys.remove('Emitted')
            data__Emitted = data['Emitted']
            if not isinstance(data__Emitted, int) and (not (isinstance(data__Emitted, float) and data__Emitted.is_integer())) or isinstance(data__Emitted, bool):
                raise DoesNotConform('' + (name_prefix or 'data') + '.Emitted must be integer')
            if isinstance(data__Emitted, (int, float, Decimal)) and (not isinstance(data__Emitted, bool)):
                if data__Emitted < 0:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.Emitted must be bigger than or equal to 0')
                if data__Emitted > 1000000000:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.Emitted must be smaller than or equal to 1000000000')
        if 'Failed' in data_keys:
            data_keys.remove('Failed')
            data__Failed = data['Failed']
            if not isinstance(data__Failed, int) and (not (isinstance(data__Failed, float) and data__Failed.is_integer())) or isinstance(data__Failed, bool):
                raise DoesNotConform('' + (name_prefix or 'data') + '.Failed must be integer')
            if isinstance(data__Failed, (int, float, Decimal)) and (not isinstance(data__Failed, bool)):
                if data__Failed < 0:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.Failed must be bigger than or equal to 0')
                if data__Failed > 1000000000:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.Failed must be smaller than or equal to 1000000000')
        if 'Metrics' in data_keys:
            data_keys.remove('Metrics')
            data__Metrics = data['Metrics']
            if not isinstance(data__Metrics, (list, tuple)):
                raise DoesNotConform('' + (name_prefix or 'data') + '.Metrics must be array')
            data__Metrics_is_list = isinstance(data__Metrics, (list, tuple))
            if data__Metrics_is_list:
                data__Metrics_len = len(data__Metrics)
                for data__Metrics_x, data__Metrics_item in enumerate(data__Metrics):
                    if not isinstance(data__Metrics_item, str):
                        raise DoesNotConform('' + (name_prefix or 'data') + '.Metrics[{data__Metrics_x}]'.format(**locals()) + ' must be string')
                    if isinstance(data__Metrics_item, str):
                        data__Metrics_item_len = len(data__Metrics_item)
                        if data__Metrics_item_len < 1:
                            raise DoesNotConform('' + (name_prefix or 'data') + '.Metrics[{data__Metrics_x}]'.format(**locals()) + ' must be longer than or equal to 1 characters')
                        if data__Metrics_item_len > 128:
                            raise DoesNotConform('' + (name_prefix or 'data') + '.Metrics[{data__Metrics_x}]'.format(**locals()) + ' must be shorter than or equal to 128 characters')
        if 'NothingToReport' in data_keys:
            data_keys.remove('NothingToReport')
            data__NothingToReport = data['NothingToReport']
            if not isinstance(data__NothingToReport, dict):
                raise DoesNotConform('' + (name_prefix or 'data') + '.NothingToReport must be object')
            data__NothingToReport_is_dict = isinstance(data__NothingToReport, dict)
            if data__NothingToReport_is_dict:
                data__NothingToReport_len = len(data__NothingToReport)
                if data__NothingToReport_len > 1000:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.NothingToReport must contain less than or equal to 1000 properties')
                data__NothingToReport_keys = set(data__NothingToReport.keys())
                for data__NothingToReport_key, data__NothingToReport_val in data__NothingToReport.items():
                    if REGEX_PATTERNS['^[^#]{1,128}$'].search(data__NothingToReport_key):
                        if data__NothingToReport_key in data__NothingToReport_keys:
                            data__NothingToReport_keys.remove(data__NothingToReport_key)
                        if not isinstance(data__NothingToReport_val, str):
                            raise DoesNotConform('' + (name_prefix or 'data') + '.NothingToReport.{data__NothingToReport_key}'.format(**locals()) + ' must be string')
                        if isinstance(data__NothingToReport_val, str):
                            data__NothingToReport_val_len = len(data__NothingToReport_val)
                            if data__NothingToReport_val_len > 512:
                                raise DoesNotConform('' + (name_prefix or 'data') + '.NothingToReport.{data__NothingToReport_key}'.format(**locals()) + ' must be shorter than or equal to 512 characters')
                if data__NothingToReport_keys:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.NothingToReport must not contain ' + ', '.join(sorted(map(repr, data__NothingToReport_keys))) + ' properties')
        if 'AsOf' in data_keys:
            data_keys.remove('AsOf')
            data__AsOf = data['AsOf']
            if not isinstance(data__AsOf, str):
                raise DoesNotConform('' + (name_prefix or 'data') + '.AsOf must be string')
            if isinstance(data__AsOf, str):
                data__AsOf_len = len(data__AsOf)
                if data__AsOf_len > 64:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.AsOf must be shorter than or equal to 64 characters')
        if 'ScheduleExpression' in data_keys:
            data_keys.remove('ScheduleExpression')
            data__ScheduleExpression = data['ScheduleExpression']
            if not isinstance(data__ScheduleExpression, (str, NoneType)):
                raise DoesNotConform('' + (name_prefix or 'data') + '.ScheduleExpression must be string or null')
            if isinstance(data__ScheduleExpression, str):
                data__ScheduleExpression_len = len(data__ScheduleExpression)
                if data__ScheduleExpression_len > 256:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.ScheduleExpression must be shorter than or equal to 256 characters')
        if 'PackageVersion' in data_keys:
            data_keys.remove('PackageVersion')
            data__PackageVersion = data['PackageVersion']
            if not isinstance(data__PackageVersion, str):
                raise DoesNotConform('' + (name_prefix or 'data') + '.PackageVersion must be string')
            if isinstance(data__PackageVersion, str):
                data__PackageVersion_len = len(data__PackageVersion)
                if data__PackageVersion_len > 64:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.PackageVersion must be shorter than or equal to 64 characters')
        if 'BotoVersion' in data_keys:
            data_keys.remove('BotoVersion')
            data__BotoVersion = data['BotoVersion']
            if not isinstance(data__BotoVersion, str):
                raise DoesNotConform('' + (name_prefix or 'data') + '.BotoVersion must be string')
            if isinstance(data__BotoVersion, str):
                data__BotoVersion_len = len(data__BotoVersion)
                if data__BotoVersion_len > 64:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.BotoVersion must be shorter than or equal to 64 characters')
    return data
