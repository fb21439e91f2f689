"""Models for pictures: as many parameters, layers and weights as Keras', in its order; weights from files; pictures and answers."""

import hashlib
import json

import numpy as np
import pytest

import thalweg as tf
from goldens import record_applications as recorded
from thalweg.keras.applications import imagenet_utils
from thalweg.keras.engine import calls

keras = tf.keras
A = keras.applications
GOLDEN = json.loads(recorded.PATH.read_text())


def blank(name, **options):
    """A model whose weights are zeros: fast to make."""
    with calls.blank_weights():
        return getattr(A, name)(weights=None, **options)


@pytest.mark.parametrize("name", recorded.NAMES)
def test_parameters_layers_and_weights_are_keras(name):
    count, layers, shapes, last = recorded.description(blank(name))
    wanted_count, wanted_layers, wanted_shapes, wanted_last = GOLDEN[name]
    assert (count, layers, shapes) == (wanted_count, wanted_layers, wanted_shapes)
    if name.startswith(("VGG", "ResNet", "EfficientNet", "MobileNet", "DenseNet")):
        assert [n.rstrip("_0123456789") for n in last] == [n.rstrip("_0123456789") for n in wanted_last]


@pytest.mark.parametrize("name", recorded.SMALL)
def test_outputs_for_the_same_weights_are_keras(name):
    wanted = np.load(recorded.OUTPUTS)[name]
    found = recorded.outputs(keras, name)
    assert np.abs(wanted).max() > 1e-3
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5 * np.abs(wanted).max())


def test_weights_of_a_file(tmp_path):
    options = {"alpha": 0.25, "input_shape": (32, 32, 3), "classes": 5}
    first = A.MobileNet(weights=None, **options)
    x = np.random.RandomState(0).uniform(-1, 1, (2, 32, 32, 3)).astype("float32")
    for ending in ("weights.h5", "h5", "keras"):
        path = tmp_path / f"m.{ending}"
        (first.save if ending == "keras" else first.save_weights)(path)
        again = A.MobileNet(weights=path, **options)
        np.testing.assert_allclose(first.predict(x, verbose=0), again.predict(x, verbose=0), atol=1e-6)


def test_models_with_operations_between_layers_are_saved(tmp_path):
    model = A.MobileNetV3Small(weights=None, alpha=0.75, minimalistic=False, input_shape=(32, 32, 3), classes=4)
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    x = np.random.RandomState(0).uniform(0, 255, (1, 32, 32, 3)).astype("float32")
    np.testing.assert_allclose(model.predict(x, verbose=0), again.predict(x, verbose=0), atol=1e-6)


def test_transfer_learning():
    image = keras.Input((32, 32, 3))
    scaled = keras.layers.Rescaling(1 / 255)(image)
    base = A.MobileNetV2(weights=None, alpha=0.35, include_top=False, pooling="avg", input_tensor=scaled)
    assert base.inputs[0] is image and base.output_shape == (None, 1280)
    base.trainable = False
    model = keras.Sequential([keras.Input((32, 32, 3)), base, keras.layers.Dense(2)])
    model.compile("sgd", "mse")
    before = [w.copy() for w in base.get_weights()]
    model.fit(np.ones((2, 32, 32, 3)), np.ones((2, 2)), verbose=0)
    for a, b in zip(before, base.get_weights()):
        np.testing.assert_array_equal(a, b)
    assert len(model.trainable_weights) == 2


def test_arguments_that_do_not_fit():
    with pytest.raises(ValueError, match="`classes` should be 1000"):
        A.VGG16(classes=10)
    with pytest.raises(ValueError, match="path to the weights file"):
        A.VGG16(weights="nowhere.h5")
    with pytest.raises(ValueError, match="at least 32x32"):
        blank("ResNet50", input_shape=(16, 16, 3))
    with pytest.raises(ValueError, match="specify a static `input_shape`"):
        blank("ResNet50", input_shape=(None, None, 3))
    with pytest.raises(ValueError, match="Only `None` and `softmax`"):
        A.ResNet50(classifier_activation="sigmoid")


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_pictures_are_prepared(data_format):
    x = np.random.RandomState(1).uniform(0, 255, (2, 4, 5, 3))
    bgr = x[..., ::-1] - [103.939, 116.779, 123.68]
    torch = (x / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    for module, wanted in {
        "vgg16": bgr, "resnet": bgr, "resnet_v2": x / 127.5 - 1, "mobilenet_v2": x / 127.5 - 1, "densenet": torch,
        "efficientnet": x, "convnext": x, "mobilenet_v3": x,
    }.items():  # fmt: skip
        prepare = getattr(A, module).preprocess_input
        move = (lambda a: a.transpose(0, 3, 1, 2)) if data_format == "channels_first" else (lambda a: a)
        for given in (move(x).astype("float32"), tf.constant(move(x), tf.float32)):
            y = prepare(given, data_format=data_format)
            np.testing.assert_allclose(np.asarray(y), move(wanted), rtol=1e-4, atol=1e-4)
    assert A.vgg16.preprocess_input(np.zeros((4, 4, 3), "uint8"), data_format="channels_last").dtype == np.float32
    with pytest.raises(ValueError, match="mode"):
        imagenet_utils.preprocess_input(x, mode="other")


def test_answers_in_words(tmp_path, monkeypatch):
    text = json.dumps({str(i): [f"n{i:08}", f"thing {i}"] for i in range(1000)})
    (tmp_path / "imagenet_class_index.json").write_text(text)
    monkeypatch.setenv("THALWEG_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(imagenet_utils, "_INDEX_HASH", hashlib.md5(text.encode()).hexdigest())
    monkeypatch.setattr(imagenet_utils, "_names", {})
    scores = np.zeros((1, 1000))
    scores[0, [7, 42]] = 0.25, 0.75
    (first, second), = A.resnet50.decode_predictions(scores, top=2)
    assert first == ("n00000042", "thing 42", 0.75) and second[1] == "thing 7"
    with pytest.raises(ValueError, match="2D array of shape"):
        A.vgg16.decode_predictions(np.zeros((1, 10)))
