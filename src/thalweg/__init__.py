"""Thalweg: TensorFlow's programming model, whole and fast, in pure Python. `import thalweg as tf`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from thalweg import (
    autodiff as autodiff,
    bitwise as bitwise,
    debugging as debugging,
    dtypes as dtypes,
    errors as errors,
    linalg as linalg,
    math as math,
    nest as nest,
    nn as nn,
    random as random,
    sparse as sparse,
)
from thalweg.engine.autodiff.custom import (
    custom_gradient as custom_gradient,
    grad_pass_through as grad_pass_through,
    recompute_grad as recompute_grad,
)
from thalweg.engine.autodiff.symbolic import gradients as gradients
from thalweg.engine.autodiff.tape import GradientTape as GradientTape, UnconnectedGradients as UnconnectedGradients
from thalweg.engine.core.context import executing_eagerly as executing_eagerly
from thalweg.engine.core.convert import (
    convert_to_tensor as convert_to_tensor,
    is_symbolic_tensor as is_symbolic_tensor,
    is_tensor as is_tensor,
    register_tensor_conversion_function as register_tensor_conversion_function,
)
from thalweg.engine.core.dtypes import (
    DType as DType,
    as_dtype as as_dtype,
    bfloat16 as bfloat16,
    bool as bool,
    complex64 as complex64,
    complex128 as complex128,
    double as double,
    float16 as float16,
    float32 as float32,
    float64 as float64,
    half as half,
    int8 as int8,
    int16 as int16,
    int32 as int32,
    int64 as int64,
    resource as resource,
    string as string,
    uint8 as uint8,
    uint16 as uint16,
    uint32 as uint32,
    uint64 as uint64,
    variant as variant,
)
from thalweg.engine.core.graph import Graph as Graph, Operation as Operation, name_scope as name_scope
from thalweg.engine.core.indexed_slices import IndexedSlices as IndexedSlices, IndexedSlicesSpec as IndexedSlicesSpec
from thalweg.engine.core.shape import TensorShape as TensorShape
from thalweg.engine.core.sparse_tensor import SparseTensor as SparseTensor, SparseTensorSpec as SparseTensorSpec
from thalweg.engine.core.tensor import Tensor as Tensor
from thalweg.engine.execution.conditional import case as case, cond as cond, switch_case as switch_case
from thalweg.engine.execution.function import function as function
from thalweg.engine.execution.functional import (
    foldl as foldl,
    foldr as foldr,
    map_fn as map_fn,
    scan as scan,
    vectorized_map as vectorized_map,
)
from thalweg.engine.execution.init_scope import init_scope as init_scope
from thalweg.engine.execution.loops import while_loop as while_loop
from thalweg.engine.execution.module import Module as Module
from thalweg.engine.execution.printing_ops import print_ as print
from thalweg.engine.execution.python_calls import numpy_function as numpy_function, py_function as py_function
from thalweg.engine.execution.tensor_array import TensorArray as TensorArray
from thalweg.engine.execution.tensor_spec import TensorSpec as TensorSpec
from thalweg.engine.execution.variables import (
    Variable as Variable,
    VariableAggregation as VariableAggregation,
    VariableSynchronization as VariableSynchronization,
    variable_creator_scope as variable_creator_scope,
)
from thalweg.engine.ops import overloads as _overloads  # attaches the operators
from thalweg.engine.ops.activations import sigmoid as sigmoid
from thalweg.engine.ops.arrays import (
    concat as concat,
    parallel_stack as parallel_stack,
    repeat as repeat,
    split as split,
    stack as stack,
    tile as tile,
    unstack as unstack,
)
from thalweg.engine.ops.assertions import (
    Assert as Assert,
    assert_equal as assert_equal,
    assert_greater as assert_greater,
    assert_less as assert_less,
    assert_rank as assert_rank,
)
from thalweg.engine.ops.blocks import (
    batch_to_space as batch_to_space,
    extract_volume_patches as extract_volume_patches,
    required_space_to_batch_paddings as required_space_to_batch_paddings,
    space_to_batch as space_to_batch,
    space_to_batch_nd as space_to_batch_nd,
)
from thalweg.engine.ops.clip import (
    clip_by_global_norm as clip_by_global_norm,
    clip_by_norm as clip_by_norm,
    clip_by_value as clip_by_value,
    saturate_cast as saturate_cast,
)
from thalweg.engine.ops.comparison import (
    equal as equal,
    greater as greater,
    greater_equal as greater_equal,
    less as less,
    less_equal as less_equal,
    logical_and as logical_and,
    logical_not as logical_not,
    logical_or as logical_or,
    not_equal as not_equal,
    where as where,
)
from thalweg.engine.ops.complex_numbers import complex as complex
from thalweg.engine.ops.counting import (
    histogram_fixed_width as histogram_fixed_width,
    histogram_fixed_width_bins as histogram_fixed_width_bins,
)
from thalweg.engine.ops.creation import (
    constant as constant,
    eye as eye,
    fill as fill,
    linspace as linspace,
    meshgrid as meshgrid,
    one_hot as one_hot,
    ones as ones,
    ones_like as ones_like,
    range_ as range,
    sequence_mask as sequence_mask,
    zeros as zeros,
    zeros_like as zeros_like,
)
from thalweg.engine.ops.cumulative import (
    cumsum as cumsum,
)
from thalweg.engine.ops.division import (
    divide as divide,
    floordiv as floordiv,
    real_divide as realdiv,
    truediv as truediv,
    truncatediv as truncatediv,
    truncatemod as truncatemod,
)
from thalweg.engine.ops.einsum import einsum as einsum
from thalweg.engine.ops.elementwise import (
    abs as abs,
    add as add,
    add_n as add_n,
    maximum as maximum,
    minimum as minimum,
    multiply as multiply,
    negative as negative,
    scalar_mul as scalar_mul,
    sign as sign,
    square as square,
    subtract as subtract,
)
from thalweg.engine.ops.exponential import exp as exp, pow as pow, sqrt as sqrt
from thalweg.engine.ops.extremes import (
    argmax as argmax,
    argmin as argmin,
)
from thalweg.engine.ops.indexing import boolean_mask as boolean_mask, gather as gather, gather_nd as gather_nd
from thalweg.engine.ops.linalg import norm as norm
from thalweg.engine.ops.matmul import matmul as matmul, tensordot as tensordot
from thalweg.engine.ops.padding import pad as pad
from thalweg.engine.ops.reduce import (
    reduce_all as reduce_all,
    reduce_any as reduce_any,
    reduce_logsumexp as reduce_logsumexp,
    reduce_max as reduce_max,
    reduce_mean as reduce_mean,
    reduce_min as reduce_min,
    reduce_prod as reduce_prod,
    reduce_sum as reduce_sum,
)
from thalweg.engine.ops.reordering import (
    reverse as reverse,
    reverse_sequence as reverse_sequence,
    roll as roll,
    transpose as transpose,
)
from thalweg.engine.ops.rounding import floor as floor, round as round
from thalweg.engine.ops.scatter import (
    scatter_nd as scatter_nd,
    tensor_scatter_nd_add as tensor_scatter_nd_add,
    tensor_scatter_nd_max as tensor_scatter_nd_max,
    tensor_scatter_nd_min as tensor_scatter_nd_min,
    tensor_scatter_nd_sub as tensor_scatter_nd_sub,
    tensor_scatter_nd_update as tensor_scatter_nd_update,
)
from thalweg.engine.ops.sets import (
    dynamic_partition as dynamic_partition,
    dynamic_stitch as dynamic_stitch,
    searchsorted as searchsorted,
    unique as unique,
    unique_with_counts as unique_with_counts,
    unravel_index as unravel_index,
)
from thalweg.engine.ops.shaping import (
    bitcast as bitcast,
    broadcast_dynamic_shape as broadcast_dynamic_shape,
    broadcast_static_shape as broadcast_static_shape,
    broadcast_to as broadcast_to,
    cast as cast,
    ensure_shape as ensure_shape,
    expand_dims as expand_dims,
    identity as identity,
    identity_n as identity_n,
    rank as rank,
    reshape as reshape,
    shape as shape,
    shape_n as shape_n,
    size as size,
    squeeze as squeeze,
    stop_gradient as stop_gradient,
)
from thalweg.engine.ops.slicing import slice_ as slice, strided_slice as strided_slice
from thalweg.engine.ops.sorting import argsort as argsort, sort as sort
from thalweg.engine.ops.static import get_static_value as get_static_value
from thalweg.engine.ops.trigonometry import (
    acos as acos,
    acosh as acosh,
    asin as asin,
    asinh as asinh,
    atan as atan,
    atan2 as atan2,
    atanh as atanh,
    cos as cos,
    cosh as cosh,
    sin as sin,
    sinh as sinh,
    tan as tan,
    tanh as tanh,
)
from thalweg.version import __version__ as __version__

if TYPE_CHECKING:
    from thalweg import (
        audio as audio,
        autograph as autograph,
        compat as compat,
        config as config,
        data as data,
        experimental as experimental,
        image as image,
        io as io,
        keras as keras,
        lookup as lookup,
        profiler as profiler,
        ragged as ragged,
        sets as sets,
        signal as signal,
        strings as strings,
        summary as summary,
        sysconfig as sysconfig,
        tabular as tabular,
        test as test,
        train as train,
        types as types,
        version as version,
    )

newaxis = None

# Libraries on top of the engine: loaded when first used, so that `import thalweg` stays quick.
_LAZY = {
    "audio", "autograph", "compat", "config", "data", "experimental", "image", "io", "keras", "lookup", "profiler", "ragged",
    "saved_model", "sets", "signal", "strings", "summary", "sysconfig", "tabular", "test", "train", "types", "version",
}  # fmt: skip
_LATER = {  # names whose page is loaded when they are first asked for
    "DeviceSpec": "thalweg.engine.core.device_spec", "TypeSpec": "thalweg.engine.core.type_specs",
    "edit_distance": "thalweg.engine.ops.edit_distance", "type_spec_from_value": "thalweg.engine.core.type_specs",
    "control_dependencies": "thalweg.compat.v1.graph", "get_logger": "thalweg.engine.execution.small",
    "inside_function": "thalweg.engine.execution.small", "timestamp": "thalweg.engine.execution.small",
    "as_string": "thalweg.strings", "explain": "thalweg.explaining", "fingerprint": "thalweg.engine.ops.hashing",
    "install_as_tensorflow": "thalweg.aliases",
    "RaggedTensor": "thalweg.engine.ops.ragged.public", "RaggedTensorSpec": "thalweg.engine.ops.ragged.public",
}  # fmt: skip
_KERAS_ALIASES = {"initializers", "losses", "metrics", "optimizers"}
_MISSING = object()


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return importlib.import_module(f"thalweg.{name}")
    if name in _LATER:
        return getattr(importlib.import_module(_LATER[name]), name)
    if name in _KERAS_ALIASES:
        return getattr(importlib.import_module("thalweg.keras"), name)
    if not name.startswith("_"):  # TensorFlow 1's names work beside TensorFlow 2's: placeholders, sessions
        v1 = importlib.import_module("thalweg.compat.v1")
        found = vars(v1).get(name, _MISSING)
        if found is _MISSING:
            found = v1._find_later(name) or _MISSING
        if found is not _MISSING:
            return found
    raise AttributeError(f"module 'thalweg' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY, *_LATER} - {"Any", "TYPE_CHECKING", "annotations", "importlib"})
