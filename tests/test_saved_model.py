"""`tf.saved_model`: what TensorFlow and both Keras wrote, our own, and what is refused."""

import zipfile

import numpy as np
import pytest

import thalweg as tf
from goldens import saved_models

X = saved_models.X


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("saved_models")
    with zipfile.ZipFile(saved_models.ARCHIVE) as archive:
        archive.extractall(place)
    return place


@pytest.fixture(scope="module")
def expected(folder):
    return dict(np.load(folder / "outputs.npz"))


def check_module(module, expected):
    for i, y in enumerate(saved_models.results(tf, module)):
        np.testing.assert_allclose(np.asarray(y), expected[f"module.{i}"], rtol=1e-6)


def test_a_module_of_tensorflow(folder, expected):
    module = tf.saved_model.load(folder / "module")
    check_module(module, expected)
    assert module.parts[1].numpy() == 2.0 and module.table["a"].numpy().tolist() == [7.0]
    assert not module.count.trainable and module.w.trainable
    module.w.assign(tf.zeros([3, 2]))  # its functions use the variables that it has
    np.testing.assert_array_equal(module.f(X), np.full((2, 2), 7.0))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(module.f(X))
    np.testing.assert_allclose(tape.gradient(loss, module.w), np.repeat(X.sum(0)[:, None], 2, 1))


@pytest.mark.parametrize("name", ["keras3", "keras2"])
def test_models_of_keras(folder, expected, name):
    loaded = tf.saved_model.load(folder / name)
    (served,) = loaded.signatures["serving_default"](tf.constant(X)).values()
    np.testing.assert_allclose(served, expected[name], rtol=1e-5)
    called = loaded.serve(X) if name == "keras3" else loaded(X)
    np.testing.assert_allclose(called, expected[name], rtol=1e-5)
    assert sum(np.size(v) for v in loaded.trainable_variables) == 34 and len(loaded.variables) >= 8


def test_our_own_module(tmp_path, expected):
    module = saved_models.make_module(tf)
    tf.saved_model.save(module, tmp_path / "m", signatures=module.f)
    again = tf.saved_model.load(tmp_path / "m")
    check_module(again, expected)
    with pytest.raises(ValueError, match="Could not find matching concrete function"):
        again.g(tf.constant([1.0, 2.0, 3.0]))
    tf.saved_model.save(module, tmp_path / "m")  # anew, in its place
    assert tf.saved_model.load(tmp_path / "m").signatures == {} and tf.saved_model.contains_saved_model(tmp_path / "m")


def test_our_own_model(tmp_path):
    model = saved_models.make_model(tf.keras)
    wanted = model.predict(X, verbose=0)
    model.export(tmp_path / "exported")
    loaded = tf.saved_model.load(tmp_path / "exported")
    np.testing.assert_allclose(loaded.serve(X), wanted, rtol=1e-6)
    np.testing.assert_allclose(loaded.signatures["serving_default"](x=tf.constant(X))["dense_1"], wanted, rtol=1e-6) if (
        model.output_names == ["dense_1"]
    ) else None
    assert len(loaded.trainable_variables) == 6
    tf.saved_model.save(model, tmp_path / "saved")
    (served,) = tf.saved_model.load(tmp_path / "saved").signatures["serving_default"](tf.constant(X)).values()
    np.testing.assert_allclose(served, wanted, rtol=1e-6)


def test_several_inputs_and_outputs(tmp_path):
    a, b = tf.keras.Input((2,), name="a"), tf.keras.Input((2,), name="b")
    model = tf.keras.Model([b, a], {"sum": tf.keras.layers.Add()([a, b]), "first": tf.keras.layers.Dense(1)(a)})
    model.export(tmp_path / "m")
    x, y = tf.constant([[1.0, 2.0]]), tf.constant([[10.0, 20.0]])
    found = tf.saved_model.load(tmp_path / "m").signatures["serving_default"](a=x, b=y)
    assert found["sum"].numpy().tolist() == [[11.0, 22.0]]
    np.testing.assert_allclose(found["first"], model([y, x])["first"], rtol=1e-6)


def test_a_graph_of_tensorflow_1(tmp_path):
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None], name="x")
        w = v1.get_variable("w", initializer=3.0)
        session.run(v1.global_variables_initializer())
        v1.saved_model.simple_save(session, str(tmp_path / "m"), {"x": x}, {"y": x * w})
    loaded = tf.saved_model.load(tmp_path / "m")
    assert loaded.signatures["serving_default"](x=[1.0, 2.0])["y"].numpy().tolist() == [3.0, 6.0]


def test_what_is_refused(tmp_path, folder):
    stray = tf.Variable(1.0)

    class Module(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([])])
        def f(self, x):
            return x * stray

        @tf.function
        def g(self, x):
            return x

    with pytest.raises(AssertionError, match="does not lead to"):
        tf.saved_model.save(Module(), tmp_path / "m")
    with pytest.raises(ValueError, match="without `input_signature`"):
        tf.saved_model.save(Module(), tmp_path / "m", signatures=Module().g)
    with pytest.raises(OSError, match="does not exist"):
        tf.saved_model.load(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="has no graph with the tags"):
        tf.saved_model.load(folder / "module", tags="train")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "saved_model.pb").write_bytes(b"\xff" * 40)
    with pytest.raises(OSError, match="Cannot parse"):
        tf.saved_model.load(tmp_path / "bad")
    with pytest.raises(ValueError, match="inputs of model"):
        tf.keras.Sequential([tf.keras.layers.Dense(1)]).export(tmp_path / "e")
