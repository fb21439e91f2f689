"""Variables by name, and giving them values: `tf.contrib.framework.model_variable` and its kin.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/contrib/framework
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.compat import v1 as tf
from thalweg.contrib.framework.arguments import add_arg_scope


@add_arg_scope
def variable(
    name: str, shape: Any = None, dtype: Any = None, initializer: Any = None, regularizer: Any = None, trainable: bool = True,
    collections: Any = None, caching_device: Any = None, device: Any = None, partitioner: Any = None, custom_getter: Any = None,
    use_resource: Any = None, synchronization: Any = None, aggregation: Any = None,
) -> Any:  # fmt: skip
    """A variable of the current scope, in GLOBAL_VARIABLES and `collections`."""
    collections = [tf.GraphKeys.GLOBAL_VARIABLES] if collections is None else list(collections)
    with tf.device(device or ""):
        return tf.get_variable(
            name, shape=shape, dtype=dtype, initializer=initializer, regularizer=regularizer, trainable=trainable,
            collections=list(dict.fromkeys(collections)), partitioner=partitioner, custom_getter=custom_getter,
        )  # fmt: skip


@add_arg_scope
def model_variable(
    name: str, shape: Any = None, dtype: Any = None, initializer: Any = None, regularizer: Any = None, trainable: bool = True,
    collections: Any = None, caching_device: Any = None, device: Any = None, partitioner: Any = None, custom_getter: Any = None,
    use_resource: Any = None, synchronization: Any = None, aggregation: Any = None,
) -> Any:  # fmt: skip
    """As `variable`, in MODEL_VARIABLES too."""
    keys = [*(collections or []), tf.GraphKeys.GLOBAL_VARIABLES, tf.GraphKeys.MODEL_VARIABLES]
    return variable(
        name, shape, dtype, initializer, regularizer, trainable, keys, caching_device, device, partitioner, custom_getter
    )


def local_variable(initial_value: Any, validate_shape: bool = True, name: str | None = None, use_resource: Any = None) -> Any:
    """A variable that checkpoints do not keep."""
    return tf.Variable(
        initial_value, trainable=False, collections=[tf.GraphKeys.LOCAL_VARIABLES], validate_shape=validate_shape, name=name
    )


def add_model_variable(var: Any) -> None:
    """Note a variable among the model's, once."""
    if not any(var is v for v in tf.get_collection(tf.GraphKeys.MODEL_VARIABLES)):
        tf.add_to_collection(tf.GraphKeys.MODEL_VARIABLES, var)


# -- finding ------------------------------------------------------------------------------------------------


def get_variables(scope: Any = None, suffix: str | None = None, collection: str = tf.GraphKeys.GLOBAL_VARIABLES) -> list[Any]:
    """A collection's variables, of a scope or with names that end in `suffix`."""
    if isinstance(scope, tf.VariableScope):
        scope = scope.name
    if suffix is not None:
        scope = (scope or "") + ".*" + (suffix if ":" in suffix else suffix + ":")
    return tf.get_collection(collection, scope)


def get_model_variables(scope: Any = None, suffix: str | None = None) -> list[Any]:
    return get_variables(scope, suffix, tf.GraphKeys.MODEL_VARIABLES)


def get_local_variables(scope: Any = None, suffix: str | None = None) -> list[Any]:
    return get_variables(scope, suffix, tf.GraphKeys.LOCAL_VARIABLES)


def get_trainable_variables(scope: Any = None, suffix: str | None = None) -> list[Any]:
    return get_variables(scope, suffix, tf.GraphKeys.TRAINABLE_VARIABLES)


def get_variables_by_suffix(suffix: str, scope: Any = None) -> list[Any]:
    return get_variables(scope=scope, suffix=suffix)


def get_variables_by_name(given_name: str, scope: Any = None) -> list[Any]:
    return get_variables(scope=scope, suffix=f"/{given_name}:|^{given_name}")


def get_unique_variable(var_op_name: str) -> Any:
    """The one variable of this name. Raises ValueError if there is none, or more than one."""
    found = [v for v in get_variables(var_op_name) if v.op.name == var_op_name]
    if len(found) != 1:
        raise ValueError(f"Couldn't find a unique variable {var_op_name}: {len(found)} have this name.")
    return found[0]


