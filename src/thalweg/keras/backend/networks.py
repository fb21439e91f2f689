"""`tf.keras.backend`, Keras 2's functions of networks: products, convolutions, losses, control flow, variables."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import thalweg as tf
from thalweg.keras import config, losses, ops
from thalweg.keras.config import standardize_data_format
from thalweg.keras.ops.dtypes import result_type as result_type

_learning = {"phase": 0}


# -- products --------------------------------------------------------------------------------------------------


def dot(x: Any, y: Any) -> Any:
    """The product of matrices; of more dimensions as NumPy's `dot`."""
    x, y = tf.convert_to_tensor(x), tf.convert_to_tensor(y)
    if x.shape.rank == y.shape.rank == 2:
        return tf.matmul(x, y)
    return tf.tensordot(x, y, [[-1], [-1 if y.shape.rank == 1 else -2]])


def batch_dot(x: Any, y: Any, axes: Any = None) -> Any:
    """For each row of the batch, sums over an axis of `x` and one of `y`."""
    x, y = tf.convert_to_tensor(x), tf.convert_to_tensor(y)
    if axes is None:
        axes = [x.shape.rank - 1, y.shape.rank - 1 if y.shape.rank == 2 else y.shape.rank - 2]
    axes = [axes, axes] if isinstance(axes, int) else list(axes)
    a, b = axes[0] % x.shape.rank, axes[1] % y.shape.rank
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    batch, summed = next(letters), next(letters)
    of_x = "".join(batch if i == 0 else summed if i == a else next(letters) for i in range(x.shape.rank))
    of_y = "".join(batch if i == 0 else summed if i == b else next(letters) for i in range(y.shape.rank))
    out = batch + of_x[1:].replace(summed, "") + of_y[1:].replace(summed, "")
    found = tf.einsum(f"{of_x},{of_y}->{out}", x, y)
    return tf.expand_dims(found, -1) if found.shape.rank == 1 else found


def bias_add(x: Any, bias: Any, data_format: Any = None) -> Any:
    """A number for each channel added."""
    x, bias = tf.convert_to_tensor(x), tf.convert_to_tensor(bias)
    if standardize_data_format(data_format) == "channels_first" and x.shape.rank > 2:
        sizes = [1, bias.shape[-1], *([1] * (x.shape.rank - 2))] if bias.shape.rank == 1 else [1, bias.shape[-1], *bias.shape[:-1]]
        return x + tf.reshape(bias, sizes)
    return x + bias


def conv1d(x: Any, kernel: Any, strides: int = 1, padding: str = "valid", data_format: Any = None, dilation_rate: int = 1) -> Any:
    """Convolution along steps."""
    return ops.nn.conv(x, kernel, strides, padding, data_format, dilation_rate)


def conv2d(x: Any, kernel: Any, strides: Any = (1, 1), padding: str = "valid", data_format: Any = None,
           dilation_rate: Any = (1, 1)) -> Any:  # fmt: skip
    """Convolution over pictures."""
    return ops.nn.conv(x, kernel, strides, padding, data_format, dilation_rate)


def conv3d(x: Any, kernel: Any, strides: Any = (1, 1, 1), padding: str = "valid", data_format: Any = None,
           dilation_rate: Any = (1, 1, 1)) -> Any:  # fmt: skip
    """Convolution over volumes."""
    return ops.nn.conv(x, kernel, strides, padding, data_format, dilation_rate)


def conv2d_transpose(x: Any, kernel: Any, output_shape: Any, strides: Any = (1, 1), padding: str = "valid", data_format: Any = None,
                     dilation_rate: Any = (1, 1)) -> Any:  # fmt: skip
    """A convolution run backwards, to this shape."""
    layout = "NHWC" if standardize_data_format(data_format) == "channels_last" else "NCHW"
    return tf.nn.conv_transpose(
        tf.convert_to_tensor(x), kernel, tf.stack(list(output_shape)), list(strides), padding.upper(), layout, list(dilation_rate)
    )


def depthwise_conv2d(x: Any, depthwise_kernel: Any, strides: Any = (1, 1), padding: str = "valid", data_format: Any = None,
                     dilation_rate: Any = (1, 1)) -> Any:  # fmt: skip
    """Convolution of each channel by itself."""
    return ops.nn.depthwise_conv(x, depthwise_kernel, strides, padding, data_format, dilation_rate)


