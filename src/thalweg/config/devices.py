"""The devices that there are. Looking for accelerators loads JAX only where it was installed for one."""

from __future__ import annotations

import functools
import importlib.util
from collections import namedtuple
from typing import Any

from thalweg.engine.xp import jax

PhysicalDevice = namedtuple("PhysicalDevice", ["name", "device_type"])
LogicalDevice = namedtuple("LogicalDevice", ["name", "device_type"])
_PLUGINS = ("jax_cuda12_plugin", "jax_cuda13_plugin", "jax_rocm7_plugin", "jax_rocm60_plugin", "libtpu")


@functools.cache
def found_devices() -> tuple[PhysicalDevice, ...]:
    """The CPU, then what accelerators XLA sees."""
    devices = [PhysicalDevice("/physical_device:CPU:0", "CPU")]
    if any(importlib.util.find_spec(plugin) for plugin in _PLUGINS):
        for kind in ("GPU", "TPU"):
            try:
                count = len(jax().devices(kind.lower()))
            except RuntimeError:  # JAX says so where a platform has no device
                count = 0
            devices += [PhysicalDevice(f"/physical_device:{kind}:{i}", kind) for i in range(count)]
    return tuple(devices)


class VisibleDevices:
    """Which of the devices a program wants to see."""

    def __init__(self) -> None:
        self._hidden: set[PhysicalDevice] = set()

    def show(self, devices: Any, device_type: str | None) -> None:
        wanted = [devices] if isinstance(devices, PhysicalDevice) else list(devices or [])
        unknown = [d for d in wanted if d not in found_devices()]
        if unknown:
            raise ValueError(f"Unrecognized device: {unknown[0]!r}")
        for d in found_devices():
            if device_type is None or d.device_type == device_type:
                (self._hidden.discard if d in wanted else self._hidden.add)(d)

    def listed(self, device_type: str | None) -> list[PhysicalDevice]:
        return [d for d in found_devices() if d not in self._hidden and (device_type is None or d.device_type == device_type)]


visible = VisibleDevices()
