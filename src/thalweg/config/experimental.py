"""`tf.config.experimental`: settings of memory and numerics."""

from __future__ import annotations

from typing import Any, NamedTuple

from thalweg.config.devices import PhysicalDevice, found_devices, visible


class LogicalDeviceConfiguration(NamedTuple):
    """How much memory, in megabytes, a logical device may take, and its priority."""

    memory_limit: Any = None
    experimental_priority: Any = None


VirtualDeviceConfiguration = LogicalDeviceConfiguration
configurations: dict[Any, Any] = {}
_growth: dict[Any, bool] = {}
_settings = {"tensor_float_32": True, "synchronous": True, "op_determinism": False}


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices of this machine, all or those of one type."""
    return [d for d in found_devices() if device_type is None or d.device_type == device_type]


def set_visible_devices(devices: Any, device_type: str | None = None) -> None:
    """Choose the devices that are listed as logical ones."""
    visible.show(devices, device_type)


def get_visible_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    return visible.listed(device_type)


def set_memory_growth(device: PhysicalDevice, enable: bool) -> None:
    """Accepted: memory is always taken on demand. Raises ValueError for a device that does not exist."""
    if device not in found_devices():
        raise ValueError(f"Unrecognized device: {device!r}")
    _growth[device] = bool(enable)


def get_memory_growth(device: PhysicalDevice) -> bool:
    if device not in found_devices():
        raise ValueError(f"Unrecognized device: {device!r}")
    return _growth.get(device, True)


def set_virtual_device_configuration(device: PhysicalDevice, virtual_devices: Any) -> None:
    """Note how a program wants to divide a device; devices are taken whole."""
    configurations[device] = list(virtual_devices)


def get_virtual_device_configuration(device: PhysicalDevice) -> Any:
    return configurations.get(device)


def get_device_details(device: PhysicalDevice) -> dict[str, Any]:
    """What is known of a device: nothing more than its name."""
    return {}


def get_memory_info(device: str) -> dict[str, int]:
    """The largest resident size that the process has had, in bytes. Raises ValueError for a device that is no CPU."""
    if "CPU" not in device.upper():
        raise ValueError(f"No allocator statistics for {device!r}: memory belongs to JAX there.")
    import resource  # not on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"current": peak, "peak": peak}


def enable_op_determinism() -> None:
    """Accepted: runs with a seed repeat to the bit anyway."""
    _settings["op_determinism"] = True


def enable_tensor_float_32_execution(enabled: bool) -> None:
    _settings["tensor_float_32"] = bool(enabled)


def tensor_float_32_execution_enabled() -> bool:
    return _settings["tensor_float_32"]


def set_synchronous_execution(enable: bool) -> None:
    _settings["synchronous"] = bool(enable)


def get_synchronous_execution() -> bool:
    return _settings["synchronous"]


def list_logical_devices(device_type: str | None = None) -> list[Any]:
    """The visible devices under the names that ops are placed by."""
    from thalweg.config import list_logical_devices as listed

    return listed(device_type)


def get_memory_usage(device: str) -> int:
    """Bytes that this process holds now."""
    return get_memory_info(device)["current"]
