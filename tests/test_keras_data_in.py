"""Ways to data: folders, pictures, words, windows as Keras gives them; files from elsewhere; the well-known data sets."""

import gzip
import hashlib
import io
import json
import os
import pickle
import tarfile
import zipfile

import numpy as np
import pytest

import thalweg as tf
from goldens import keras_data
from thalweg.keras.datasets import stored

keras = tf.keras
GOLDEN = dict(np.load(keras_data.PATH))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("data")
    keras_data.make_folder(place)
    return place


NEEDS = {"texts": "strings", "sounds": "audio"}
NAMES = [(name, generation) for name, generation, _ in keras_data.cases(None)]


@pytest.mark.filterwarnings("ignore:The ImageDataGenerator's other settings")
@pytest.mark.parametrize("name", [name for name, _ in NAMES if hasattr(tf, NEEDS.get(name, "keras"))])
def test_as_keras(name, folder):
    run = next(run for case, _, run in keras_data.cases(folder) if case == name)
    values = run(tf, keras)
    expected = [GOLDEN[f"{name}/{i}"] for i in range(sum(key.rpartition("/")[0] == name for key in GOLDEN))]
    assert len(values) == len(expected)
    for value, wanted in zip(values, expected):
        assert value.shape == wanted.shape
        if wanted.dtype.kind == "S":
            assert value.tolist() == wanted.tolist()
        else:
            # Grey of a colour PNG: libpng and Pillow round the weighted sum apart.
            np.testing.assert_allclose(value, wanted, rtol=1e-5, atol=1.0 if "grey, in order" in name else 1e-4)


def test_datasets_say_their_classes_and_files(folder, capsys):
    train, validation = keras.utils.image_dataset_from_directory(
        folder / "pictures", validation_split=0.2, subset="both", seed=1, image_size=(4, 4)
    )
    assert train.class_names == validation.class_names == ["cats", "dogs"]
    assert len(train.file_paths) == 9 and len(validation.file_paths) == 2
    assert not set(train.file_paths) & set(validation.file_paths)
    said = capsys.readouterr().out
    assert "Found 11 files belonging to 2 classes." in said and "Using 9 files for training." in said


def test_settings_that_do_not_fit(folder, tmp_path):
    read = keras.utils.image_dataset_from_directory
    with pytest.raises(ValueError, match="No images found"):
        (tmp_path / "empty").mkdir()
        read(tmp_path)
    with pytest.raises(ValueError, match="must be set, and inversely"):
        read(folder / "pictures", validation_split=0.2)
    with pytest.raises(ValueError, match="you must provide a `seed`"):
        read(folder / "pictures", validation_split=0.2, subset="training")
    with pytest.raises(ValueError, match="len\\(labels\\) is 2 while we found 11"):
        read(folder / "pictures", labels=[0, 1])
    with pytest.raises(ValueError, match="did not match the names"):
        read(folder / "pictures", class_names=["birds"])
    with pytest.raises(ValueError, match="`color_mode` must be one of"):
        read(folder / "pictures", color_mode="blue")


def test_fit_on_pictures_and_on_a_generator(folder):
    layers = keras.layers
    model = keras.Sequential([keras.Input((6, 6, 3)), layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(2)])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    data = keras.utils.image_dataset_from_directory(folder / "pictures", image_size=(6, 6), seed=1, batch_size=4, verbose=False)
    assert len(model.fit(data, epochs=2, verbose=0).history["loss"]) == 2
    generator = keras.preprocessing.image.ImageDataGenerator(rotation_range=20, horizontal_flip=True)
    flow = generator.flow_from_directory(folder / "pictures", target_size=(6, 6), class_mode="sparse", batch_size=4, seed=1)
    history = model.fit(flow, epochs=2, verbose=0)
    assert len(flow) == 3 and np.isfinite(history.history["loss"]).all()
    assert model.predict(flow, verbose=0).shape == (11, 2)


def test_pictures_in_files(tmp_path):
    x = np.linspace(0, 255, 5 * 4 * 3).reshape(5, 4, 3).astype("float32")
    keras.utils.save_img(tmp_path / "a.png", x, scale=False)
    back = keras.utils.img_to_array(keras.utils.load_img(tmp_path / "a.png"))
    np.testing.assert_array_equal(back, x.astype("uint8"))
    with pytest.warns(UserWarning, match="does not support RGBA"):
        keras.utils.save_img(tmp_path / "b.jpg", np.ones((4, 4, 4)))
    with pytest.raises(ValueError, match="Unsupported channel number: 2"):
        keras.utils.array_to_img(np.ones((4, 4, 2)))
    with pytest.raises(ValueError, match="rank 3"):
        keras.utils.array_to_img(np.ones((4, 4)))


# -- files from elsewhere ------------------------------------------------------------------------------------------


