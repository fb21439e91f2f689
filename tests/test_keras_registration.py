"""Names and configs: `get`, `serialize`, `deserialize` of the Keras modules, and what configs are not allowed to do."""

import json

import numpy as np
import pytest

import thalweg as tf
from thalweg.keras import activations, constraints, initializers, losses, metrics, regularizers
from thalweg.keras.saving import registration
from thalweg.keras.saving.registration import (
    CustomObjectScope,
    deserialize_keras_object,
    get_custom_objects,
    get_registered_name,
    register_keras_serializable,
    serialize_keras_object,
)

# What a class needs to be made, where it needs something.
ARGUMENTS = {
    "CategoricalGeneralizedCrossEntropy": {"q": 0.7},
    "ConfusionMatrix": {"num_classes": 3},
    "Constant": {"value": 2.5},
    "IoU": {"num_classes": 3, "target_class_ids": [0]},
    "LossFunctionWrapper": {"fn": losses.mean_squared_error},
    "MeanIoU": {"num_classes": 3},
    "MeanMetricWrapper": {"fn": metrics.mean_squared_error},
    "MeanRelativeError": {"normalizer": [1.0, 2.0]},
    "OneHotIoU": {"num_classes": 3, "target_class_ids": [0, 2]},
    "OneHotMeanIoU": {"num_classes": 3},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.5},
    "STFT": {"window": None},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
}
MODULES = {
    "losses": losses, "metrics": metrics, "initializers": initializers, "regularizers": regularizers,
    "constraints": constraints,
}  # fmt: skip
CLASSES = [
    (name, cls) for name, module in MODULES.items() for cls in module.CLASSES if cls.__name__ != "Regularizer"
]  # fmt: skip


@pytest.mark.parametrize(("module", "cls"), CLASSES, ids=lambda value: getattr(value, "__name__", value))
def test_config_makes_an_equal_object(module, cls):
    obj = cls(**ARGUMENTS.get(cls.__name__, {}))
    config = json.loads(json.dumps(MODULES[module].serialize(obj)))
    assert config["module"] == f"keras.{module}"
    assert config["class_name"] == cls.__name__
    for again in (MODULES[module].deserialize(config), deserialize_keras_object(config), MODULES[module].get(config)):
        assert type(again) is cls
        assert MODULES[module].serialize(again) == MODULES[module].serialize(obj)
    legacy = MODULES[module].serialize(obj, use_legacy_format=True)
    assert set(legacy) == {"class_name", "config"}
    assert type(MODULES[module].deserialize(legacy)) is cls


@pytest.mark.parametrize("function", [*losses.FUNCTIONS, *activations.FUNCTIONS], ids=lambda f: f.__name__)
def test_functions_by_name_and_config(function):
    module = losses if function in losses.FUNCTIONS else activations
    assert module.get(function.__name__) is function
    assert module.get(function) is function
    assert module.deserialize(module.serialize(function)) is function
    assert deserialize_keras_object(serialize_keras_object(function)) is function


def test_configs_are_written_as_keras_writes_them():
    assert losses.serialize(losses.Poisson()) == {
        "module": "keras.losses",
        "class_name": "Poisson",
        "config": {"name": "poisson", "reduction": "sum_over_batch_size"},
        "registered_name": None,
    }
    assert losses.serialize(losses.mse) == {
        "module": "builtins",
        "class_name": "function",
        "config": "mean_squared_error",
        "registered_name": "function",
    }
    assert activations.serialize(activations.relu) == "relu"
    assert regularizers.serialize(regularizers.l2(0.1))["config"] == {"l2": 0.1}


def test_configs_of_keras_2_are_read():
    huber = {"reduction": "auto", "name": "huber_loss", "delta": 2.0, "fn": "huber"}
    loss = losses.get({"class_name": "Huber", "config": huber})
    assert (loss.delta, loss.reduction) == (2.0, "sum_over_batch_size")
    assert losses.get({"module": "tf_keras.losses", "class_name": "Huber", "config": huber}).delta == 2.0
    wrapped = {"class_name": "VarianceScaling", "config": {"scale": 2.0, "dtype": "float32", "seed": 1}}
    assert initializers.get(wrapped).scale == 2.0
    assert type(initializers.get("GlorotUniformV2")) is initializers.GlorotUniform
    assert activations.get("softmax_v2") is activations.softmax


@pytest.mark.parametrize(
    ("module", "name", "expected"),
    [
        (losses, "mse", "mean_squared_error"), (losses, "KLD", "kl_divergence"), (losses, "MAPE",
         "mean_absolute_percentage_error"), (losses, "cosine_proximity", "cosine_similarity"),
        (metrics, "mse", "MeanSquaredError"), (metrics, "AUC", "AUC"), (metrics, "auc", "AUC"),
        (metrics, "MeanSquaredError", "MeanSquaredError"), (metrics, "accuracy", "Accuracy"),
        (metrics, "binary_accuracy", "BinaryAccuracy"), (metrics, "huber", "huber"),
        (initializers, "he_normal", "HeNormal"), (initializers, "zeros", "Zeros"), (initializers, "normal", "RandomNormal"),
        (initializers, "orthogonal", "Orthogonal"), (regularizers, "l1", "L1"), (regularizers, "l1_l2", "L1L2"),
        (constraints, "max_norm", "MaxNorm"), (constraints, "non_neg", "NonNeg"), (activations, "swish", "silu"),
    ],
)  # fmt: skip
def test_names(module, name, expected):
    found = module.get(name)
    assert getattr(found, "__name__", type(found).__name__) == expected


