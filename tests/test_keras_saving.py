"""Models in files of every format: those that Keras 3.15 and tf-keras 2.21 wrote, our own, and those made to do harm."""

import base64
import importlib
import io
import json
import marshal
import os
import zipfile

import h5py
import numpy as np
import pytest

import thalweg as tf
from goldens import keras_files

keras, L = tf.keras, tf.keras.layers


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keras_files")
    with zipfile.ZipFile(keras_files.ARCHIVE) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def expected(files):
    return dict(np.load(files / "outputs.npz"))


def check(model, x, y, name, generation, expected, trains=True):
    """The outputs are those of Keras; so are those after one more step, which uses the optimizer's state."""
    moments = {"before": lambda: keras_files.outputs(model, x)}
    if trains and name not in keras_files.RANDOM:
        moments["after"] = lambda: keras_files.trained_further(model, x, y)
    for moment, values in moments.items():
        for i, value in enumerate(values()):
            np.testing.assert_allclose(value, expected[f"{name}.{generation}.{moment}.{i}"], rtol=0, atol=2e-6)


GENERATIONS = pytest.mark.parametrize("generation", [3, 2], ids=["keras3", "tf_keras"])
NEEDS = {"recurrent": "Bidirectional", "attention": "MultiHeadAttention"}
NAMES = pytest.mark.parametrize("name", [name for name in keras_files.CASES if hasattr(L, NEEDS.get(name, "Dense"))])


class TestFilesOfKeras:
    @NAMES
    @GENERATIONS
    @pytest.mark.parametrize("ending", ["keras", "h5"])
    def test_whole_models(self, files, expected, name, generation, ending):
        _, x, y = keras_files.CASES[name](keras)
        model = keras.models.load_model(files / f"{name}.{generation}.{ending}")
        check(model, x, y, name, generation, expected)

    @NAMES
    @pytest.mark.parametrize("ending", ["3.weights.h5", "2.weights.h5", "ckpt"])
    def test_weights(self, files, expected, name, ending):
        model, x, y = keras_files.CASES[name](keras)
        model.load_weights(files / f"{name}.{ending}")
        check(model, x, y, name, 3 if ending.startswith("3") else 2, expected)

    @NAMES
    @GENERATIONS
    @pytest.mark.filterwarnings("ignore:Skipping the saved state of optimizer")  # Keras leaves its optimizer out of JSON
    def test_json(self, files, expected, name, generation):
        _, x, y = keras_files.CASES[name](keras)
        model = keras.models.model_from_json((files / f"{name}.{generation}.json").read_text())
        model(x if not isinstance(x, list) else [tf.constant(part) for part in x])
        model.load_weights(files / f"{name}.{generation}.weights.h5")
        check(model, x, y, name, generation, expected, trains=False)


@NAMES
@pytest.mark.parametrize("ending", ["keras", "h5", "weights.h5", "legacy.h5", "npz", "ckpt", "json"])
def test_our_own_files(tmp_path, name, ending):
    model, x, y = keras_files.prepared(name, keras)
    path = tmp_path / f"model.{ending}"
    whole = ending in ("keras", "h5")
    if ending == "json":
        again = keras.models.model_from_json(model.to_json())
        again.set_weights(model.get_weights())
        [part.finalize_state() for part in again.layers if hasattr(part, "finalize_state")]
    elif whole:
        model.save(path)
        again = keras.models.load_model(path)
    else:
        model.save_weights(path)
        again = keras_files.CASES[name](keras)[0]
        again.load_weights(path)
    for a, b in zip(keras_files.outputs(model, x), keras_files.outputs(again, x)):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-6)
    if ending not in ("json", "legacy.h5") and name not in keras_files.RANDOM:
        for a, b in zip(keras_files.trained_further(model, x, y), keras_files.trained_further(again, x, y)):
            np.testing.assert_allclose(a, b, rtol=0, atol=1e-6)