@pytest.fixture
def places(tmp_path, monkeypatch):
    """A cache, a folder of files that are 'elsewhere', and no environment folder."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("THALWEG_DATA_DIR", raising=False)
    (tmp_path / "far").mkdir()
    return tmp_path


def far(places, name, data):
    (places / "far" / name).write_bytes(data)
    return (places / "far" / name).as_uri()


class TestGetFile:
    def test_is_fetched_once_and_checked(self, places):
        origin = far(places, "a.txt", b"hello")
        path = keras.utils.get_file("a.txt", origin, file_hash=hashlib.sha256(b"hello").hexdigest())
        assert path == str(places / "cache" / "datasets" / "a.txt")
        (places / "far" / "a.txt").unlink()
        assert keras.utils.get_file("a.txt", origin) == path
        with pytest.raises(ConnectionError, match=r"URL fetch failure on .* Put the file into"):
            keras.utils.get_file("a.txt", origin, force_download=True)
        assert (places / "cache" / "datasets" / "a.txt").read_text() == "hello"

    def test_another_file_than_expected(self, places):
        origin = far(places, "a.txt", b"harm")
        with pytest.raises(ValueError, match="is not the expected file"):
            keras.utils.get_file("a.txt", origin, md5_hash=hashlib.md5(b"hello").hexdigest())
        assert os.listdir(places / "cache" / "datasets") == []

    def test_the_environment_folder_comes_first(self, places, monkeypatch):
        (places / "given").mkdir()
        (places / "given" / "a.txt").write_text("given")
        monkeypatch.setenv("THALWEG_DATA_DIR", str(places / "given"))
        assert keras.utils.get_file("a.txt", "http://localhost:1/a.txt") == str(places / "given" / "a.txt")

    def test_archives(self, places):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            info = tarfile.TarInfo("inner/a.txt")
            info.size = 2
            archive.addfile(info, io.BytesIO(b"ab"))
        path = keras.utils.get_file("set.tar.gz", far(places, "set.tar.gz", buffer.getvalue()), extract=True)
        assert path == str(places / "cache" / "datasets" / "set_extracted")
        assert (places / "cache" / "datasets" / "set_extracted" / "inner" / "a.txt").read_text() == "ab"
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("b.txt", "b")
        path = keras.utils.get_file(origin=far(places, "set.zip", buffer.getvalue()), extract=True)
        assert os.listdir(path) == ["b.txt"]

    @pytest.mark.parametrize("kind", ["..", "absolute", "link", "hard link", "device"])
    def test_a_tar_that_reaches_out(self, places, kind):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            info = tarfile.TarInfo({"..": "../harm", "absolute": str(places / "harm")}.get(kind, "harm"))
            types = {"link": tarfile.SYMTYPE, "hard link": tarfile.LNKTYPE, "device": tarfile.CHRTYPE}
            info.type = types.get(kind, tarfile.REGTYPE)
            info.linkname = "/etc/passwd"
            archive.addfile(info, io.BytesIO(b""))
        with pytest.raises(ValueError, match="it is refused"):
            keras.utils.get_file("set.tar", far(places, "set.tar", buffer.getvalue()), extract=True)
        assert not list(places.rglob("harm"))

    @pytest.mark.parametrize("name", ["../harm", "/harm", "a\\..\\harm"])
    def test_a_zip_that_reaches_out(self, places, name):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr(name, "harm")
        with pytest.raises(ValueError, match="it is refused"):
            keras.utils.get_file("set.zip", far(places, "set.zip", buffer.getvalue()), extract=True)

    def test_a_zip_that_blows_up(self, places):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("big", b"0" * (80 * 2**20))
        data = buffer.getvalue()
        place = data.rindex(b"PK\x01\x02")
        data = data[: place + 24] + (2**32 - 2).to_bytes(4, "little") + data[place + 28 :]
        with pytest.raises(ValueError, match="claims to hold"):
            keras.utils.get_file("set.zip", far(places, "set.zip", data), extract=True)

    def test_names_with_folders(self, places):
        with pytest.raises(ValueError, match="without folders"):
            keras.utils.get_file("../a.txt", "file:///a.txt")
        with pytest.raises(ValueError, match="origin"):
            keras.utils.get_file("a.txt")


# -- data sets ---------------------------------------------------------------------------------------------------------


def idx(array):
    head = b"\0\0\x08" + bytes([array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return gzip.compress(head + array.astype("uint8").tobytes())


class TestDatasets:
    @pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
    def test_idx_files(self, places, monkeypatch, name):
        given = places / "given" / name
        given.mkdir(parents=True)
        x, y = np.arange(2 * 28 * 28).reshape(2, 28, 28) % 256, np.array([3, 4])
        for part in ("train", "t10k"):
            (given / f"{part}-images-idx3-ubyte.gz").write_bytes(idx(x))
            (given / f"{part}-labels-idx1-ubyte.gz").write_bytes(idx(y))
        monkeypatch.setenv("THALWEG_DATA_DIR", str(places / "given"))
        (x_train, y_train), (x_test, y_test) = getattr(keras.datasets, name).load_data()
        np.testing.assert_array_equal(x_train, x)
        assert y_test.tolist() == [3, 4] and x_train.dtype == y_train.dtype == np.uint8 and len(x_test) == 2

    def put(self, places, monkeypatch, name, **arrays):
        """A small file in the place of a data set, with its hash taken for the true one."""
        folder = places / "cache" / "datasets"
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(folder / name, **arrays)
        monkeypatch.setitem(stored.HASHES, name, hashlib.sha256((folder / name).read_bytes()).hexdigest())

    def test_reviews(self, places, monkeypatch):
        texts = np.empty(4, object)
        texts[:] = [[1, 2, 3], [4, 5], [6], [7, 8, 9, 10]]
        self.put(places, monkeypatch, "imdb.npz", x_train=texts, y_train=np.arange(4), x_test=texts, y_test=np.arange(4))
        (x, y), (x_test, _) = keras.datasets.imdb.load_data(num_words=9)
        by_label = dict(zip(y.tolist(), x.tolist()))
        assert by_label[0] == [1, 4, 5, 6] and by_label[2] == [1, 2] and by_label[1] == [1, 7, 8] and len(x_test) == 4
        (x, _), _ = keras.datasets.imdb.load_data(maxlen=4, start_char=None, index_from=0, oov_char=None)
        assert sorted(map(len, x.tolist())) == [0, 2, 3]  # the most frequent word is the limit, and left out
        with pytest.raises(ValueError, match="No text is shorter"):
            keras.datasets.imdb.load_data(maxlen=1)

    def test_reports_and_prices(self, places, monkeypatch):
        texts = np.empty(5, object)
        texts[:] = [[n] * n for n in range(1, 6)]
        self.put(places, monkeypatch, "reuters.npz", x=texts, y=np.arange(5))
        (x, y), (x_test, y_test) = keras.datasets.reuters.load_data()
        assert len(x) == 4 and len(x_test) == 1 and sorted([*y, *y_test]) == [0, 1, 2, 3, 4]
        assert keras.datasets.reuters.get_label_names()[3] == "earn" and len(keras.datasets.reuters.get_label_names()) == 46
        for name in ("boston_housing", "california_housing"):
            self.put(places, monkeypatch, f"{name}.npz", x=np.arange(20.0).reshape(10, 2), y=np.arange(10.0))
            (x, y), (x_test, y_test) = getattr(keras.datasets, name).load_data()
            order = np.arange(10)
            np.random.RandomState(113).shuffle(order)
            assert [*y, *y_test] == order.tolist() and x.shape == (8, 2)
            np.testing.assert_array_equal(x[:, 0], 2 * y)

    def test_small_pictures(self, places, monkeypatch):
        given = places / "given" / "cifar-10-batches-py"
        given.mkdir(parents=True)
        rows = np.arange(2 * 3072).reshape(2, 3072).astype("uint8")
        for name in [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]:
            (given / name).write_bytes(pickle.dumps({b"data": rows, b"labels": [1, 2]}, protocol=3))
        monkeypatch.setenv("THALWEG_DATA_DIR", str(places / "given"))
        (x, y), (x_test, _y_test) = keras.datasets.cifar10.load_data()
        assert x.shape == (10, 32, 32, 3) and y.shape == (10, 1) and y.dtype == np.uint8 and x_test.shape == (2, 32, 32, 3)
        np.testing.assert_array_equal(x[1, 0, :, 2], rows[1, 2048:2080])
        with pytest.raises(ValueError, match="label_mode"):
            keras.datasets.cifar100.load_data("rough")

    def test_a_pickle_of_anything_else(self):
        class Harm:
            def __reduce__(self):
                return os.system, ("true",)

        with pytest.raises(pickle.UnpicklingError, match=r"posix.system.* it is refused"):
            stored.load_numbers(pickle.dumps(Harm()))

    def test_word_numbers(self, places, monkeypatch):
        folder = places / "cache" / "datasets"
        folder.mkdir(parents=True)
        text = json.dumps({"the": 1, "film": 17})
        (folder / "imdb_word_index.json").write_text(text)
        monkeypatch.setitem(stored.HASHES, "imdb_word_index.json", hashlib.md5(text.encode()).hexdigest())
        assert keras.datasets.imdb.get_word_index()["film"] == 17

    def test_offline_says_what_to_do(self, places, monkeypatch):
        monkeypatch.setattr(stored, "_ORIGIN", (places / "far").as_uri() + "/")
        with pytest.raises(ConnectionError, match=r"Put the file into .* or name a folder .* THALWEG_DATA_DIR"):
            keras.datasets.mnist.load_data()


class Squares(keras.utils.PyDataset):
    """Counts how many batches are made at the same time."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.x, self.epochs = np.arange(40, dtype="float32").reshape(20, 2), 0

    def __len__(self):
        return 5

    def __getitem__(self, index):
        rows = self.x[4 * index : 4 * index + 4]
        return rows, rows.sum(1, keepdims=True)

    def on_epoch_end(self):
        self.epochs += 1


@pytest.mark.parametrize("workers", [1, 3])
def test_datasets_in_python_with_workers(workers):
    def run(data):
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(1e-4), "mse")
        history = model.fit(data, epochs=2, verbose=0, shuffle=False)
        return history.history["loss"], model.predict(data, verbose=0)

    data = Squares(workers=workers)
    losses, outputs = run(data)
    expected, expected_outputs = run(Squares())
    assert losses == expected and data.epochs >= 2
    np.testing.assert_array_equal(outputs, expected_outputs)