def test_the_old_name_l1_l2_has_the_old_defaults():
    assert regularizers.get("l1_l2").get_config() == {"l1": 0.01, "l2": 0.01}


@pytest.mark.parametrize("module", [losses, metrics, initializers, regularizers, constraints])
def test_none_and_classes(module):
    assert module.get(None) is None
    cls = module.CLASSES[0]
    if not ARGUMENTS.get(cls.__name__):
        assert type(module.get(cls)) is cls
    assert activations.get(None) is activations.linear


@pytest.mark.parametrize("module", [losses, metrics, initializers, regularizers, constraints, activations])
def test_unknown_names_are_told(module):
    with pytest.raises(ValueError, match=r"Could not interpret .* identifier: 'nonsense'"):
        module.get("nonsense")
    with pytest.raises(ValueError, match="Could not interpret"):
        module.get(3)
    with pytest.raises(ValueError, match="Did you mean 'mse'"):
        losses.get("msee")


# -- one's own objects --------------------------------------------------------------------------------------


@pytest.fixture
def clean_registry():
    before = dict(registration._registered), dict(registration._registered_names)
    yield
    registration._registered.clear()
    registration._registered.update(before[0])
    registration._registered_names.clear()
    registration._registered_names.update(before[1])


class Tripled(losses.Loss):
    def call(self, y_true, y_pred):
        return 3.0 * tf.reduce_mean(tf.abs(y_true - y_pred), axis=-1)


def doubled(x):
    return 2 * x


def test_registered_objects(clean_registry):
    register_keras_serializable(package="shop")(Tripled)
    register_keras_serializable("shop", "twice")(doubled)
    assert get_registered_name(doubled) == "shop>twice"
    assert activations.get("shop>twice") is doubled
    assert activations.get("twice") is doubled
    config = losses.serialize(Tripled(name="t"))
    assert config["registered_name"] == "shop>Tripled"
    assert losses.deserialize(config).name == "t"
    assert activations.deserialize(activations.serialize(doubled)) is doubled
    with pytest.raises(ValueError, match="get_config"):
        register_keras_serializable()(type("Bare", (), {}))


def test_custom_objects_by_argument_scope_and_dictionary(clean_registry):
    config = losses.serialize(Tripled())
    with pytest.raises(TypeError, match="register_keras_serializable"):
        losses.deserialize(config)
    assert type(losses.deserialize(config, custom_objects={"Tripled": Tripled})) is Tripled
    with CustomObjectScope({"Tripled": Tripled}):
        with CustomObjectScope({"doubled": doubled}):
            assert activations.get("doubled") is doubled
            assert type(losses.deserialize(config)) is Tripled
        with pytest.raises(ValueError):
            activations.get("doubled")
    get_custom_objects()["doubled"] = doubled
    assert activations.get("doubled") is doubled


def test_plain_values_keep_their_kind():
    value = {
        "none": None, "list": [1, 2.5, "a", True], "array": np.arange(4, dtype="int32").reshape(2, 2), "bytes": b"abc",
        "slice": slice(1, None, 2), "dots": ..., "loss": losses.Huber(0.5), "nested": {"activation": activations.relu},
    }  # fmt: skip
    again = deserialize_keras_object(json.loads(json.dumps(serialize_keras_object(value))))
    np.testing.assert_array_equal(again["array"], value["array"])
    assert again["array"].dtype == np.int32
    assert again["loss"].delta == 0.5
    assert again["nested"]["activation"] is activations.relu
    for name in ("none", "list", "bytes", "slice", "dots"):
        assert again[name] == value[name]
    tensor = deserialize_keras_object(serialize_keras_object(tf.constant([1.0, 2.0])))
    np.testing.assert_array_equal(tensor, [1.0, 2.0])
    assert serialize_keras_object(tf.TensorShape([None, 3])) == [None, 3]
    assert serialize_keras_object(tf.float32) == "float32"
    assert serialize_keras_object(np.float32(0.5)) == 0.5


# -- what a config may not do -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "config",
    [
        {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"},
        {"module": "builtins", "class_name": "function", "config": "eval", "registered_name": "function"},
        {"module": "subprocess", "class_name": "Popen", "config": {"args": ["ls"]}, "registered_name": None},
        {"module": "keras.src.utils.python_utils", "class_name": "function", "config": "func_load"},
        {"module": "keras.utils", "class_name": "function", "config": "get_file", "registered_name": "get_file"},
        {"module": "numpy", "class_name": "MeanSquaredError", "config": {}},
        {"class_name": "__typespec__", "spec_name": "x", "module": "os", "config": []},
    ],
)
def test_names_that_are_not_ours_are_not_looked_up_elsewhere(config):
    with pytest.raises(TypeError, match=r"not registered|names classes"):
        deserialize_keras_object(config)


def test_code_is_refused():
    code = {"class_name": "__lambda__", "config": {"value": ["4wEAAAA=", None, None]}}
    with pytest.raises(ValueError, match="holds a Python lambda"):
        deserialize_keras_object(code)
    with pytest.raises(ValueError, match="lambda"):
        serialize_keras_object(lambda x: x)


def test_depth_is_bounded():
    config = {"a": 1}
    for _ in range(5000):
        config = {"a": config}
    with pytest.raises(ValueError, match="nested more than"):
        deserialize_keras_object(config)
    assert registration._local.depth == 0


def test_a_name_in_two_modules_needs_the_module():
    with pytest.raises(TypeError, match="several"):
        deserialize_keras_object({"class_name": "MeanSquaredError", "config": {}})
    found = deserialize_keras_object({"module": "keras.metrics", "class_name": "MeanSquaredError", "config": {}})
    assert isinstance(found, metrics.Metric)