def small(seed=0):
    return keras.Sequential([keras.Input((3,)), L.Dense(2, name="a"), L.Dense(1, name="b")])


class TestWeights:
    def test_by_name(self, tmp_path):
        first, x = small(), np.ones((1, 3), "float32")
        first.save_weights(tmp_path / "w.h5")
        other = keras.Sequential([keras.Input((3,)), L.Dense(2, name="a"), L.Dense(4, name="c")])
        kept = other.layers[1].get_weights()
        other.load_weights(tmp_path / "w.h5", by_name=True)
        np.testing.assert_array_equal(first.layers[0](x), other.layers[0](x))
        np.testing.assert_array_equal(kept[0], other.layers[1].get_weights()[0])

    def test_of_another_model(self, tmp_path):
        small().save_weights(tmp_path / "w.h5")
        other = keras.Sequential([keras.Input((3,)), L.Dense(5), L.Dense(1)])
        with pytest.raises(ValueError, match=r"has shape \(3, 5\), but the file holds an array of shape \(3, 2\)"):
            other.load_weights(tmp_path / "w.h5")
        with pytest.warns(UserWarning, match="Skipping loading of weights"):
            other.load_weights(tmp_path / "w.h5", skip_mismatch=True)
        with pytest.raises(ValueError, match="Layer count mismatch"):
            keras.Sequential([keras.Input((3,)), L.Dense(2)]).load_weights(tmp_path / "w.h5")

    def test_checkpoints_by_their_latest(self, tmp_path):
        first, again, x = small(), small(), np.ones((1, 3), "float32")
        first.save_weights(tmp_path / "run" / "step-1")
        again.load_weights(tf.train.latest_checkpoint(tmp_path / "run")).assert_consumed()
        np.testing.assert_array_equal(first(x), again(x))


# -- what files may not do ---------------------------------------------------------------------------------------


def archive_of(path, config, weights=None):
    """A `.keras` file with a config of one's own."""
    model = small()
    model.save(path)
    with zipfile.ZipFile(path) as old:
        kept = {name: old.read(name) for name in old.namelist()}
    kept["config.json"] = json.dumps(config(json.loads(kept["config.json"]))).encode()
    if weights is not None:
        kept["model.weights.h5"] = weights
    with zipfile.ZipFile(path, "w") as new:
        for name, data in kept.items():
            new.writestr(name, data)
    return path


def with_layer(layer):
    def change(config):
        config["config"]["layers"].append(layer)
        return config

    return change


def hdf5(fill):
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        fill(file)
    return buffer.getvalue()


SENTINEL = "THALWEG_TEST_WAS_RUN"


def marshalled():
    code = compile(f"lambda x: __import__('os').environ.__setitem__({SENTINEL!r}, '1') or x", "f", "eval").co_consts[0]
    return base64.b64encode(marshal.dumps(code)).decode()


