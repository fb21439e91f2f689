"""Ready-made estimators: linear models, networks, both together, and baselines.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/estimator/DNNClassifier
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from thalweg.compat import v1 as tf
from thalweg.estimator.estimator import Estimator
from thalweg.estimator.heads import SUM, Head, RegressionHead, head_for

_OPTIMIZERS: dict[str, Callable[[float], Any]] = {
    "Adagrad": tf.train.AdagradOptimizer, "Adam": tf.train.AdamOptimizer, "Ftrl": tf.train.FtrlOptimizer,
    "RMSProp": tf.train.RMSPropOptimizer, "SGD": tf.train.GradientDescentOptimizer,
}  # fmt: skip


def _optimizer(given: Any, rate: float) -> Any:
    """An optimizer from its name, a function, a Keras or a TensorFlow 1 optimizer."""
    if isinstance(given, str):
        if given not in _OPTIMIZERS:
            raise ValueError(f"Unsupported optimizer name: {given}. Supported names are: {tuple(sorted(_OPTIMIZERS))}")
        return _OPTIMIZERS[given](rate)
    if callable(given) and not hasattr(given, "minimize"):
        given = given()
    if not hasattr(given, "minimize"):
        raise ValueError(f"The given object is not an Optimizer instance. Given: {given}")
    return given


def _dict(features: Any) -> dict[str, Any]:
    if not isinstance(features, dict):
        raise ValueError(f"features should be a dictionary of `Tensor`s. Given type: {type(features)}")
    return features


def dnn_logits(
    features: Any, mode: str, units: int, hidden_units: Any, columns: Any, activation: Any, dropout: Any, batch_norm: bool
) -> Any:
    """Dense layers over the columns."""
    training = mode == tf.estimator.ModeKeys.TRAIN
    with tf.variable_scope("input_from_feature_columns"):
        net = tf.feature_column.input_layer(features, columns)
    for i, n in enumerate(hidden_units):
        with tf.variable_scope(f"hiddenlayer_{i}") as scope:
            net = tf.layers.dense(net, n, activation, kernel_initializer=tf.glorot_uniform_initializer(), name=scope)
            if dropout is not None and training:
                net = tf.layers.dropout(net, rate=dropout, training=True)
            if batch_norm:
                net = tf.layers.batch_normalization(net, momentum=0.999, training=training, name=f"batchnorm_{i}")
    with tf.variable_scope("logits") as scope:
        return tf.layers.dense(net, units, kernel_initializer=tf.glorot_uniform_initializer(), name=scope)


class _Canned(Estimator):
    """An estimator of a head and of logits."""

    def __init__(self, head: Head, build: Callable[..., Any], model_dir: Any, config: Any, warm_start_from: Any):
        def model_fn(features: Any, labels: Any, mode: str, config: Any) -> Any:
            return build(_dict(features), labels, mode, head)

        super().__init__(model_fn, model_dir, config, warm_start_from=warm_start_from)


def _dnn(hidden_units: Any, columns: Any, optimizer: Any, activation: Any, dropout: Any, batch_norm: bool) -> Callable[..., Any]:
    def build(features: Any, labels: Any, mode: str, head: Head) -> Any:
        with tf.variable_scope("dnn"):
            logits = dnn_logits(features, mode, head.logits_dimension, hidden_units, columns, activation, dropout, batch_norm)
            return head.create_estimator_spec(
                features, mode, logits, labels, _optimizer(optimizer, 0.05) if mode == "train" else None
            )

    return build


class DNNEstimator(_Canned):
    """A network under a head."""

    def __init__(
        self, head: Head, hidden_units: Any, feature_columns: Any, model_dir: Any = None, optimizer: Any = "Adagrad",
        activation_fn: Any = tf.nn.relu, dropout: Any = None, input_layer_partitioner: Any = None, config: Any = None,
        warm_start_from: Any = None, batch_norm: bool = False,
    ):  # fmt: skip
        build = _dnn(hidden_units, feature_columns, optimizer, activation_fn, dropout, batch_norm)
        super().__init__(head, build, model_dir, config, warm_start_from)


class DNNClassifier(DNNEstimator):
    """A network that tells classes apart."""

    def __init__(
        self, hidden_units: Any, feature_columns: Any, model_dir: Any = None, n_classes: int = 2, weight_column: Any = None,
        label_vocabulary: Any = None, optimizer: Any = "Adagrad", activation_fn: Any = tf.nn.relu, dropout: Any = None,
        input_layer_partitioner: Any = None, config: Any = None, warm_start_from: Any = None, loss_reduction: Any = SUM,
        batch_norm: bool = False,
    ):  # fmt: skip
        head = head_for(n_classes, weight_column, label_vocabulary, loss_reduction)
        super().__init__(head, hidden_units, feature_columns, model_dir, optimizer, activation_fn, dropout, None, config,
                         warm_start_from, batch_norm)  # fmt: skip


class DNNRegressor(DNNEstimator):
    """A network that gives numbers."""

    def __init__(
        self, hidden_units: Any, feature_columns: Any, model_dir: Any = None, label_dimension: int = 1, weight_column: Any = None,
        optimizer: Any = "Adagrad", activation_fn: Any = tf.nn.relu, dropout: Any = None, input_layer_partitioner: Any = None,
        config: Any = None, warm_start_from: Any = None, loss_reduction: Any = SUM, batch_norm: bool = False,
    ):  # fmt: skip
        head = RegressionHead(label_dimension, weight_column, loss_reduction)
        super().__init__(head, hidden_units, feature_columns, model_dir, optimizer, activation_fn, dropout, None, config,
                         warm_start_from, batch_norm)  # fmt: skip


# -- linear ---------------------------------------------------------------------------------------------------


def _linear_rate(columns: Any) -> float:
    return min(0.2, 1.0 / math.sqrt(len(columns)))


def _linear(columns: Any, optimizer: Any, combiner: str) -> Callable[..., Any]:
    listed = list(columns)

    def build(features: Any, labels: Any, mode: str, head: Head) -> Any:
        with tf.variable_scope("linear"):
            logits = tf.feature_column.linear_model(features, listed, head.logits_dimension, combiner)
            chosen = _optimizer(optimizer, _linear_rate(listed)) if mode == "train" else None
            return head.create_estimator_spec(features, mode, logits, labels, chosen)

    return build


class LinearEstimator(_Canned):
    """A linear model under a head."""

    def __init__(
        self, head: Head, feature_columns: Any, model_dir: Any = None, optimizer: Any = "Ftrl", config: Any = None,
        partitioner: Any = None, sparse_combiner: str = "sum", warm_start_from: Any = None,
    ):  # fmt: skip
        super().__init__(head, _linear(feature_columns, optimizer, sparse_combiner), model_dir, config, warm_start_from)


class LinearClassifier(LinearEstimator):
    """A linear model that tells classes apart."""

    def __init__(
        self, feature_columns: Any, model_dir: Any = None, n_classes: int = 2, weight_column: Any = None,
        label_vocabulary: Any = None,
        optimizer: Any = "Ftrl", config: Any = None, partitioner: Any = None, warm_start_from: Any = None,
        loss_reduction: Any = SUM,
        sparse_combiner: str = "sum",
    ):  # fmt: skip
        head = head_for(n_classes, weight_column, label_vocabulary, loss_reduction)
        super().__init__(head, feature_columns, model_dir, optimizer, config, None, sparse_combiner, warm_start_from)


class LinearRegressor(LinearEstimator):
    """A linear model that gives numbers."""

    def __init__(
        self, feature_columns: Any, model_dir: Any = None, label_dimension: int = 1, weight_column: Any = None,
        optimizer: Any = "Ftrl",
        config: Any = None, partitioner: Any = None, warm_start_from: Any = None, loss_reduction: Any = SUM,
        sparse_combiner: str = "sum",
    ):  # fmt: skip
        head = RegressionHead(label_dimension, weight_column, loss_reduction)
        super().__init__(head, feature_columns, model_dir, optimizer, config, None, sparse_combiner, warm_start_from)


# -- both -----------------------------------------------------------------------------------------------------


class DNNLinearCombinedEstimator(_Canned):
    """A linear model and a network side by side (Cheng et al., 2016): their logits are added."""

    def __init__(
        self, head: Head, model_dir: Any = None, linear_feature_columns: Any = None, linear_optimizer: Any = "Ftrl",
        dnn_feature_columns: Any = None, dnn_optimizer: Any = "Adagrad", dnn_hidden_units: Any = None,
        dnn_activation_fn: Any = tf.nn.relu, dnn_dropout: Any = None, input_layer_partitioner: Any = None, config: Any = None,
        batch_norm: bool = False, linear_sparse_combiner: str = "sum", warm_start_from: Any = None,
    ):  # fmt: skip
        wide, deep = list(linear_feature_columns or []), list(dnn_feature_columns or [])
        if not wide and not deep:
            raise ValueError("Either linear_feature_columns or dnn_feature_columns must be defined.")
        if deep and not dnn_hidden_units:
            raise ValueError("dnn_hidden_units must be defined when dnn_feature_columns is specified.")

        def build(features: Any, labels: Any, mode: str, head: Head) -> Any:
            parts = []
            if deep:
                with tf.variable_scope("dnn"):
                    parts.append(dnn_logits(features, mode, head.logits_dimension, dnn_hidden_units, deep, dnn_activation_fn,
                                            dnn_dropout, batch_norm))  # fmt: skip
            if wide:
                with tf.variable_scope("linear"):
                    parts.append(tf.feature_column.linear_model(features, wide, head.logits_dimension, linear_sparse_combiner))

            def train(loss: Any) -> Any:
                steps, step = [], tf.train.get_global_step()
                with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
                    if deep:
                        found = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, "dnn")
                        steps.append(_optimizer(dnn_optimizer, 0.05).minimize(loss, var_list=found))
                    if wide:
                        found = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, "linear")
                        steps.append(_optimizer(linear_optimizer, min(0.005, _linear_rate(wide))).minimize(loss, var_list=found))
                with tf.control_dependencies(steps):
                    return tf.assign_add(step, 1).op

            return head.create_estimator_spec(features, mode, tf.add_n(parts), labels, train_op_fn=train)

        super().__init__(head, build, model_dir, config, warm_start_from)


class DNNLinearCombinedClassifier(DNNLinearCombinedEstimator):
    """A linear model and a network that tell classes apart together."""

    def __init__(
        self, model_dir: Any = None, linear_feature_columns: Any = None, linear_optimizer: Any = "Ftrl",
        dnn_feature_columns: Any = None,
        dnn_optimizer: Any = "Adagrad", dnn_hidden_units: Any = None, dnn_activation_fn: Any = tf.nn.relu, dnn_dropout: Any = None,
        n_classes: int = 2, weight_column: Any = None, label_vocabulary: Any = None, input_layer_partitioner: Any = None,
        config: Any = None, warm_start_from: Any = None, loss_reduction: Any = SUM, batch_norm: bool = False,
        linear_sparse_combiner: str = "sum",
    ):  # fmt: skip
        super().__init__(
            head_for(n_classes, weight_column, label_vocabulary, loss_reduction), model_dir, linear_feature_columns,
            linear_optimizer,
            dnn_feature_columns, dnn_optimizer, dnn_hidden_units, dnn_activation_fn, dnn_dropout, None, config, batch_norm,
            linear_sparse_combiner, warm_start_from,
        )  # fmt: skip


class DNNLinearCombinedRegressor(DNNLinearCombinedEstimator):
    """A linear model and a network that give numbers together."""

    def __init__(
        self, model_dir: Any = None, linear_feature_columns: Any = None, linear_optimizer: Any = "Ftrl",
        dnn_feature_columns: Any = None,
        dnn_optimizer: Any = "Adagrad", dnn_hidden_units: Any = None, dnn_activation_fn: Any = tf.nn.relu, dnn_dropout: Any = None,
        label_dimension: int = 1, weight_column: Any = None, input_layer_partitioner: Any = None, config: Any = None,
        warm_start_from: Any = None, loss_reduction: Any = SUM, batch_norm: bool = False, linear_sparse_combiner: str = "sum",
    ):  # fmt: skip
        super().__init__(
            RegressionHead(label_dimension, weight_column, loss_reduction), model_dir, linear_feature_columns, linear_optimizer,
            dnn_feature_columns, dnn_optimizer, dnn_hidden_units, dnn_activation_fn, dnn_dropout, None, config, batch_norm,
            linear_sparse_combiner, warm_start_from,
        )  # fmt: skip


# -- baselines ------------------------------------------------------------------------------------------------


def _baseline(optimizer: Any) -> Callable[..., Any]:
    def build(features: Any, labels: Any, mode: str, head: Head) -> Any:
        with tf.variable_scope("baseline"):
            bias = tf.get_variable("bias", [head.logits_dimension], initializer=tf.zeros_initializer())
            count = tf.shape(next(iter(features.values())))[0]
            logits = tf.zeros(tf.stack([count, head.logits_dimension])) + bias
            return head.create_estimator_spec(
                features, mode, logits, labels, _optimizer(optimizer, 0.3) if mode == "train" else None
            )

    return build


class BaselineClassifier(_Canned):
    """Ignores the features: the share of each class."""

    def __init__(self, model_dir: Any = None, n_classes: int = 2, weight_column: Any = None, label_vocabulary: Any = None,
                 optimizer: Any = "Ftrl", config: Any = None, loss_reduction: Any = SUM):  # fmt: skip
        head = head_for(n_classes, weight_column, label_vocabulary, loss_reduction)
        super().__init__(head, _baseline(optimizer), model_dir, config, None)


class BaselineRegressor(_Canned):
    """Ignores the features: the mean."""

    def __init__(self, model_dir: Any = None, label_dimension: int = 1, weight_column: Any = None, optimizer: Any = "Ftrl",
                 config: Any = None, loss_reduction: Any = SUM):  # fmt: skip
        super().__init__(
            RegressionHead(label_dimension, weight_column, loss_reduction), _baseline(optimizer), model_dir, config, None
        )
