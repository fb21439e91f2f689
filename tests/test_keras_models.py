"""Keras' models: building, calling, showing, copying, saving."""

import io
import os
import zipfile

import numpy as np
import pytest

import thalweg as tf
from goldens import keras_models
from test_keras_layers import CASES, check

keras, L = tf.keras, tf.keras.layers


@pytest.mark.parametrize("case_id", [name for name in CASES if name.startswith("summary:")])
def test_summary_reads_as_in_keras(case_id):
    check(case_id, 0.0)


class TestSequential:
    def test_shapes_come_from_the_first_layer_an_input_or_data(self):
        for first in ({"input_shape": (4,)}, {"input_dim": 4}, {"batch_input_shape": (None, 4)}):
            model = keras.Sequential([L.Dense(3, **first), L.Dense(2)])
            assert model.built and model.output_shape == (None, 2) and model.input_shape == (None, 4)
        model = keras.Sequential([keras.Input((4,)), L.Dense(2)])
        assert model.built and len(model.layers) == 1
        model = keras.Sequential([L.Dense(3), L.Dense(2)])
        assert not model.built
        model(tf.ones([5, 4]))
        assert model.output_shape == (None, 2)
        model = keras.Sequential([L.Dense(3)])
        model.build((None, 7))
        assert model.count_params() == 24

    def test_layers_are_added_and_taken_away(self):
        model = keras.Sequential(name="m")
        model.add(L.Dense(3, input_shape=(4,)))
        model.add(L.Dense(2))
        assert [layer.units for layer in model.layers] == [3, 2]
        model.pop()
        assert model.output_shape == (None, 3)
        model.add(L.Dense(5))
        assert model(tf.ones([1, 4])).shape == (1, 5)
        assert len(model.weights) == 4

    def test_gives_what_its_layers_give(self):
        a, b = L.Dense(3, activation="relu"), L.Dense(2)
        x = tf.constant(keras_models.X2)
        np.testing.assert_array_equal(keras.Sequential([a, b])(x), b(a(x)))

    @pytest.mark.parametrize(
        "make, error, match",
        [
            (lambda: keras.Sequential([5]), TypeError, "Only instances of `keras.Layer` can be added"),
            (lambda: keras.Sequential([L.Dense(1, name="a"), L.Dense(1, name="a")]), ValueError, "should have unique names"),
            (lambda: keras.Sequential([keras.Input((2,)), keras.Input((2,))]), ValueError, "already been configured"),
            (lambda: keras.Sequential().pop(), TypeError, "There are no layers"),
            (lambda: keras.Sequential([L.Dense(1)]).output, AttributeError, "no output known yet"),
        ],
    )
    def test_refuses(self, make, error, match):
        with pytest.raises(error, match=match):
            make()


