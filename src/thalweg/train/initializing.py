"""`tf.train.init_from_checkpoint`: variables that start with values from a checkpoint.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/train/init_from_checkpoint
"""

from __future__ import annotations

import re
from collections import namedtuple
from typing import Any

import numpy as np

from thalweg.compat import v1 as tf
from thalweg.train.reading import CheckpointReader, load_checkpoint

VocabInfo = namedtuple(
    "VocabInfo",
    ("new_vocab", "new_vocab_size", "num_oov_buckets", "old_vocab", "old_vocab_size", "backup_initializer", "axis"),
    defaults=(-1, None, 0),
)


def init_from_checkpoint(ckpt_dir_or_file: Any, assignment_map: Any) -> None:
    """Let variables' initializers give the checkpoint's values.

    `assignment_map` maps names in the checkpoint, or scopes ending in `/`, to variables, names of variables, or scopes ending
    in `/`. Raises ValueError for what the checkpoint does not hold, and for shapes that differ.
    """
    reader = load_checkpoint(ckpt_dir_or_file)
    for source, target in sorted((assignment_map.items() if hasattr(assignment_map, "items") else assignment_map), key=str):
        if _is_variables(target):
            _from_tensor(reader, source, target, ckpt_dir_or_file)
        elif isinstance(target, str) and target.endswith("/"):
            _from_scope(reader, source, target, ckpt_dir_or_file)
        else:
            name = target.name if hasattr(target, "name") else target
            _from_tensor(reader, source, _named(name), ckpt_dir_or_file)


def _is_variables(target: Any) -> bool:
    return hasattr(target, "initializer") or (isinstance(target, list) and all(hasattr(v, "initializer") for v in target))


def _named(name: str) -> Any:
    found = [v for v in tf.global_variables() if v.op.name == name.removesuffix(":0")]
    if not found:
        raise ValueError(f"Tensor {name} is not found in the graph's variables.")
    return found[0]


def _from_scope(reader: CheckpointReader, source: str, target: str, path: Any) -> None:
    """All the variables of a scope, from tensors of the same names in another one."""
    scope = target.rstrip("/")
    inside = [v for v in tf.global_variables() if not scope or v.op.name == scope or v.op.name.startswith(scope + "/")]
    if not inside:
        raise ValueError(f"There are no variables in the scope {target!r}.")
    there = reader.get_variable_to_shape_map()
    prefix = source.rstrip("/")
    done: set[str] = set()
    for v in inside:
        full = re.sub(r"/part_\d+$", "", v.op.name)
        tail = full[len(scope) :].lstrip("/") if scope else full
        name = f"{prefix}/{tail}" if prefix else tail
        if name in done:
            continue
        if name not in there:
            close = ", ".join(sorted(n for n in there if n.startswith(prefix))[:10])
            raise ValueError(f"Tensor {name} ({v.op.name} in {target}) is not found in {path} checkpoint. It has: {close}.")
        done.add(name)
        parts = [w for w in inside if re.sub(r"/part_\d+$", "", w.op.name) == full]
        _from_tensor(reader, name, parts if len(parts) > 1 else v, path)


def _from_tensor(reader: CheckpointReader, name: str, variables: Any, path: Any) -> None:
    name = name.removesuffix(":0")
    if not reader.has_tensor(name):
        raise ValueError(f"Tensor {name} is not found in {path} checkpoint: {sorted(reader.get_variable_to_shape_map())}")
    value = np.asarray(reader.get_tensor(name))
    for v in variables if isinstance(variables, list) else [variables]:
        info = getattr(v, "_save_slice_info", None)
        part = value if info is None else value[tuple(slice(o, o + n) for o, n in zip(info.var_offset, info.var_shape))]
        if not v.shape.is_compatible_with(part.shape):
            raise ValueError(
                f"Shape of variable {v.op.name} ({v.shape}) doesn't match with shape of tensor {name} ({list(part.shape)}) from "
                "checkpoint reader."
            )
        v._start_from(part)


def warm_start(
    ckpt_to_initialize_from: Any, vars_to_warm_start: Any = ".*", var_name_to_vocab_info: Any = None,
    var_name_to_prev_var_name: Any = None,
) -> None:  # fmt: skip
    """Let the variables that match start from a checkpoint: a regular expression, names, variables, or None for none.

    Raises ValueError for a variable that the checkpoint does not hold.
    """
    if var_name_to_vocab_info:
        raise ValueError("warm_start takes no vocabularies: give the embedding its rows by tf.train.init_from_checkpoint.")
    previous = var_name_to_prev_var_name or {}
    if vars_to_warm_start is None:
        return
    if isinstance(vars_to_warm_start, str):
        chosen = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope=vars_to_warm_start)
    else:
        chosen = []
        for one in vars_to_warm_start:
            chosen += tf.get_collection(tf.GraphKeys.GLOBAL_VARIABLES, scope=one) if isinstance(one, str) else [one]
    init_from_checkpoint(ckpt_to_initialize_from, {previous.get(v.op.name, v.op.name): v for v in chosen})