def separable_conv2d(x: Any, depthwise_kernel: Any, pointwise_kernel: Any, strides: Any = (1, 1), padding: str = "valid",
                     data_format: Any = None, dilation_rate: Any = (1, 1)) -> Any:  # fmt: skip
    """Convolution of each channel by itself, then of all at each point."""
    return ops.nn.separable_conv(x, depthwise_kernel, pointwise_kernel, strides, padding, data_format, dilation_rate)


def pool2d(x: Any, pool_size: Any, strides: Any = (1, 1), padding: str = "valid", data_format: Any = None,
           pool_mode: str = "max") -> Any:  # fmt: skip
    """The greatest or the mean ('avg') of windows."""
    return (ops.nn.max_pool if pool_mode == "max" else ops.nn.average_pool)(x, pool_size, strides, padding, data_format)


def pool3d(x: Any, pool_size: Any, strides: Any = (1, 1, 1), padding: str = "valid", data_format: Any = None,
           pool_mode: str = "max") -> Any:  # fmt: skip
    """The greatest or the mean ('avg') of windows of volumes."""
    return (ops.nn.max_pool if pool_mode == "max" else ops.nn.average_pool)(x, pool_size, strides, padding, data_format)


def batch_normalization(x: Any, mean: Any, var: Any, beta: Any, gamma: Any, axis: int = -1, epsilon: float = 1e-3) -> Any:
    """`(x - mean) / sqrt(var + epsilon) * gamma + beta`."""
    return tf.nn.batch_normalization(x, mean, var, beta, gamma, epsilon)


def normalize_batch_in_training(x: Any, gamma: Any, beta: Any, reduction_axes: Any, epsilon: float = 1e-3) -> tuple[Any, Any, Any]:
    """A batch by its own mean and variance, and those two."""
    mean, variance = tf.nn.moments(tf.convert_to_tensor(x), list(reduction_axes))
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, epsilon), mean, variance


# -- losses ----------------------------------------------------------------------------------------------------


def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """The cross-entropy of probabilities with one-hot classes."""
    return losses.categorical_crossentropy(target, output, from_logits=from_logits, axis=axis)


def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1,
                                    ignore_class: Any = None) -> Any:  # fmt: skip
    """The cross-entropy of probabilities with class numbers."""
    return losses.sparse_categorical_crossentropy(target, output, from_logits, ignore_class, axis)


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """The cross-entropy of each value with a 0 or 1."""
    return ops.nn.binary_crossentropy(target, output, from_logits)


def binary_focal_crossentropy(target: Any, output: Any, apply_class_balancing: bool = False, alpha: float = 0.25,
                              gamma: float = 2.0, from_logits: bool = False) -> Any:  # fmt: skip
    """`binary_crossentropy` that counts what is known already for less."""
    output = tf.convert_to_tensor(output)
    target = tf.cast(target, output.dtype)
    p = tf.sigmoid(output) if from_logits else output
    right = target * p + (1 - target) * (1 - p)
    loss = tf.pow(1 - right, gamma) * binary_crossentropy(target, p)
    return loss * (target * alpha + (1 - target) * (1 - alpha)) if apply_class_balancing else loss


def categorical_focal_crossentropy(target: Any, output: Any, alpha: Any = 0.25, gamma: float = 2.0, from_logits: bool = False,
                                   axis: int = -1) -> Any:  # fmt: skip
    """`categorical_crossentropy` that counts what is known already for less."""
    return losses.categorical_focal_crossentropy(target, output, alpha, gamma, from_logits, axis=axis)


def ctc_label_dense_to_sparse(labels: Any, label_lengths: Any) -> Any:
    """Padded labels as a sparse tensor without the padding."""
    labels = tf.convert_to_tensor(labels)
    places = tf.where(tf.sequence_mask(tf.reshape(label_lengths, [-1]), tf.shape(labels)[1]))
    return tf.SparseTensor(places, tf.gather_nd(labels, places), tf.cast(tf.shape(labels), tf.int64))


def ctc_batch_cost(y_true: Any, y_pred: Any, input_length: Any, label_length: Any) -> Any:
    """Connectionist temporal classification, `[batch, 1]`. y_pred: probabilities, the blank last."""
    logits = tf.math.log(tf.convert_to_tensor(y_pred) + config.epsilon())
    loss = tf.nn.ctc_loss(
        labels=tf.cast(y_true, tf.int32), logits=logits, label_length=tf.cast(tf.reshape(label_length, [-1]), tf.int32),
        logit_length=tf.cast(tf.reshape(input_length, [-1]), tf.int32), logits_time_major=False, blank_index=-1,
    )  # fmt: skip
    return tf.expand_dims(loss, 1)


