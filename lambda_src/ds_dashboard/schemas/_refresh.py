"""Generated from refresh.json; do not edit. To generate it again, run .venv/bin/python -m ds_dashboard_dev.validators."""

# fmt: off
# ruff: noqa
# mypy: ignore-errors
from ds_dashboard.schemas import DoesNotConform
from decimal import Decimal
import re
REGEX_PATTERNS = {'^[^#]*$': re.compile('^[^#]*\\Z'), '^[A-Za-z0-9_.-]{1,64}$': re.compile('^[A-Za-z0-9_.-]{1,64}\\Z'), '^[^#]{1,128}$': re.compile('^[^#]{1,128}$'), '^[A-Za-z_][A-Za-z0-9_]{0,63}$': re.compile('^[A-Za-z_][A-Za-z0-9_]{0,63}$')}
NoneType = type(None)

def validate(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, dict):
        raise DoesNotConform('' + (name_prefix or 'data') + ' must be object')
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
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
                        if not REGEX_PATTERNS['^[^#]*$'].search(data__Metrics_item):
                            raise DoesNotConform('' + (name_prefix or 'data') + '.Metrics[{data__Metrics_x}]'.format(**locals()) + ' must match pattern ^[^#]*$')
        if 'Projects' in data_keys:
            data_keys.remove('Projects')
            data__Projects = data['Projects']
            if not isinstance(data__Projects, (list, tuple)):
                raise DoesNotConform('' + (name_prefix or 'data') + '.Projects must be array')
            data__Projects_is_list = isinstance(data__Projects, (list, tuple))
            if data__Projects_is_list:
                data__Projects_len = len(data__Projects)
                for data__Projects_x, data__Projects_item in enumerate(data__Projects):
                    if not isinstance(data__Projects_item, str):
                        raise DoesNotConform('' + (name_prefix or 'data') + '.Projects[{data__Projects_x}]'.format(**locals()) + ' must be string')
                    if isinstance(data__Projects_item, str):
                        if not REGEX_PATTERNS['^[A-Za-z0-9_.-]{1,64}$'].search(data__Projects_item):
                            raise DoesNotConform('' + (name_prefix or 'data') + '.Projects[{data__Projects_x}]'.format(**locals()) + ' must match pattern ^[A-Za-z0-9_.-]{1,64}$')
        if 'Environments' in data_keys:
            data_keys.remove('Environments')
            data__Environments = data['Environments']
            if not isinstance(data__Environments, (list, tuple)):
                raise DoesNotConform('' + (name_prefix or 'data') + '.Environments must be array')
            data__Environments_is_list = isinstance(data__Environments, (list, tuple))
            if data__Environments_is_list:
                data__Environments_len = len(data__Environments)
                for data__Environments_x, data__Environments_item in enumerate(data__Environments):
                    if not isinstance(data__Environments_item, str):
                        raise DoesNotConform('' + (name_prefix or 'data') + '.Environments[{data__Environments_x}]'.format(**locals()) + ' must be string')
                    if isinstance(data__Environments_item, str):
                        if not REGEX_PATTERNS['^[A-Za-z0-9_.-]{1,64}$'].search(data__Environments_item):
                            raise DoesNotConform('' + (name_prefix or 'data') + '.Environments[{data__Environments_x}]'.format(**locals()) + ' must match pattern ^[A-Za-z0-9_.-]{1,64}$')
        if 'AsOf' in data_keys:
            data_keys.remove('AsOf')
            data__AsOf = data['AsOf']
            if not isinstance(data__AsOf, str):
                raise DoesNotConform('' + (name_prefix or 'data') + '.AsOf must be string')
            if isinstance(data__AsOf, str):
                data__AsOf_len = len(data__AsOf)
                if data__AsOf_len > 64:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.AsOf must be shorter than or equal to 64 characters')
        if 'Arguments' in data_keys:
            data_keys.remove('Arguments')
            data__Arguments = data['Arguments']
            if not isinstance(data__Arguments, dict):
                raise DoesNotConform('' + (name_prefix or 'data') + '.Arguments must be object')
            data__Arguments_is_dict = isinstance(data__Arguments, dict)
            if data__Arguments_is_dict:
                data__Arguments_len = len(data__Arguments)
                if data__Arguments_len > 100:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.Arguments must contain less than or equal to 100 properties')
                data__Arguments_keys = set(data__Arguments.keys())
                for data__Arguments_key, data__Arguments_val in data__Arguments.items():
                    if REGEX_PATTERNS['^[^#]{1,128}$'].search(data__Arguments_key):
                        if data__Arguments_key in data__Arguments_keys:
                            data__Arguments_keys.remove(data__Arguments_key)
                        if not isinstance(data__Arguments_val, dict):
                            raise DoesNotConform('' + (name_prefix or 'data') + '.Arguments.{data__Arguments_key}'.format(**locals()) + ' must be object')
                        data__Arguments_val_is_dict = isinstance(data__Arguments_val, dict)
                        if data__Arguments_val_is_dict:
                            data__Arguments_val_len = len(data__Arguments_val)
                            if data__Arguments_val_len > 20:
                                raise DoesNotConform('' + (name_prefix or 'data') + '.Arguments.{data__Arguments_key}'.format(**locals()) + ' must contain less than or equal to 20 properties')
                            data__Arguments_val_keys = set(data__Arguments_val.keys())
                            for data__Arguments_val_key, data__Arguments_val_val in data__Arguments_val.items():
                                if REGEX_PATTERNS['^[A-Za-z_][A-Za-z0-9_]{0,63}$'].search(data__Arguments_val_key):
                                    if data__Arguments_val_key in data__Arguments_val_keys:
                                        data__Arguments_val_keys.remove(data__Arguments_val_key)
                                    if not isinstance(data__Arguments_val_val, str):
                                        raise DoesNotConform('' + (name_prefix or 'data') + '.Arguments.{data__Arguments_key}.{data__Arguments_val_key}'.format(**locals()) + ' must be string')
                                    if isinstance(data__Arguments_val_val, str):
                                        data__Arguments_val_val_len = len(data__Arguments_val_val)
                                        if data__Arguments_val_val_len > 128:
                                            raise DoesNotConform('' + (name_prefix or 'data') + '.Arguments.{data__Arguments_key}.{data__Arguments_val_key}'.format(**locals()) + ' must be shorter than or equal to 128 characters')
                            if data__Arguments_val_keys:
                                raise DoesNotConform('' + (name_prefix or 'data') + '.Arguments.{data__Arguments_key}'.format(**locals()) + ' must not contain ' + ', '.join(sorted(map(repr, data__Arguments_val_keys))) + ' properties')
                if data__Arguments_keys:
                    raise DoesNotConform('' + (name_prefix or 'data') + '.Arguments must not contain ' + ', '.join(sorted(map(repr, data__Arguments_keys))) + ' properties')
        if data_keys:
            raise DoesNotConform('' + (name_prefix or 'data') + ' must not contain ' + ', '.join(sorted(map(repr, data_keys))) + ' properties')
    return data
