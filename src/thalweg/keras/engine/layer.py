"""`Layer`: weights and a computation over them, the base of every layer and model."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras import config, constraints, dtype_policies, initializers, naming, regularizers
from thalweg.keras.engine import calls, settings, symbolic
from thalweg.keras.engine.autocast import AutoCastVariable
from thalweg.keras.engine.calls import Signature, signature_of
from thalweg.keras.engine.described import Described
from thalweg.keras.engine.input_spec import check_inputs
from thalweg.keras.engine.node import Node
from thalweg.keras.engine.shapes import Shape, as_shape, map_shapes, shapes_of
from thalweg.keras.engine.symbolic import KerasTensor
from thalweg.keras.engine.tracking import unique
from thalweg.keras.metrics.reduction import Mean
from thalweg.keras.saving import registration

# Arguments that Keras writes into configs also where they are not used.
_OF_OTHERS = {"lora_alpha", "lora_rank", "quantization_config"}
_KERAS_3_ORDER = (
    "shape", "initializer", "dtype", "trainable", "autocast", "regularizer", "constraint", "aggregation",
    "overwrite_with_gradient", "name",
)  # fmt: skip
_KERAS_2_ORDER = ("name", "shape", "dtype", "initializer", "regularizer", "trainable", "constraint")
_WEIGHT_ARGUMENTS_WITHOUT_EFFECT = {
    "aggregation", "collections", "getter", "layout", "overwrite_with_gradient",
    "partitioner", "synchronization", "use_resource",
}  # fmt: skip

# Layers that hold losses of a call: where there are none, as mostly, no call need look for them.
_with_losses: weakref.WeakSet[Layer] = weakref.WeakSet()


class Layer(Described):
    """A computation with weights. Subclass it: make weights in `build(input_shape)`, compute in `call(inputs)`.

    trainable: whether training changes the weights. dtype: of weights and computation, or a dtype policy. autocast:
    whether floating inputs are cast to it. activity_regularizer: a penalty on the outputs. input_shape,
    batch_input_shape, input_dim, batch_size: the shape of the inputs, without or with the batch, for the first layer of
    a `Sequential`. weights: initial values, as `set_weights` takes them. Source: `tf.keras.layers.Layer`.

    >>> class Scale(tf.keras.layers.Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight(name="factor", shape=(input_shape[-1],), initializer="ones")
    ...     def call(self, inputs):
    ...         return inputs * self.factor
    >>> Scale()(tf.constant([[1.0, 2.0]])).numpy()
    array([[1., 2.]], dtype=float32)
    """

    #: Whether a model can begin here: so it is with an `InputLayer`.
    begins_models = False
    #: Whether masks pass through unchanged. A layer with a `compute_mask` of its own need not say so.
    supports_masking = False
    def __init__(
        self,
        trainable: bool = True,
        name: str | None = None,
        dtype: Any = None,
        dynamic: bool = False,
        *,
        activity_regularizer: Any = None,
        autocast: bool = True,
        **kwargs: Any,
    ):
        if name is not None and not isinstance(name, str):
            raise ValueError(f"The name of a layer must be a string, but it is {name!r}.")
        # All bookkeeping goes around `__setattr__`, which is for what users set.
        self.__dict__.update(
            _trainable=bool(trainable), _name=name or naming.auto_name(type(self).__name__),
            _policy=dtype_policies.get(dtype), _made=[], _initialized={}, _regularized=[], _losses=[],
            _inbound_nodes=[], _outbound_nodes=[], _build_shape=None,
            _initial_weights=kwargs.pop("weights", None),
            _batch_input_shape=_batch_input_shape(kwargs),
        )  # fmt: skip
        self.__dict__.setdefault("built", False)
        self.__dict__["_compute_dtype"] = tf.as_dtype(self._policy.compute_dtype)
        self._called_metrics: dict[str, Mean] = {}
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.autocast = autocast
        self.stateful = False
        self.__dict__.setdefault("input_spec", None)
        kwargs = {name: value for name, value in kwargs.items() if name not in _OF_OTHERS or value is not None}
        if kwargs:
            raise ValueError(
                f"Unrecognized keyword arguments passed to {type(self).__name__}: {', '.join(map(repr, kwargs))}."
            )

    # -- what it is -----------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return self._name

    @name.setter
    def name(self, value: str) -> None:
        self.__dict__["_name"] = value

    @property
    def path(self) -> str:
        return "/".join((*calls.current.path, self._name))

    @property
    def dtype(self) -> str:
        """The dtype of the weights."""
        return self._policy.variable_dtype

    variable_dtype = dtype

    @property
    def compute_dtype(self) -> str:
        return self._policy.compute_dtype

    @property
    def dtype_policy(self) -> dtype_policies.DTypePolicy:
        return self._policy

    @dtype_policy.setter
    def dtype_policy(self, policy: Any) -> None:
        self.__dict__["_policy"] = dtype_policies.get(policy)
        self.__dict__["_compute_dtype"] = tf.as_dtype(self._policy.compute_dtype)

    @property
    def input_dtype(self) -> str:
        return self.compute_dtype

    @property
    def dynamic(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.__dict__.get('_name')}, built={self.__dict__.get('built')}>"

    def _has_no_config(self) -> bool:
        return type(self).get_config is Layer.get_config and type(self).__init__ is not Layer.__init__

    # -- weights --------------------------------------------------------------------------------------------

    def build(self, input_shape: Any = None) -> None:
        """Make the weights for inputs of this shape. The first call of a layer calls it; subclasses override it."""
        self.built = True

    def add_weight(self, *args: Any, **kwargs: Any) -> Any:
        """A new variable of this layer.

        `add_weight(shape=(), initializer=None, dtype=None, trainable=True, autocast=True, regularizer=None,
        constraint=None, name=None)`, Keras 3's order, or with a name first Keras 2's, `add_weight(name, shape, dtype,
        initializer, regularizer, trainable, constraint)`. initializer: a name, an object or a function of shape and
        dtype; Glorot's uniform for floats and zeros for the rest unless given. Raises ValueError for an unknown dimension.
        """
        order = _KERAS_2_ORDER if args and (args[0] is None or isinstance(args[0], str)) else _KERAS_3_ORDER
        if len(args) > len(order):
            raise TypeError(f"add_weight() takes {len(order)} arguments by position, but {len(args)} were given.")
        return self._make_weight(**dict(zip(order, args)), **kwargs)

    def _make_weight(
        self,
        name: str | None = None,
        shape: Any = None,
        dtype: Any = None,
        initializer: Any = None,
        regularizer: Any = None,
        trainable: bool | None = True,
        constraint: Any = None,
        autocast: bool = True,
        **settled_elsewhere: Any,
    ) -> Any:
        autocast = settled_elsewhere.pop("experimental_autocast", autocast) and self._policy.is_mixed
        unknown = settled_elsewhere.keys() - _WEIGHT_ARGUMENTS_WITHOUT_EFFECT
        if unknown:
            raise TypeError(f"add_weight() got arguments it does not know: {', '.join(sorted(unknown))}.")
        self._check_init_called()
        dtype = tf.as_dtype(config.standardize_dtype(dtype or self.variable_dtype))
        shape = Shape() if shape is None else as_shape(shape)
        if shape is None or None in shape:
            raise ValueError(
                f"Weight {name!r} of layer {self.name!r} cannot have the shape {shape}: every dimension must be known."
            )
        if initializer is None:
            initializer = "glorot_uniform" if dtype.is_floating else "zeros"
        initializer = initializers.get(initializer)
        start = initializers.get("zeros") if calls.current.blank else initializer
        with tf.init_scope():
            variable = (AutoCastVariable if autocast else tf.Variable)(
                tf.convert_to_tensor(start(tuple(shape), dtype=dtype), dtype=dtype),
                trainable=trainable is not False,
                name=calls.variable_name(self.name, name),
                constraint=constraints.get(constraint),
            )
        variable.path = variable.name.removesuffix(":0")
        variable.regularizer = regularizers.get(regularizer)
        if variable.regularizer is not None:
            self._regularized.append(variable)
        self._made.append(variable)
        self._initialized[id(variable)] = variable, initializer  # to draw other starting values
        return variable

    add_variable = add_weight

    def _set(self, **arguments: Any) -> None:
        """Keep arguments as attributes, what they name looked up: `_set(activation="relu")`."""
        for name, value in arguments.items():
            setattr(self, name, settings.read(name, value))

    def _add(self, name: str, shape: Any, **kwargs: Any) -> Any:
        """A new variable `name`, with the layer's `<name>_initializer`, `_regularizer` and `_constraint`."""
        parts = {part: getattr(self, f"{name}_{part}", None) for part in ("initializer", "regularizer", "constraint")}
        return self.add_weight(name=name, shape=shape, **parts, **kwargs)

    def _build_for(self, signature: Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Build for the arguments of a call."""
        given = signature.bound(args, kwargs)
        shapes = {f"{name}_shape": shapes_of(x) for name, x in given.items() if _is_tensor_nest(x)}
        build = signature_of(type(self).build)
        wanted = build.names
        by_name = {name: shapes[name] for name in wanted if name in shapes}
        needed = [name for name in wanted if name not in build.defaults]
        with tf.init_scope(), calls.scope(self.name):
            if by_name and set(needed) <= set(by_name):
                self._build_shape = by_name
                self.build(**by_name)
            else:
                first = next(iter(shapes.values()), None)
                self._build_shape = {"input_shape": first}
                self.build(first)
        self.built = True
        self._set_initial_weights()

    def _set_initial_weights(self) -> None:
        if self._initial_weights is not None:
            self.set_weights(self._initial_weights)
            self.__dict__["_initial_weights"] = None

    # -- calling --------------------------------------------------------------------------------------------

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The computation. Subclasses override it: `call(inputs)`, with `training` and `mask` where they matter."""
        raise NotImplementedError(f"Layer {type(self).__name__} does not have a `call` method: give it one.")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not kwargs and len(args) == 1:
            x = args[0]
            if isinstance(x, tf.Tensor) and not isinstance(x, KerasTensor) and "_name" in self.__dict__ and (
                x.dtype is self._compute_dtype
            ):
                return self._run(args, kwargs)
        self._check_init_called()
        args, kwargs = self._to_tensors(args, kwargs)
        if symbolic.holds_keras_tensor(args, kwargs):
            outputs = self._infer(args, kwargs)
            Node(self, args, kwargs, outputs)
            return outputs
        return self._run(args, kwargs)

    def _check_init_called(self) -> None:
        if "_name" not in self.__dict__:
            raise RuntimeError(
                f"In layer {type(self).__name__!r}, you forgot to call `super().__init__()` as the first statement in "
                "the `__init__()` method."
            )

    @property
    def _signature(self) -> Signature:
        return signature_of(type(self).call)

    def _to_tensors(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Arrays as tensors, floats in the layer's dtype."""
        if args and isinstance(args[0], (list, tuple, int, float)) and _is_numbers(args[0]):
            args = (tf.convert_to_tensor(args[0]), *args[1:])
        args = tuple(_map_leaves(self._to_tensor, x) for x in args)
        kwargs = {name: _map_leaves(self._to_tensor, x) for name, x in kwargs.items()}
        return args, kwargs

    def _to_tensor(self, x: Any) -> Any:
        if isinstance(x, tf.Variable):
            x = tf.convert_to_tensor(x)
        elif not isinstance(x, tf.Tensor):
            if isinstance(x, (tf.RaggedTensor, tf.SparseTensor)):
                return x
            if not hasattr(x, "__array__") and not hasattr(x, "__tf_tensor__"):
                return x
            x = tf.convert_to_tensor(x)
        dtype = self._compute_dtype
        if self.autocast and dtype.is_floating and x.dtype.is_floating and x.dtype != dtype:
            mask = calls.mask_of(x)
            x = tf.cast(x, dtype)
            if mask is not None:
                x._keras_mask = mask
        return x

    def _infer(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The symbolic outputs for symbolic inputs."""
        with calls.inferring():
            outputs = symbolic.infer_outputs(self._run, args, kwargs)
        return outputs

    def _run(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Build where needed, settle `training` and `mask`, call, and note the losses and masks that follow."""
        current = calls.current
        signature = self._signature
        first = args[0] if args else _first_tensor(kwargs)
        if self.input_spec is not None:
            check_inputs(self.input_spec, first, self.name)
        if not self.built:
            self._build_for(signature, args, kwargs)
            if self.input_spec is not None:
                check_inputs(self.input_spec, first, self.name)
        training = self._settle_training(signature, args, kwargs)
        mask = self._settle_mask(signature, first, args, kwargs)
        if not current.depth:
            self._clear_losses()
        before = current.training, current.path, current.autocast
        current.depth += 1
        current.autocast = self._compute_dtype if self._policy.is_mixed and self.autocast else None
        current.training, current.path = training, (*current.path, self._name)
        try:
            if tf.executing_eagerly():
                outputs = self.call(*args, **kwargs)
            else:
                with tf.name_scope(self._name):
                    outputs = self.call(*args, **kwargs)
        finally:
            current.depth -= 1
            current.training, current.path, current.autocast = before
        if self.activity_regularizer is not None:
            self._add_activity_loss(outputs)
        if mask is not None or self._makes_masks:
            self._pass_mask_on(first, outputs, mask)
        return outputs

    def _settle_training(self, signature: Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The value of `training`: the one given, else that of the layer around, else the default of `call`."""
        training = signature.given("training", args, kwargs) if signature.takes_training else kwargs.get("training")
        given = training is not None
        if not given:
            training = calls.current.training
            if training is None:
                training = signature.default_training
        if not signature.takes_training:
            if not signature.takes_any_keyword:
                kwargs.pop("training", None)
        elif not given and training is not None and signature.position.get("training", len(args)) >= len(args):
            kwargs["training"] = training
        return training

    def _settle_mask(self, signature: Signature, first: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The mask of the first input; `call` gets it, and those of other inputs, where it takes them."""
        if signature.takes_mask:
            mask = signature.given("mask", args, kwargs)
            if mask is not None:
                return mask
        mask = calls.mask_of(first)
        if not calls.is_any(mask):
            mask = None
        if signature.takes_mask and mask is not None and signature.position.get("mask", len(args)) >= len(args):
            kwargs["mask"] = mask
        for name in signature.masks:
            if signature.given(name, args, kwargs) is None:
                other = calls.mask_of(signature.given(name.removesuffix("_mask"), args, kwargs))
                if calls.is_any(other):
                    kwargs[name] = other
        return mask

    # -- masks ----------------------------------------------------------------------------------------------

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the outputs, given that of the inputs."""
        return mask

    @property
    def _makes_masks(self) -> bool:
        return type(self).compute_mask is not Layer.compute_mask

    def _pass_mask_on(self, inputs: Any, outputs: Any, mask: Any) -> None:
        if not self.supports_masking and not self._makes_masks:
            warnings.warn(
                f"Layer {self.name!r} (of type {type(self).__name__}) was passed an input with a mask attached to it, but "
                "it does not support masking: layers after it will not see the mask. If the mask stays right, set "
                "`self.supports_masking = True`.",
                stacklevel=4,
            )
            return
        masks = self.compute_mask(inputs, mask)
        if masks is None:
            return
        for y, one in zip(tf.nest.flatten(outputs), tf.nest.flatten(masks)):
            if one is not None and isinstance(y, tf.Tensor) and calls.mask_of(y) is None:
                y._keras_mask = one

    # -- losses and metrics ---------------------------------------------------------------------------------

    def add_loss(self, losses: Any, **kwargs: Any) -> None:
        """Add to what training minimises: a scalar tensor, a list of them, or a function that gives one."""
        for loss in tf.nest.flatten(losses):
            if not callable(loss) and not isinstance(loss, tf.Tensor):
                loss = tf.convert_to_tensor(loss, dtype=self.compute_dtype)
            if not calls.current.inferring:
                self._losses.append(loss)
                _with_losses.add(self)

    def _add_activity_loss(self, outputs: Any) -> None:
        for y in tf.nest.flatten(outputs):
            if isinstance(y, tf.Tensor):
                penalty = self.activity_regularizer(y)
                if y.shape.rank != 0:  # per row, so that the strength does not hang on the batch size
                    penalty = tf.math.divide_no_nan(penalty, tf.cast(tf.shape(y)[0], penalty.dtype))
                self.add_loss(penalty)

    @property
    def losses(self) -> list[Any]:
        """What the last call added by `add_loss`, and the penalties of weights with a regularizer."""
        layers = self._flatten_layers()
        added = [loss() if callable(loss) else loss for layer in layers for loss in layer._losses]
        trainable = {id(v) for v in self.trainable_weights} if any(layer._regularized for layer in layers) else ()
        weighed = unique(v for layer in layers for v in layer._regularized if id(v) in trainable)
        return added + [v.regularizer(v) for v in weighed]

    def _clear_losses(self) -> None:
        """Forget what the last call added, in this layer and those inside. Functions stay: they are called anew."""
        for layer in self._flatten_layers() if _with_losses else ():
            if layer in _with_losses:
                layer._losses[:] = [loss for loss in layer._losses if callable(loss)]
                _with_losses.discard(layer)

    def add_metric(self, value: Any, name: str | None = None, aggregation: Any = None, **kwargs: Any) -> None:
        """Report a number that `call` computed: its mean over the batches of an epoch is logged as `name`."""
        if not calls.current.inferring:
            metric = self._called_metrics.setdefault(name or "metric", Mean(name=name or "metric"))
            metric.update_state(value)

    # -- shapes and nodes -----------------------------------------------------------------------------------

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the outputs for inputs of a shape; the layer is called on symbolic inputs to find out."""
        dtype = self._compute_dtype
        inputs = map_shapes(lambda shape: symbolic.make_tensor(tuple(shape), dtype), input_shape)
        outputs = self._infer((inputs,), {})
        return shapes_of(outputs)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic outputs for symbolic inputs, without making the call a part of a model."""
        return self._infer(args, kwargs)

    @property
    def input(self) -> Any:
        """The symbolic input of the layer. Raises AttributeError if it has none, or several calls have."""
        return self._only_node("input").input_tensors

    @property
    def output(self) -> Any:
        """The symbolic output of the layer. Raises AttributeError if it has none, or several calls have."""
        return self._only_node("output").outputs_nest

    @property
    def input_shape(self) -> Any:
        return shapes_of(self.input)

    @property
    def output_shape(self) -> Any:
        return shapes_of(self.output)

    def get_input_at(self, node_index: int) -> Any:
        return self._inbound_nodes[node_index].input_tensors

    def get_output_at(self, node_index: int) -> Any:
        return self._inbound_nodes[node_index].outputs_nest

    @property
    def inbound_nodes(self) -> list[Node]:
        return self._inbound_nodes

    @property
    def outbound_nodes(self) -> list[Node]:
        return self._outbound_nodes

    def _only_node(self, what: str) -> Node:
        nodes = self._inbound_nodes
        if not nodes:
            raise AttributeError(
                f"The layer {self.name!r} has never been called on a symbolic tensor and thus has no defined {what}."
            )
        if len({tuple(map(id, node.inputs)) for node in nodes}) > 1:
            raise AttributeError(
                f"The layer {self.name!r} has several inbound nodes, hence its {what} is ill-defined: use "
                f"`get_{what}_at(node_index)`."
            )
        return nodes[0]


# -- arguments -------------------------------------------------------------------------------------------------


def _batch_input_shape(kwargs: dict[str, Any]) -> Shape | None:
    """The shape of the inputs, with the batch, from the arguments that give it; they are taken out of `kwargs`."""
    batch_size = kwargs.pop("batch_size", None)
    input_dim = kwargs.pop("input_dim", None)
    shape = kwargs.pop("input_shape", None)
    whole = kwargs.pop("batch_input_shape", None) or kwargs.pop("batch_shape", None)
    kwargs.pop("batch_shape", None)
    if whole is not None:
        return as_shape(whole)
    if shape is None and input_dim is not None:
        shape = (input_dim,)
    return None if shape is None else Shape((batch_size,)) + as_shape(shape)


def _is_numbers(x: Any) -> bool:
    """Whether a nest of lists begins with a Python number: then it is meant as one tensor."""
    while isinstance(x, (list, tuple)):
        if not x:
            return False
        x = x[0]
    return isinstance(x, (int, float, np.number)) and not isinstance(x, bool)


def _map_leaves(function: Callable[[Any], Any], x: Any) -> Any:
    if isinstance(x, (list, tuple, dict)):
        return tf.nest.map_structure(function, x)
    return function(x)


def _is_tensor_nest(x: Any) -> bool:
    if isinstance(x, (list, tuple, dict)):
        leaves = tf.nest.flatten(x)
        return bool(leaves) and any(isinstance(leaf, tf.Tensor) for leaf in leaves)
    return isinstance(x, tf.Tensor)


def _first_tensor(kwargs: dict[str, Any]) -> Any:
    return next((x for x in kwargs.values() if _is_tensor_nest(x)), None)