def filter_variables(
    var_list: Any, include_patterns: Any = None, exclude_patterns: Any = None, reg_search: bool = True
) -> list[Any]:
    """The variables whose names match a pattern to include (if any are given) and none to exclude."""
    match = re.search if reg_search else re.match
    kept = list(var_list)
    if include_patterns:
        kept = [v for v in kept if any(match(p, v.op.name) for p in include_patterns)]
    if exclude_patterns:
        kept = [v for v in kept if not any(match(p, v.op.name) for p in exclude_patterns)]
    return kept


def get_variables_to_restore(include: Any = None, exclude: Any = None) -> list[Any]:
    """The global variables of the scopes to include (all by default), but for those of the scopes to exclude."""
    found: list[Any] = []
    for scope in include if include is not None else [None]:
        found += get_variables(scope)
    dropped = {id(v) for scope in exclude or [] for v in get_variables(scope)}
    return [v for v in found if id(v) not in dropped]


def get_name_scope() -> str:
    return tf.get_default_graph().get_name_scope()


def is_tensor(x: Any) -> bool:
    """Whether `x` is a tensor or a variable."""
    return bool(tf.is_tensor(x))


# -- giving values ------------------------------------------------------------------------------------------


def assign_from_values(var_names_to_values: dict[str, Any]) -> tuple[Any, dict[Any, Any]]:
    """An operation that sets variables, found by name, and the feeds it needs."""
    feeds, assigns = {}, []
    for name, value in var_names_to_values.items():
        var, value = get_unique_variable(name), np.asarray(value)
        given = tf.placeholder(var.dtype.base_dtype, value.shape)
        assigns.append(tf.assign(var, given, validate_shape=False))
        feeds[given] = value.reshape(value.shape)
    return tf.group(*assigns), feeds


def assign_from_values_fn(var_names_to_values: dict[str, Any]) -> Callable[[Any], None]:
    """A function of a session that sets variables, found by name."""
    op, feeds = assign_from_values(var_names_to_values)

    def assign(session: Any) -> None:
        session.run(op, feeds)

    return assign


def _in_checkpoint(reader: Any, var_list: Any, ignore_missing: bool) -> dict[str, Any]:
    named = var_list if isinstance(var_list, dict) else {v.op.name: v for v in var_list}
    there = reader.get_variable_to_shape_map()
    missing = [name for name in named if name not in there]
    if missing and not ignore_missing:
        raise ValueError(f"Checkpoint is missing variable [{missing[0]}]")
    return {name: v for name, v in named.items() if name in there}


def assign_from_checkpoint(model_path: Any, var_list: Any, ignore_missing_vars: bool = False) -> tuple[Any, dict[Any, Any]]:
    """An operation that sets variables to their values in a checkpoint, and the feeds it needs.

    `var_list` is a list of variables, or a dict of the checkpoint's names to variables. Raises ValueError for one that the
    checkpoint does not hold.
    """
    reader = tf.train.NewCheckpointReader(model_path)
    feeds, assigns = {}, []
    for name, var in _in_checkpoint(reader, var_list, ignore_missing_vars).items():
        value = np.asarray(reader.get_tensor(name))
        if not var.shape.is_compatible_with(value.shape):
            raise ValueError(f"Total size of new array must be unchanged for {name}: {value.shape} vs [{var.shape}]")
        given = tf.placeholder(var.dtype.base_dtype, value.shape)
        assigns.append(tf.assign(var, given))
        feeds[given] = value
    return tf.group(*assigns), feeds


def assign_from_checkpoint_fn(
    model_path: Any, var_list: Any, ignore_missing_vars: bool = False, reshape_variables: bool = False
) -> Callable[[Any], None] | None:
    """A function of a session that restores variables from a checkpoint."""
    if not var_list:
        raise ValueError("var_list cannot be empty")
    reader = tf.train.NewCheckpointReader(model_path)
    named = _in_checkpoint(reader, var_list, ignore_missing_vars)
    if not named:
        return None
    saver = tf.train.Saver(named, reshape=reshape_variables)
    return lambda session: saver.restore(session, model_path)