class TestFunctional:
    def test_branches_shared_layers_and_several_outputs(self):
        a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
        shared = L.Dense(3, name="shared")
        model = keras.Model([a, b], {"sum": L.Add()([shared(a), shared(b)]), "last": L.Dense(1, name="last")(shared(a))})
        x = keras_models.floats(2, 4)
        y = model([x, 2 * x])
        w, bias = shared.get_weights()
        np.testing.assert_allclose(y["sum"], 3 * x @ w + 2 * bias, rtol=1e-5)
        assert len(model.weights) == 4 and model.input_names == ["a", "b"]
        np.testing.assert_array_equal(model({"a": x, "b": 2 * x})["sum"], y["sum"])

    def test_tf_functions_on_symbolic_tensors(self):
        x = keras.Input((4,))
        h = tf.nn.relu(x * 2.0 - 1.0)[:, 1:]
        y = tf.concat([tf.reduce_sum(h, axis=1, keepdims=True), tf.matmul(h, tf.ones([3, 2]))], axis=1) / 3
        model = keras.Model(x, tf.reshape(y, [tf.shape(y)[0], 3, 1]))
        value = keras_models.floats(5, 4)
        part = np.maximum(value * 2 - 1, 0)[:, 1:].sum(1, keepdims=True) / 3
        np.testing.assert_allclose(model(value)[..., 0], np.repeat(part, 3, 1), rtol=1e-5)
        assert model.output_shape == (None, 3, 1)
        np.testing.assert_allclose(tf.function(model)(tf.constant(value)), model(value), rtol=1e-6)

    def test_variables_between_layers_are_read_anew(self):
        v = tf.Variable(2.0)
        x = keras.Input((1,))
        model = keras.Model(x, x * v)
        assert float(model(tf.ones([1, 1]))[0, 0]) == 2
        v.assign(3.0)
        assert float(model(tf.ones([1, 1]))[0, 0]) == 3

    def test_parts_of_a_model_are_models(self):
        x = keras.Input((4,))
        model = keras.Model(x, L.Dense(2, name="out")(L.Dense(3, name="mid")(x)))
        features = keras.Model(model.input, model.get_layer("mid").output)
        tail = keras.Model(model.get_layer("mid").output, model.output)
        value = keras_models.floats(2, 4)
        np.testing.assert_array_equal(tail(features(value)), model(value))

    def test_models_are_layers(self):
        inner = keras.Sequential([L.Dense(3, input_shape=(4,)), L.Dense(2)])
        x = keras.Input((4,))
        model = keras.Model(x, L.Dense(1)(inner(x)))
        assert len(model.weights) == 6 and inner in model.layers
        assert model(tf.ones([2, 4])).shape == (2, 1)

    def test_arguments_of_calls_are_kept(self):
        class Weighted(L.Layer):
            def call(self, a, scale=1.0, other=None):
                return a * scale + (0.0 if other is None else other)

        x, z = keras.Input((2,)), keras.Input((2,))
        model = keras.Model([x, z], Weighted()(x, scale=3.0, other=z))
        assert model([np.ones((1, 2)), np.ones((1, 2))]).numpy().tolist() == [[4, 4]]

    def test_a_missing_last_dimension_is_put_in(self):
        x = keras.Input((1,))
        assert keras.Model(x, L.Dense(2)(x))(np.ones(5)).shape == (5, 2)

    @pytest.mark.parametrize(
        "make, match",
        [
            (lambda x, m: keras.Model(x, tf.ones([2])), "must be KerasTensors"),
            (lambda x, m: keras.Model(keras.Input((4,)), m.output), "Graph disconnected"),
            (lambda x, m: keras.Model(x, L.Dense(1, name="s")(L.Dense(1, name="s")(x))), "'s' is used more than once"),
            (lambda x, m: m(np.ones((2, 5))), r"must have the shape \(None, 4\), but it received \(2, 5\)"),
            (lambda x, m: m([np.ones((2, 4)), np.ones((2, 4))]), "has 1 input.* but it received 2"),
            (lambda x, m: m({"y": np.ones((2, 4))}), "Missing data for input 'x'"),
            (lambda x, m: m.get_layer("nope"), "No such layer: nope. Existing layers are"),
            (lambda x, m: m.get_layer(index=7), "index 7 but model only has 2 layers"),
            (lambda x, m: m.get_layer(), "Provide either"),
        ],
    )
    def test_refuses(self, make, match):
        x = keras.Input((4,), name="x")
        with pytest.raises(ValueError, match=match):
            make(x, keras.Model(x, L.Dense(2)(x)))


