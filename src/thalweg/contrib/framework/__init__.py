"""`tf.contrib.framework`: argument scopes, variables by name, checkpoints."""

from __future__ import annotations

from types import SimpleNamespace

from thalweg.compat.v1 import nest_names as nest
from thalweg.compat.v1.train.global_step import (
    assert_global_step as assert_global_step,
    create_global_step as create_global_step,
    get_global_step as get_global_step,
    get_or_create_global_step as get_or_create_global_step,
)
from thalweg.contrib.framework.arguments import (
    add_arg_scope as add_arg_scope,
    arg_scope as arg_scope,
    arg_scoped_arguments as arg_scoped_arguments,
    current_arg_scope as current_arg_scope,
    has_arg_scope as has_arg_scope,
)
from thalweg.contrib.framework.variables import (
    add_model_variable as add_model_variable,
    assign_from_checkpoint as assign_from_checkpoint,
    assign_from_checkpoint_fn as assign_from_checkpoint_fn,
    assign_from_values as assign_from_values,
    assign_from_values_fn as assign_from_values_fn,
    filter_variables as filter_variables,
    get_local_variables as get_local_variables,
    get_model_variables as get_model_variables,
    get_name_scope as get_name_scope,
    get_trainable_variables as get_trainable_variables,
    get_unique_variable as get_unique_variable,
    get_variables as get_variables,
    get_variables_by_name as get_variables_by_name,
    get_variables_by_suffix as get_variables_by_suffix,
    get_variables_to_restore as get_variables_to_restore,
    is_tensor as is_tensor,
    local_variable as local_variable,
    model_variable as model_variable,
    variable as variable,
)
from thalweg.engine.ops.sorting import argsort as argsort, sort as sort
from thalweg.train.initializing import init_from_checkpoint as init_from_checkpoint
from thalweg.train.reading import (
    list_variables as list_variables,
    load_checkpoint as load_checkpoint,
    load_variable as load_variable,
)

# Where old programs reached into the package.
_ops = SimpleNamespace(add_arg_scope=add_arg_scope, arg_scope=arg_scope, variables=None)
python = SimpleNamespace(ops=_ops)