def ctc_decode(y_pred: Any, input_length: Any, greedy: bool = True, beam_width: int = 100, top_paths: int = 1) -> tuple[Any, Any]:
    """The likeliest label sequences, padded with -1, and their scores."""
    logits = tf.math.log(tf.convert_to_tensor(y_pred) + config.epsilon())
    strategy = "greedy" if greedy else "beam_search"
    found, scores = ops.nn.ctc_decode(logits, input_length, strategy, beam_width, top_paths, mask_index=-1)
    rest = tf.maximum(tf.shape(logits)[1] - tf.shape(found)[2], 0)
    found = tf.pad(found, [[0, 0], [0, 0], [0, rest]], constant_values=-1)
    return [tf.cast(path, tf.int64) for path in tf.unstack(found)], scores


# -- control flow and functions --------------------------------------------------------------------------------


def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """One or the other by a condition: of a scalar, or for each row or entry."""
    condition = tf.cast(condition, tf.bool)
    if condition.shape.rank == 0:
        then, other = (e if callable(e) else (lambda e=e: tf.identity(e)) for e in (then_expression, else_expression))
        return tf.cond(condition, then, other)
    then, other = (e() if callable(e) else tf.convert_to_tensor(e) for e in (then_expression, else_expression))
    for _ in range(then.shape.rank - condition.shape.rank):
        condition = tf.expand_dims(condition, -1)
    return tf.where(condition, then, other)


def learning_phase() -> Any:
    """1 in training, 0 at prediction: as set, or as the layers that are being called know."""
    from thalweg.keras.engine import calls

    training = calls.current.training
    return _learning["phase"] if training is None else int(bool(training))


def set_learning_phase(value: int) -> None:
    """Say whether it is training (1) or not (0), where no model says it."""
    if value not in (0, 1):
        raise ValueError(f"The learning phase is 0 or 1, not {value!r}.")
    _learning["phase"] = int(value)


@contextlib.contextmanager
def learning_phase_scope(value: int) -> Iterator[None]:
    """Set the learning phase inside."""
    before = _learning["phase"]
    set_learning_phase(value)
    try:
        yield
    finally:
        set_learning_phase(before)


def in_train_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """`x` in training, `alt` at prediction; either may be a function."""
    training = learning_phase() if training is None else training
    if isinstance(training, (bool, int)):
        chosen = x if training else alt
        return chosen() if callable(chosen) else chosen
    return switch(training, x, alt)


def in_test_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """`x` at prediction, `alt` in training."""
    return in_train_phase(alt, x, training)


def function(inputs: Any, outputs: Any, updates: Any = None, name: str | None = None, **kwargs: Any) -> Callable[[Any], Any]:
    """A function from values of symbolic tensors to values of others, as NumPy arrays."""
    from thalweg.keras.models import Model

    if updates:
        raise ValueError("`updates` of K.function belong to TensorFlow 1: assign to variables inside a layer instead.")
    model = Model(inputs, outputs)

    def run(values: Any) -> Any:
        given = list(values) if isinstance(values, tuple) else values
        single = isinstance(given, list) and len(given) == 1 and not isinstance(inputs, (list, tuple, dict))
        found = model(given[0] if single else given)
        if isinstance(outputs, (list, tuple)) and not isinstance(found, (list, tuple)):
            found = [found]
        return tf.nest.map_structure(lambda y: y.numpy(), found)

    return run


def gradients(loss: Any, variables: Any) -> Any:
    """The gradients in a graph of TensorFlow 1. Raises RuntimeError eagerly, where a tape is the way."""
    if tf.executing_eagerly():
        raise RuntimeError("K.gradients works on graphs: write `with tf.GradientTape() as tape:` and `tape.gradient(...)`.")
    return tf.gradients(loss, variables)


def map_fn(fn: Any, elems: Any, name: str | None = None, dtype: Any = None) -> Any:
    """`fn` of every row, stacked."""
    return tf.map_fn(fn, elems, name=name, dtype=dtype)


