"""`tf.contrib.training`: hyperparameters by name, and small helpers of training loops.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/contrib/training/HParams
"""

from __future__ import annotations

import json
import re
from typing import Any

from thalweg.compat import v1 as tf
from thalweg.contrib.slim import create_train_op as create_train_op

_ONE = re.compile(
    r"(?P<name>[a-zA-Z][\w.]*)(?:\[\s*(?P<index>\d+)\s*\])?\s*=\s*(?:(?P<value>[^,\[]*)|\[(?P<list>[^\]]*)\])(?:$|,\s*)"
)


class HParams:
    """Hyperparameters as attributes, with types kept: `HParams(rate=0.1)`, then `parse("rate=0.2")`.

    >>> from thalweg.contrib.training import HParams
    >>> h = HParams(rate=0.1, sizes=[2, 3])
    >>> h.parse("rate=0.5,sizes=[4,5]").sizes
    [4, 5]
    """

    _HAS_DYNAMIC_ATTRIBUTES = True

    def __init__(self, hparam_def: Any = None, model_structure: Any = None, **kwargs: Any):
        self._hparam_types: dict[str, tuple[type, bool]] = {}
        self._model_structure = model_structure
        for name, value in kwargs.items():
            self.add_hparam(name, value)

    def add_hparam(self, name: str, value: Any) -> None:
        """A new hyperparameter. Raises ValueError for a name that is taken, or an empty list."""
        if getattr(self, name, None) is not None:
            raise ValueError(f"Hyperparameter name is reserved: {name}")
        if isinstance(value, (list, tuple)):
            if not value:
                raise ValueError(f"Multi-valued hyperparameters cannot be empty: {name}")
            self._hparam_types[name] = type(value[0]), True
        else:
            self._hparam_types[name] = type(value), False
        setattr(self, name, value)

    def set_hparam(self, name: str, value: Any) -> None:
        """A new value of the same type. Raises ValueError for a list in place of a value, or the other way round."""
        kind, several = self._hparam_types[name]
        if isinstance(value, list):
            if not several:
                raise ValueError(f"Must not pass a list for single-valued parameter: {name}")
            setattr(self, name, [_cast(kind, v, name) for v in value])
        else:
            if several:
                raise ValueError(f"Must pass a list for multi-valued parameter: {name}.")
            setattr(self, name, _cast(kind, value, name))

    def del_hparam(self, name: str) -> None:
        if hasattr(self, name):
            delattr(self, name)
            del self._hparam_types[name]

    def parse(self, values: str) -> HParams:
        """Override values by a text such as `"rate=0.5,sizes=[4,5]"`. Raises ValueError for what cannot be read."""
        place = 0
        while place < len(values):
            found = _ONE.match(values, place)
            if not found:
                raise ValueError(f"Malformed hyperparameter value: {values[place:]}")
            place = found.end()
            name = found["name"]
            if name not in self._hparam_types:
                raise ValueError(f"Unknown hyperparameter type for {name}")
            kind, several = self._hparam_types[name]
            if found["list"] is not None:
                self.set_hparam(name, [_read(kind, v.strip(), name) for v in re.split("[ ,]+", found["list"].strip()) if v])
            elif found["index"] is not None:
                changed = list(getattr(self, name))
                changed[int(found["index"])] = _read(kind, found["value"], name)
                self.set_hparam(name, changed)
            else:
                value = _read(kind, found["value"], name)
                self.set_hparam(name, [value] if several else value)
        return self

    def override_from_dict(self, values_dict: dict[str, Any]) -> HParams:
        for name, value in values_dict.items():
            self.set_hparam(name, value)
        return self

    def parse_json(self, values_json: str) -> HParams:
        return self.override_from_dict(json.loads(values_json))

    def values(self) -> dict[str, Any]:
        """All of them by name."""
        return {name: getattr(self, name) for name in self._hparam_types}

    def to_json(self, indent: Any = None, separators: Any = None, sort_keys: bool = False) -> str:
        return json.dumps({k: v for k, v in self.values().items() if not callable(v)}, indent=indent, separators=separators,
                          sort_keys=sort_keys)  # fmt: skip

    def get(self, key: str, default: Any = None) -> Any:
        """One by name. Raises ValueError for a default of another type."""
        if key not in self._hparam_types:
            return default
        if default is not None:
            kind, several = self._hparam_types[key]
            if several != isinstance(default, list):
                raise ValueError(f"Hparam '{key}' of type '{kind}' is incompatible with default={default}")
            _cast(kind, default[0] if several else default, key)
        return getattr(self, key)

    def get_model_structure(self) -> Any:
        return self._model_structure

    def set_model_structure(self, model_structure: Any) -> None:
        self._model_structure = model_structure

    def __contains__(self, key: str) -> bool:
        return key in self._hparam_types

    def __repr__(self) -> str:
        return f"HParams({', '.join(f'{k}={v!r}' for k, v in sorted(self.values().items()))})"

    def __str__(self) -> str:
        return repr(sorted(self.values().items()))


