"""Find metrics by name, and import only the modules that are needed.

    registry.load("NumberEndPointsInService")                                    -> the class
    registry.create(name, class_name, arguments, project_name, environment)      -> an instance with its arguments set

`ds_dashboard/metrics.json`, the manifest that the package was built with, has the module of each class.
"""

from __future__ import annotations

import importlib
import json
import os.path
import pkgutil
import threading
import traceback
from collections.abc import Mapping

from ds_dashboard.metrics import arguments as declared_arguments
from ds_dashboard.metrics import declaration
from ds_dashboard.metrics.base import Metric
from ds_dashboard.metrics.errors import MetricDeclarationError, MetricUnavailable

_index: dict[str, str] | None = None
# A module may create boto3 clients while it is imported, which is not thread-safe.
_lock = threading.RLock()


def names() -> list[str]:
    """Return the names of all metrics in this package, sorted, without importing them."""
    return sorted(_modules())


def load(class_name: str) -> type[Metric]:
    """Return the class of a metric, and import its module and no other.

    Raises:
        MetricUnavailable: the package does not have the class, or its module fails to import.
    """
    with _lock:
        module_name = _modules().get(class_name)
        if module_name is None:
            known = ", ".join(names()) or "none"
            raise MetricUnavailable(
                class_name,
                f"is not in this package, which has: {known}; build and deploy a package with it "
                "(make manifest package-lambdas, then apply)",
            )
        try:
            module = importlib.import_module(module_name)
        except (Exception, SystemExit) as error:
            raise MetricUnavailable(class_name, f"{module_name} cannot be imported: {_describe(error)}") from error
    found = getattr(module, class_name, None)
    if not (isinstance(found, type) and issubclass(found, Metric)):
        raise MetricUnavailable(class_name, f"{module_name} has no such metric; build the package again")
    return found


def create(name: str, class_name: str, arguments: Mapping[str, str], project_name: str, environment: str) -> Metric:
    """Return an instance of a metric with its arguments.

    Args:
        name: the metric's name, which may differ from its class's.
        class_name: the class.
        arguments: the arguments as Terraform's strings, by name.
        project_name: the spoke's project.
        environment: the spoke's environment.

    Raises:
        MetricUnavailable: the class cannot be loaded or constructed, or an argument is missing, unknown or invalid.
        MetricDeclarationError: the class declares its arguments wrongly.
    """
    cls = load(class_name)
    try:
        values = declared_arguments.cast(class_name, cls.arguments, arguments)
        metric = cls(name, project_name, {}, environment)
    except (MetricUnavailable, MetricDeclarationError):
        raise
    except Exception as error:
        raise MetricUnavailable(class_name, f"cannot be constructed: {_describe(error)}") from error
    metric.arguments = values
    return metric


def use_index(modules: Mapping[str, str] | None) -> None:
    """Set the module of each class, instead of reading the package's manifest; None reads the manifest again."""
    global _index
    _index = None if modules is None else dict(modules)


def _modules() -> dict[str, str]:
    global _index
    if _index is None:
        manifest = os.path.join(os.path.dirname(os.path.dirname(__file__)), "metrics.json")
        try:
            with open(manifest, encoding="utf-8") as file:
                _index = {name: entry["module"] for name, entry in json.load(file)["metrics"].items()}
        except FileNotFoundError:
            _index = _index_of_checkout()
    return _index


def _index_of_checkout() -> dict[str, str]:
    """Import every module in the folder and return the module of each metric, for a checkout without a manifest."""
    import ds_dashboard.metrics as folder

    for module in pkgutil.iter_modules(folder.__path__, f"{folder.__name__}."):
        importlib.import_module(module.name)
    return {
        name: cls.__module__
        for name, cls in declaration.declared().items()
        if cls.__module__.startswith(f"{folder.__name__}.")
    }


def _describe(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{where}"
