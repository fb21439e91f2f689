"""Settings of `tf.debugging` that programs make and this package needs nothing of.

Tracebacks are never filtered: errors name the user's line themselves. Placement is XLA's, and is not logged.
"""

from __future__ import annotations

_settings = {"filtering": True, "placement": False}


def enable_traceback_filtering() -> None:
    """Accepted: errors name the user's own line in any case."""
    _settings["filtering"] = True


def disable_traceback_filtering() -> None:
    """Accepted: tracebacks are whole in any case."""
    _settings["filtering"] = False


def is_traceback_filtering_enabled() -> bool:
    """What was set last."""
    return _settings["filtering"]


def set_log_device_placement(enabled: bool) -> None:
    """Accepted: ops run on the one device there is."""
    _settings["placement"] = bool(enabled)


def get_log_device_placement() -> bool:
    """What was set last."""
    return _settings["placement"]