class TestKnownAttacks:
    """The ways by which files have run code in Keras, crashed it, or reached out of themselves."""

    @pytest.fixture(autouse=True)
    def nothing_is_run(self):
        yield
        assert SENTINEL not in os.environ

    def test_cve_2024_3660_code_in_a_lambda_layer(self, tmp_path):
        code = {"class_name": "__lambda__", "config": {"code": marshalled(), "defaults": None, "closure": None}}
        layer = {"module": "keras.layers", "class_name": "Lambda", "config": {"name": "twice", "function": code}}
        path = archive_of(tmp_path / "m.keras", with_layer(layer))
        with pytest.raises(ValueError, match="holds a Python lambda"):
            keras.models.load_model(path)
        with pytest.raises(ValueError, match="holds a Python lambda"):
            keras.models.model_from_json(json.dumps(with_layer(layer)(json.loads(small().to_json()))))
        given = keras.models.load_model(path, custom_objects={"twice": lambda x: 2 * x})
        assert given.layers[-1](tf.constant([1.0])).numpy() == 2.0

    @pytest.mark.parametrize(
        ("module", "class_name"),
        [("os", "system"), ("subprocess", "Popen"), ("builtins", "eval"), ("keras.src.utils.file_utils", "get_file"),
         ("thalweg.keras.saving.archive", "read"), ("importlib", "import_module")],
    )  # fmt: skip
    def test_cve_2025_1550_a_module_named_in_the_config(self, tmp_path, module, class_name, monkeypatch):
        monkeypatch.setattr(importlib, "import_module", lambda *_: pytest.fail("something was imported"))
        harm = {"module": module, "class_name": class_name, "config": {"args": ["touch harm"]}, "registered_name": class_name}
        with pytest.raises(TypeError, match="Thalweg does not have"):
            keras.models.load_model(archive_of(tmp_path / "m.keras", with_layer(harm)))
        function = {"module": module, "class_name": "function", "config": class_name, "registered_name": class_name}
        layer = {"module": "keras.layers", "class_name": "Lambda", "config": {"name": "f", "function": function}}
        with pytest.raises(TypeError, match="Thalweg does not have"):
            keras.models.load_model(archive_of(tmp_path / "m.keras", with_layer(layer)))

    def test_cve_2025_8747_a_function_of_keras_itself(self, tmp_path):
        """Not imported, but allowed by name: what fetches files is no layer, no activation, no function for a config."""
        for name in ("get_file", "save_model", "load_model", "func_load", "enable_unsafe_deserialization", "clone_model"):
            function = {"module": "keras.utils", "class_name": "function", "config": name, "registered_name": name}
            layer = {
                "module": "keras.layers", "class_name": "Lambda",
                "config": {"name": "f", "function": function, "arguments": {"origin": "http://localhost:1/harm"}},
            }  # fmt: skip
            with pytest.raises(TypeError, match="Thalweg does not have"):
                keras.models.load_model(archive_of(tmp_path / "m.keras", with_layer(layer)))

    @pytest.mark.parametrize("function", ["list", "dict"])
    def test_cve_2025_9905_code_in_an_h5_file(self, tmp_path, function):
        code = [marshalled(), None, None] if function == "list" else {"class_name": "__lambda__", "config": {"code": marshalled()}}
        layer = {"class_name": "Lambda", "config": {"name": "f", "function": code, "function_type": "lambda", "module": "os"}}
        path = tmp_path / "m.h5"
        small().save(path)
        with h5py.File(path, "a") as file:
            config = json.loads(file.attrs["model_config"])
            config["config"]["layers"].append(layer)
            file.attrs["model_config"] = json.dumps(config)
        with pytest.raises(ValueError, match="holds a Python lambda"):
            keras.models.load_model(path, safe_mode=True)

    def test_cve_2025_9906_a_config_that_switches_safety_off(self, tmp_path):
        switch = {
            "module": "keras.config", "class_name": "function", "config": "enable_unsafe_deserialization",
            "registered_name": "function",
        }  # fmt: skip
        code = {"class_name": "__lambda__", "config": {"code": marshalled()}}

        def change(config):
            config["config"]["layers"] += [
                {"module": "keras.layers", "class_name": "Lambda", "config": {"name": "f", "function": switch}},
                {"module": "keras.layers", "class_name": "Lambda", "config": {"name": "g", "function": code}},
            ]
            return config

        with pytest.raises((TypeError, ValueError), match=r"does not have|holds a Python lambda"):
            keras.models.load_model(archive_of(tmp_path / "m.keras", change))

    def test_cve_2025_49655_a_wrapper_of_another_library(self, tmp_path):
        layer = {
            "module": "keras.layers", "class_name": "TorchModuleWrapper",
            "config": {"name": "t", "module": base64.b64encode(b"cos\nsystem\n(S'true'\ntR.").decode()},
        }  # fmt: skip
        with pytest.raises(TypeError, match=r"'TorchModuleWrapper'.* which Thalweg does not have"):
            keras.models.load_model(archive_of(tmp_path / "m.keras", with_layer(layer)))

    def test_cve_2026_0897_an_array_that_claims_a_huge_shape(self, tmp_path):
        def fill(file):
            file.create_dataset("layers/dense/vars/0", (2**20, 2**20), "f4", chunks=(1024, 1024), compression="gzip")
            file["layers/dense/vars/1"] = np.zeros(2, "f4")

        path = archive_of(tmp_path / "m.keras", lambda config: config, hdf5(fill))
        with pytest.raises(ValueError, match="claims 4398046511104 bytes"):
            keras.models.load_model(path)
        whole = tmp_path / "m.h5"
        small().save(whole)
        with h5py.File(whole, "a") as file:
            name = file["model_weights/a"].attrs["weight_names"][0]
            del file["model_weights/a"][name]
            file["model_weights/a"].create_dataset(name, (2**20, 2**20), "f4", chunks=(1024, 1024))
        with pytest.raises(ValueError, match="claims 4398046511104 bytes"):
            keras.models.load_model(whole)


