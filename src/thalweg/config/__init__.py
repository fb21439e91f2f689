"""`tf.config`: devices, threads, how functions run.

Memory is taken on demand whatever is set, and placement is XLA's. Source: https://www.tensorflow.org/api_docs/python/tf/config
"""

from __future__ import annotations

from typing import Any

from thalweg.config import experimental as experimental, optimizer as optimizer, threading as threading
from thalweg.config.devices import LogicalDevice as LogicalDevice, PhysicalDevice as PhysicalDevice, found_devices, visible
from thalweg.config.experimental import LogicalDeviceConfiguration as LogicalDeviceConfiguration
from thalweg.engine.execution.function import (
    functions_run_eagerly as functions_run_eagerly,
    run_functions_eagerly as run_functions_eagerly,
)

_soft_placement = True


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices of this machine, all or those of one type ("CPU", "GPU").

    >>> tf.config.list_physical_devices("CPU")
    [PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')]
    """
    return [d for d in found_devices() if device_type is None or d.device_type == device_type]


def list_logical_devices(device_type: str | None = None) -> list[LogicalDevice]:
    """The visible devices under the names that ops are placed by."""
    return [LogicalDevice(d.name.replace("physical_device", "device"), d.device_type) for d in visible.listed(device_type)]


def get_visible_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices that this program wants to see."""
    return visible.listed(device_type)


def set_visible_devices(devices: Any, device_type: str | None = None) -> None:
    """Choose the devices that are listed as logical ones. Raises ValueError for a device that does not exist."""
    visible.show(devices, device_type)


def get_logical_device_configuration(device: PhysicalDevice) -> Any:
    """How a device was divided: None, as devices are taken whole."""
    return experimental.configurations.get(device)


def set_logical_device_configuration(device: PhysicalDevice, logical_devices: Any) -> None:
    """Note how a program wants to divide a device; devices are taken whole."""
    experimental.configurations[device] = list(logical_devices)


def get_soft_device_placement() -> bool:
    return _soft_placement


def set_soft_device_placement(enabled: bool) -> None:
    """Accepted: an op that a device cannot run always runs elsewhere."""
    global _soft_placement
    _soft_placement = bool(enabled)


experimental_run_functions_eagerly = run_functions_eagerly
experimental_functions_run_eagerly = functions_run_eagerly