def foldl(fn: Any, elems: Any, initializer: Any = None, name: str | None = None) -> Any:
    """Rows joined by `fn` from the first."""
    return tf.foldl(fn, elems, initializer=initializer, name=name)


def foldr(fn: Any, elems: Any, initializer: Any = None, name: str | None = None) -> Any:
    """Rows joined by `fn` from the last."""
    return tf.foldr(fn, elems, initializer=initializer, name=name)


def rnn(
    step_function: Any, inputs: Any, initial_states: Any, go_backwards: bool = False, mask: Any = None, constants: Any = None,
    unroll: bool = False, input_length: Any = None, time_major: bool = False, zero_output_for_mask: bool = False,
    return_all_outputs: bool = True,
) -> tuple[Any, Any, list[Any]]:  # fmt: skip
    """`output, states = step_function(x, states)` over the steps of `inputs`: the last output, all of them, the last states."""
    from thalweg.keras.layers.recurrent.loop import over_time
    from thalweg.keras.layers.recurrent.rnn import swapped

    flat = [tf.convert_to_tensor(x) for x in tf.nest.flatten(inputs)]
    sequences = tf.nest.pack_sequence_as(inputs, flat if time_major else [swapped(x) for x in flat])
    if mask is not None and not time_major:
        mask = tf.transpose(mask, [1, 0])
    form = list(initial_states)

    def step(x: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        output, after = step_function(x, [*tf.nest.pack_sequence_as(form, states), *(constants or ())])
        return output, tf.nest.flatten(after)

    states = [tf.convert_to_tensor(s) for s in tf.nest.flatten(form)]
    first = None
    if mask is not None:
        first = tf.zeros_like(step(tf.nest.map_structure(lambda x: x[0], sequences), states)[0])
    outputs, after = over_time(
        step, sequences, states, mask, backwards=go_backwards, unroll=unroll, zeros_where_masked=zero_output_for_mask,
        first_output=first,
    )  # fmt: skip
    last = outputs[-1]
    outputs = outputs if return_all_outputs else last[None]
    return last, outputs if time_major else swapped(outputs), tf.nest.pack_sequence_as(form, after)


# -- variables -------------------------------------------------------------------------------------------------


def update(x: Any, new_x: Any) -> Any:
    """Assign."""
    return x.assign(new_x)


def update_add(x: Any, increment: Any) -> Any:
    """Assign the sum."""
    return x.assign_add(increment)


def update_sub(x: Any, decrement: Any) -> Any:
    """Assign the difference."""
    return x.assign_sub(decrement)


def moving_average_update(x: Any, value: Any, momentum: float) -> Any:
    """Assign `x * momentum + value * (1 - momentum)`."""
    return x.assign(x * momentum + tf.cast(value, x.dtype) * (1 - momentum))


def manual_variable_initialization(value: bool) -> None:
    """Variables have their values at once here: there is nothing to switch. Raises ValueError for True."""
    if value:
        raise ValueError("Variables get their values as they are made: nothing is left to be initialized by hand.")


def print_tensor(x: Any, message: str = "", summarize: int = 3) -> Any:
    """Print the values as they are computed; gives `x` on."""
    tf.print(message, x, summarize=summarize)
    return x


def name_scope(name: str) -> Any:
    """A scope of names."""
    return tf.name_scope(name)


def is_sparse(tensor: Any) -> bool:
    """Whether this is a sparse tensor."""
    return isinstance(tensor, tf.SparseTensor)


def to_dense(tensor: Any) -> Any:
    """A sparse tensor as a dense one; others as they are."""
    return tf.sparse.to_dense(tensor) if is_sparse(tensor) else tensor


def is_float_dtype(dtype: Any) -> bool:
    """Whether a dtype is of floats."""
    return tf.as_dtype(config.standardize_dtype(dtype)).is_floating


def is_int_dtype(dtype: Any) -> bool:
    """Whether a dtype is of integers."""
    return tf.as_dtype(config.standardize_dtype(dtype)).is_integer


def image_dim_ordering() -> str:
    """Keras 1's name of the layout: 'tf' or 'th'."""
    return "tf" if config.image_data_format() == "channels_last" else "th"


def set_image_dim_ordering(dim_ordering: str) -> None:
    """Set the layout by Keras 1's name."""
    config.set_image_data_format({"tf": "channels_last", "th": "channels_first"}[dim_ordering])


standardize_dtype = config.standardize_dtype