def _cast(kind: type, value: Any, name: str) -> Any:
    """A value in a hyperparameter's type. Raises ValueError where that would lose something."""
    if kind is type(None) or value is None or callable(value):
        return value
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    fits = (
        isinstance(value, str) if kind is str
        else isinstance(value, bool) if kind is bool
        else number and float(value).is_integer() if kind is int
        else number if kind is float
        else True
    )  # fmt: skip
    if not fits:
        raise ValueError(f"Could not cast hparam '{name}' of type '{kind}' from value {value!r}")
    return kind(value) if kind in (int, float) else value


def _read(kind: type, text: str, name: str) -> Any:
    """A value from text."""
    try:
        if kind is bool:
            return {"true": True, "false": False, "1": True, "0": False}[text.strip().lower()]
        if kind in (int, float):
            return kind(text)
    except (KeyError, ValueError):
        raise ValueError(f"Could not parse hparam '{name}' of type '{kind}' with value '{text}'") from None
    return text.strip()


def parse_values(values: str, type_map: dict[str, type], ignore_unknown: bool = False) -> dict[str, Any]:
    """A text such as `"a=1,b=2"` as a dict of values of the given types."""
    found = {}
    for one in _ONE.finditer(values):
        if one["name"] not in type_map:
            if not ignore_unknown:
                raise ValueError(f"Unknown hyperparameter type for {one['name']}")
            continue
        found[one["name"]] = _read(type_map[one["name"]], one["value"], one["name"])
    return found


def bucket_by_sequence_length(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError("Queues by length are not offered: use tf.data.experimental.bucket_by_sequence_length.")


def get_or_create_eval_step() -> Any:
    """The evaluation's own counter of steps."""
    found = tf.get_collection(tf.GraphKeys.EVAL_STEP)
    if found:
        return found[0]
    return tf.get_variable(
        "eval_step", [], tf.int64, tf.zeros_initializer(), trainable=False,
        collections=[tf.GraphKeys.LOCAL_VARIABLES, tf.GraphKeys.EVAL_STEP],
    )  # fmt: skip


def checkpoints_iterator(checkpoint_dir: str, min_interval_secs: float = 0, timeout: Any = None, timeout_fn: Any = None) -> Any:
    return tf.train.checkpoints_iterator(checkpoint_dir, min_interval_secs, timeout, timeout_fn)


def train(
    train_op: Any, logdir: Any, master: str = "", is_chief: bool = True, scaffold: Any = None, hooks: Any = None,
    chief_only_hooks: Any = None, save_checkpoint_secs: Any = 600, save_summaries_steps: Any = 100, config: Any = None,
    max_wait_secs: int = 7200, run_metadata: Any = None,
) -> Any:  # fmt: skip
    """Run a training operation until its hooks stop it. Returns the last loss."""
    loss = None
    with tf.train.MonitoredTrainingSession(
        master, is_chief, logdir, scaffold, hooks, chief_only_hooks, save_checkpoint_secs, save_summaries_steps, config=config
    ) as session:
        while not session.should_stop():
            loss = session.run(train_op)
    return loss