class Own(keras.Model):
    def __init__(self, units=3, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.first = L.Dense(units, activation="relu")
        self.rest = [L.Dropout(0.5), L.Dense(2)]

    def call(self, inputs, training=None):
        x = self.first(inputs)
        for layer in self.rest:
            x = layer(x, training=training) if isinstance(layer, L.Dropout) else layer(x)
        return x


class TestSubclass:
    def test_builds_by_a_call_or_by_build(self):
        model = Own()
        model.build((None, 4))
        assert [tuple(w.shape) for w in model.weights] == [(4, 3), (3,), (3, 2), (2,)]
        other = Own()
        other(tf.ones([1, 4]))
        assert len(other.weights) == 4 and other.layers[0].name.startswith("dense")

    def test_training_is_handed_down(self):
        model = Own()
        x = tf.ones([50, 4])
        model(x)
        keras_models.set_weights(model)
        np.testing.assert_array_equal(model(x), model(x, training=False))
        assert np.abs(model(x, training=True) - model(x)).max() > 0

    def test_is_made_anew_from_its_arguments(self):
        assert Own.from_config(Own(units=7).get_config()).units == 7

    def test_setting_layers_before_init(self):
        class Early(keras.Model):
            def __init__(self):
                self.d = L.Dense(1)

        with pytest.raises(RuntimeError, match="forgot to call `super"):
            Early()

    def test_setting_layers_themselves(self):
        with pytest.raises(AttributeError, match="under another name"):
            Own().layers = []

    def test_without_call(self):
        with pytest.raises(NotImplementedError, match="does not have a `call"):
            keras.Model()(tf.ones([1, 1]))

    def test_functional_with_its_own_step(self):
        class Counting(keras.Model):
            def train_step(self, data):
                return {**super().train_step(data), "mine": tf.constant(5.0)}

        x = keras.Input((6,))
        model = Counting(x, L.Dense(1)(x))
        model.compile("sgd", "mse")
        assert model.fit(keras_models.ROWS, keras_models.NUMBERS, verbose=0).history["mine"] == [5.0]


# -- copies and files ------------------------------------------------------------------------------------------


def a_functional_model():
    a, b = keras.Input((4,), name="a"), keras.Input((2,), name="b")
    shared = L.Dense(3, activation="tanh", name="shared")
    h = L.Concatenate(name="join")([shared(a), L.BatchNormalization(name="bn")(b)])
    nested = keras.Sequential([L.Dense(4, name="in_1"), L.Dense(3, name="in_2")], name="nested")
    return keras.Model({"a": a, "b": b}, [nested(h), L.Add(name="sum")([shared(a), nested(h)])], name="made")


def a_sequential_model():
    return keras.Sequential(
        [keras.Input((4,)), L.Dense(5, activation="relu", kernel_regularizer="l2"), L.Dropout(0.3), L.Dense(2)], name="s"
    )


VALUES = {"a": keras_models.floats(3, 4), "b": keras_models.floats(3, 2)}


def outputs(model):
    x = VALUES if isinstance(model, keras.Model) and model.name == "made" else VALUES["a"]
    return [np.asarray(y) for y in tf.nest.flatten(model(x))]


def same(a, b):
    for one, two in zip(outputs(a), outputs(b)):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("make", [a_functional_model, a_sequential_model])
class TestCopies:
    def test_json(self, make):
        model = make()
        again = keras.models.model_from_json(model.to_json())
        assert again.to_json() == model.to_json()
        again.set_weights(model.get_weights())
        same(model, again)

    def test_clone(self, make):
        model = make()
        copy = keras.models.clone_model(model)
        assert not {id(w) for w in copy.weights} & {id(w) for w in model.weights}
        copy.set_weights(model.get_weights())
        same(model, copy)

    def test_the_whole_model_in_a_file(self, make, tmp_path):
        model = make()
        model.compile("adam", "mse", metrics=["mae"])
        model.save(tmp_path / "m.keras")
        again = keras.models.load_model(tmp_path / "m.keras")
        same(model, again)
        assert again.compiled and isinstance(again.optimizer, keras.optimizers.Adam)

    @pytest.mark.parametrize("ending", ["weights.h5", "npz"])
    def test_weights_in_a_file(self, make, ending, tmp_path):
        model = make()
        model.save_weights(tmp_path / f"w.{ending}")
        copy = keras.models.clone_model(model)
        copy.load_weights(tmp_path / f"w.{ending}")
        same(model, copy)


def test_training_goes_on_after_loading(tmp_path):
    def run(model, epochs):
        model.fit(keras_models.ROWS, keras_models.NUMBERS, batch_size=8, epochs=epochs, shuffle=False, verbose=0)

    model = keras.Sequential([L.Dense(4, activation="relu", input_shape=(6,)), L.Dense(1)])
    model.compile("adam", "mse")
    run(model, 2)
    model.save(tmp_path / "m.keras")
    run(model, 2)
    again = keras.models.load_model(tmp_path / "m.keras")
    run(again, 2)
    for a, b in zip(model.get_weights(), again.get_weights()):
        np.testing.assert_array_equal(a, b)


@keras.utils.register_keras_serializable(package="tests")
class Registered(L.Layer):
    def __init__(self, by, **kwargs):
        super().__init__(**kwargs)
        self.by = by

    def call(self, inputs):
        return inputs * self.by


@keras.utils.register_keras_serializable(package="tests")
def twice_as_much(x):
    return 2 * x


def test_own_layers_and_functions_travel_by_name(tmp_path):
    model = keras.Sequential(
        [keras.Input((4,)), Registered(3.0), L.Lambda(twice_as_much), L.Dense(2, activation=twice_as_much)], name="s"
    )
    model.save(tmp_path / "m.keras")
    same(model, keras.models.load_model(tmp_path / "m.keras"))


def test_subclassed_models_load_weights_by_attribute(tmp_path):
    model, other = Own(), Own()
    model(VALUES["a"]), other(VALUES["a"])
    model.save_weights(tmp_path / "w.weights.h5")
    other.load_weights(tmp_path / "w.weights.h5")
    same(model, other)


class TestFilesThatAreRefused:
    def test_unknown_classes(self, tmp_path):
        class Unknown(L.Layer):
            def call(self, inputs):
                return inputs

        keras.Sequential([keras.Input((4,)), Unknown()]).save(tmp_path / "m.keras")
        with pytest.raises(TypeError, match=r"'Unknown' .* which Thalweg does not have"):
            keras.models.load_model(tmp_path / "m.keras")
        assert keras.models.load_model(tmp_path / "m.keras", custom_objects={"Unknown": Unknown}).built

    def test_what_is_no_model(self, tmp_path):
        (tmp_path / "m.keras").write_text("hello")
        with pytest.raises(ValueError, match=r"not a `.keras` file"):
            keras.models.load_model(tmp_path / "m.keras")
        with pytest.raises(ValueError, match="File not found"):
            keras.models.load_model(tmp_path / "no.keras")
        with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
            archive.writestr("a.txt", "b")
        with pytest.raises(ValueError, match=r"has no member 'config.json'"):
            keras.models.load_model(tmp_path / "m.keras")

    def test_a_member_that_blows_up(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "m.keras", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("config.json", b"0" * 300 * 2**20)
        with pytest.raises(ValueError, match="claims 314572800 bytes: it is refused"):
            keras.models.load_model(tmp_path / "m.keras")

    def test_links_and_outside_data_in_weights(self, tmp_path):
        import h5py

        model = keras.Sequential([L.Dense(2, input_shape=(3,))])
        for make in (
            lambda group: group.__setitem__("0", h5py.ExternalLink("other.h5", "/x")),
            lambda group: group.__setitem__("0", h5py.SoftLink("/x")),
            lambda group: group.create_dataset("0", (3, 2), "f4", external=[(str(tmp_path / "raw"), 0, 24)]),
        ):
            path = tmp_path / "w.weights.h5"
            with h5py.File(path, "w") as file:
                group = file.create_group("layers/dense/vars")
                make(group)
                group["1"] = np.zeros(2, "f4")
            with pytest.raises(ValueError, match=r"a link|not a plain array"):
                model.load_weights(path)

    def test_weights_that_do_not_fit(self, tmp_path):
        path = tmp_path / "w.weights.h5"
        keras.Sequential([L.Dense(2, input_shape=(3,))]).save_weights(path)
        other = keras.Sequential([L.Dense(2, input_shape=(4,))])
        before = other.get_weights()
        with pytest.raises(ValueError, match=r"has shape \(4, 2\), but the file holds an array of shape \(3, 2\)"):
            other.load_weights(path)
        with pytest.warns(UserWarning, match="Skipping layer"):
            other.load_weights(path, skip_mismatch=True)
        for a, b in zip(before, other.get_weights()):
            np.testing.assert_array_equal(a, b)
        with pytest.raises(ValueError, match="holds no weights"):
            built(Own()).load_weights(path)

    def test_endings_and_folders(self, tmp_path):
        model = a_sequential_model()
        with pytest.raises(ValueError, match=r"ending in '.keras'"):
            model.save(tmp_path / "m.pb")
        with pytest.raises(FileExistsError, match="exists"):
            model.save(tmp_path / "m.keras")
            model.save(tmp_path / "m.keras", overwrite=False)

    def test_a_failure_leaves_the_old_file(self, tmp_path, monkeypatch):
        model = a_sequential_model()
        model.save(tmp_path / "m.keras")
        before = (tmp_path / "m.keras").read_bytes()

        def full(*_):
            raise OSError("No space left on device")

        monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
        with pytest.raises(OSError, match="No space left"):
            model.save(tmp_path / "m.keras")
        assert (tmp_path / "m.keras").read_bytes() == before and os.listdir(tmp_path) == ["m.keras"]


def built(model):
    model.build((None, 4))
    return model


def test_summary_goes_to_the_screen(capsys):
    a_sequential_model().summary()
    assert 'Model: "s"' in capsys.readouterr().out
    buffer = io.StringIO()
    a_functional_model().summary(print_fn=lambda text: buffer.write(text), expand_nested=True)
    assert "└ in_1 (Dense)" in buffer.getvalue()