class TestTricks:
    @pytest.mark.parametrize("layout", ["layers/dense/vars", "a/a"])
    @pytest.mark.parametrize("trick", ["external link", "soft link", "external data", "virtual data", "group", "text"])
    def test_hdf5(self, tmp_path, layout, trick):
        outside = tmp_path / "outside.h5"
        with h5py.File(outside, "w") as file:
            file["x"] = np.zeros((3, 2), "f4")
        path = tmp_path / ("w.weights.h5" if layout.startswith("layers") else "w.h5")
        with h5py.File(path, "w") as file:
            group = file.create_group(layout)
            if trick == "external link":
                group["0"] = h5py.ExternalLink(str(outside), "/x")
            elif trick == "soft link":
                group["0"] = h5py.SoftLink("/x")
            elif trick == "external data":
                group.create_dataset("0", (3, 2), "f4", external=[(str(tmp_path / "raw"), 0, 24)])
            elif trick == "virtual data":
                source = h5py.VirtualLayout((3, 2), "f4")
                source[:] = h5py.VirtualSource(str(outside), "x", (3, 2))
                group.create_virtual_dataset("0", source)
            elif trick == "group":
                group.create_group("0")
            else:
                group["0"] = "text"
            group["1"] = np.zeros(2, "f4")
            if layout == "a/a":
                file.attrs["layer_names"], group.parent.attrs["weight_names"] = [b"a"], [b"a/0", b"a/1"]
        model = keras.Sequential([keras.Input((3,)), L.Dense(2, name="a")])
        with pytest.raises(ValueError, match=r"a link|not a plain array|where a Dataset belongs"):
            model.load_weights(path)

    def test_a_link_in_the_place_of_a_group(self, tmp_path):
        with h5py.File(tmp_path / "w.weights.h5", "w") as file:
            file["layers"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/layers")
        with pytest.raises(ValueError, match="a link at"):
            small().load_weights(tmp_path / "w.weights.h5")

    def test_members_that_lead_out_of_the_archive(self, tmp_path):
        """Assets are read by the names of layers: a member with another path is never unpacked."""
        read = []

        @keras.utils.register_keras_serializable(package="test_saving")
        class Words(L.Layer):
            def save_assets(self, folder):
                with open(os.path.join(folder, "words.txt"), "w") as file:
                    file.write("a b")

            def load_assets(self, folder):
                read.append(sorted(os.listdir(folder)))
                with open(os.path.join(folder, "words.txt")) as file:
                    self.words = file.read()

            def call(self, inputs):
                return inputs

        path = tmp_path / "m.keras"
        keras.Sequential([keras.Input((2,)), Words()]).save(path)
        with zipfile.ZipFile(path, "a") as archive:
            for name in ("../harm", "assets/layers/words/../../../harm", "/harm", "assets/layers/words/sub/harm"):
                archive.writestr(name, "harm")
        assert keras.models.load_model(path).layers[0].words == "a b"
        assert read == [["words.txt"]] and not [p for p in tmp_path.rglob("*") if p.name == "harm"]

    def test_a_config_that_goes_deep(self, tmp_path):
        def change(config):
            inner = {"class_name": "Sequential", "config": {"name": "s", "layers": []}}
            for _ in range(150):
                inner = {"class_name": "Sequential", "config": {"name": "s", "layers": [inner]}}
            return inner

        with pytest.raises(ValueError, match="nested more than 100 levels"):
            keras.models.load_model(archive_of(tmp_path / "m.keras", change))

    def test_a_config_that_describes_no_model(self, tmp_path):
        with pytest.raises(TypeError, match="which is no model"):
            keras.models.load_model(archive_of(tmp_path / "m.keras", lambda _: {"class_name": "Zeros", "config": {}}))
        with pytest.raises(ValueError, match="must be a dict"):
            keras.models.load_model(archive_of(tmp_path / "m.keras", lambda _: [1]))

    def test_npz_with_objects_or_false_sizes(self, tmp_path):
        path = tmp_path / "w.npz"
        np.savez(path, **{"layers/dense/vars/0": np.array([{"a": 1}], object)})
        with pytest.raises(ValueError, match="not what its header says"):
            small().load_weights(path)
        buffer = io.BytesIO()
        np.lib.format.write_array_header_1_0(buffer, {"descr": "<f4", "fortran_order": False, "shape": (2**40,)})
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("layers/dense/vars/0.npy", buffer.getvalue())
        with pytest.raises(ValueError, match="not what its header says"):
            small().load_weights(path)


class TestLambdas:
    def test_a_lambda_must_be_given_again(self, tmp_path):
        with pytest.warns(UserWarning, match="holds a lambda, which files do not keep"):
            keras.Sequential([keras.Input((2,)), L.Lambda(lambda x: x * 3.0, name="thrice")]).save(tmp_path / "m.keras")
        with pytest.raises(ValueError, match="custom_objects="):
            keras.models.load_model(tmp_path / "m.keras", safe_mode=False)
        again = keras.models.load_model(tmp_path / "m.keras", custom_objects={"thrice": lambda x: x * 3.0})
        assert again(tf.constant([[1.0, 2.0]])).numpy().tolist() == [[3.0, 6.0]]

    def test_bytecode_when_the_caller_opts_in(self, tmp_path):
        code = base64.b64encode(marshal.dumps((lambda x: tf.square(x)).__code__)).decode()
        function = {"class_name": "__lambda__", "config": {"code": code, "defaults": None, "closure": None}}
        layer = {"module": "keras.layers", "class_name": "Lambda", "config": {"name": "f", "function": function}}
        model = keras.models.load_model(archive_of(tmp_path / "m.keras", with_layer(layer)), safe_mode=False)
        assert model.layers[-1](tf.constant([3.0])).numpy() == 9.0
        with pytest.raises(ValueError, match="holds a Python lambda"):  # the choice ends with the call
            keras.models.load_model(archive_of(tmp_path / "m.keras", with_layer(layer)))


def test_an_object_used_twice_is_one_object_again(tmp_path):
    @keras.utils.register_keras_serializable(package="test_saving")
    class Pair(L.Layer):
        def __init__(self, one, two, **kwargs):
            super().__init__(**kwargs)
            self.one, self.two = one, two

        def call(self, inputs):
            return self.one(inputs) + self.two(inputs)

        def get_config(self):
            parts = {name: keras.saving.serialize_keras_object(getattr(self, name)) for name in ("one", "two")}
            return super().get_config() | parts

        @classmethod
        def from_config(cls, config):
            parts = {name: keras.saving.deserialize_keras_object(config.pop(name)) for name in ("one", "two")}
            return cls(**parts, **config)

    dense = L.Dense(2)
    keras.Sequential([keras.Input((2,)), Pair(dense, dense)]).save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras").layers[0]
    assert again.one is again.two and len(again.weights) == 2
