"""`tf.DeviceSpec`: a device's name in parts.

Source: https://www.tensorflow.org/api_docs/python/tf/DeviceSpec
"""

from __future__ import annotations

import re
from typing import Any

_PART = re.compile(r"(job|replica|task|device|[a-zA-Z]+)(?::([^:/]+))?(?::(\d+|\*))?$")


class DeviceSpec:
    """`/job:worker/replica:0/task:1/device:GPU:0`, in parts, any of them None. Raises ValueError for text that is no such name.

    >>> tf.DeviceSpec.from_string("/task:1/device:GPU:0").device_index
    0
    """

    def __init__(
        self, job: str | None = None, replica: int | None = None, task: int | None = None, device_type: str | None = None,
        device_index: int | None = None,
    ):  # fmt: skip
        self.job, self.replica, self.task = job, replica, task
        self.device_type = None if device_type is None else device_type.upper() if len(device_type) == 3 else device_type
        self.device_index = device_index

    @classmethod
    def from_string(cls, spec: str) -> DeviceSpec:
        """The parts of a name."""
        found: dict[str, Any] = {}
        for text in filter(None, spec.split("/")):
            m = _PART.match(text)
            if m is None:
                raise ValueError(f"Unknown attribute '{text}' is encountered while parsing the device specification '{spec}'.")
            key, value, index = m.groups()
            if key == "job":
                found["job"] = value
            elif key in ("replica", "task"):
                found[key] = int(value)
            elif key == "device":
                found["device_type"], found["device_index"] = value, None if index in (None, "*") else int(index)
            elif value is not None or key.lower() in ("cpu", "gpu", "tpu"):
                found["device_type"], found["device_index"] = key, None if value in (None, "*") else int(value)
            else:
                raise ValueError(f"Unknown attribute '{text}' is encountered while parsing the device specification '{spec}'.")
        return cls(**found)

    def parse_from_string(self, spec: str) -> DeviceSpec:
        return DeviceSpec.from_string(spec)

    def to_string(self) -> str:
        """The name."""
        parts = [f"/{k}:{v}" for k, v in (("job", self.job), ("replica", self.replica), ("task", self.task)) if v is not None]
        if self.device_type is not None:
            parts.append(f"/device:{self.device_type}:{'*' if self.device_index is None else self.device_index}")
        return "".join(parts)

    def make_merged_spec(self, dev: DeviceSpec) -> DeviceSpec:
        """These parts, with those of `dev` where it has them."""
        return self.replace(**{k: v for k, v in vars(dev).items() if v is not None})

    def replace(self, **kwargs: Any) -> DeviceSpec:
        """The same with other parts."""
        return DeviceSpec(**{**vars(self), **kwargs})

    def __str__(self) -> str:
        return self.to_string()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DeviceSpec) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(self.to_string())
