"""CSV: fields of records, datasets of files, columns found out. The values are TensorFlow's."""

import numpy as np
import pytest

import thalweg as tf

experimental = tf.data.experimental


@pytest.fixture
def files(tmp_path):
    (tmp_path / "a.csv").write_text('age,name,w,big,flag\n1,"Bo, Jr",0.5,3000000000,\n2,Al,,4,x\n3,"two\nlines",2,5,y\n')
    (tmp_path / "b.csv").write_text("age,name,w,big,flag\n7,Cy,1e300,6,z\n8,,3,7,w\n")
    return tmp_path


def plain(x):
    return tf.nest.map_structure(lambda t: np.asarray(t).tolist(), x)


@pytest.mark.parametrize("run", [tf.io.decode_csv, tf.function(tf.io.decode_csv)], ids=["eager", "function"])
def test_decode_csv(run):
    defaults = [[0], [1.5], ["d"]]
    columns = run(tf.constant(["1,2.5,x", "3,,"]), defaults)
    assert [c.dtype for c in columns] == [tf.int32, tf.float32, tf.string]
    assert plain(columns) == [[1, 3], [2.5, 1.5], [b"x", b"d"]]
    assert plain(run(tf.constant('1,2.5,"x,""y"""'), defaults)) == [1, 2.5, b'x,"y"']
    assert plain(run(tf.constant([["1", "2"]]), [[7]])) == [[[1, 2]]]


def test_decode_csv_options():
    decode = tf.io.decode_csv
    assert plain(decode(["NA,1"], [[7], [0]], na_value="NA")) == [[7], [1]]
    assert plain(decode(["1,2,3"], [[7], [0]], select_cols=[0, 2])) == [[1], [3]]
    assert plain(decode(['1|"2'], [[7], [""]], field_delim="|", use_quote_delim=False)) == [[1], [b'"2']]
    with pytest.raises(ValueError, match="strictly increasing"):
        decode(["1,2,3"], [[7], [0]], select_cols=[2, 0])


@pytest.mark.parametrize(
    ("record", "defaults", "message"),
    [
        ("1,2", [[0], [1.5], ["d"]], "Expect 3 fields but have 2 in record 0"),
        ("a", [[0]], "Field 0 in record 0 is not a valid int32: a"),
        ("3000000000", [[7]], "Field 0 in record 0 is not a valid int32: 3000000000"),
        ("", [[0]], "Expect 1 fields but have 0 in record 0"),
        (",1", [tf.constant([], tf.int32), [0]], "Field 0 is required but missing in record 0!"),
        ('1,"2', [[7], [""]], "not comma-separated values"),
        ("1", [[True]], "A column cannot be of bool"),
    ],
)
def test_decode_csv_says_what_is_wrong(record, defaults, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        tf.io.decode_csv([record], defaults)


def test_csv_dataset(files):
    names = [str(files / "a.csv"), str(files / "b.csv")]
    dataset = experimental.CsvDataset(names, [tf.int32, tf.string, [9.0], tf.int64, [""]], header=True)
    assert [s.dtype for s in dataset.element_spec] == [tf.int32, tf.string, tf.float32, tf.int64, tf.string]
    iterator = iter(dataset)
    assert plain(next(iterator)) == (1, b"Bo, Jr", 0.5, 3000000000, b"")
    assert plain(next(iterator)) == (2, b"Al", 9.0, 4, b"x")
    state = iterator._save_state()
    assert plain(next(iterator)) == (3, b"two\nlines", 2.0, 5, b"y")
    assert plain(next(iterator))[0] == 7
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Field 1 is required but missing in record 1 of .*b\.csv"):
        next(iterator)
    iterator._restore_state(state)
    assert plain(next(iterator))[1] == b"two\nlines"
    columns = {"select_cols": [0, 4]}, {"exclude_cols": [1, 2, 3]}
    for how in columns:
        chosen = experimental.CsvDataset(names[1], [tf.int32, ""], header=True, **how)
        assert plain(list(chosen)) == [(7, b"z"), (8, b"w")]


def test_make_csv_dataset_finds_names_and_types(files):
    batches = list(experimental.make_csv_dataset(str(files / "*.csv"), 2, shuffle=False, num_epochs=1))
    assert plain(batches[0]) == {
        "age": [1, 2], "name": [b"Bo, Jr", b"Al"], "w": [0.5, 0.0], "big": [3000000000, 4], "flag": [b"", b"x"],
    }  # fmt: skip
    assert [len(b["age"]) for b in batches] == [2, 2, 1]
    assert {k: t.dtype for k, t in batches[0].items()} == {
        "age": tf.int32, "name": tf.string, "w": tf.float64, "big": tf.int64, "flag": tf.string,
    }  # fmt: skip


def test_make_csv_dataset_shuffles_as_tensorflow_does(files):
    def ages(**how):
        return [b["age"].numpy().tolist() for b in experimental.make_csv_dataset(str(files / "*.csv"), 2, **how)]

    assert ages(shuffle_seed=3, num_epochs=2)[:4] == [[8, 7], [3, 2], [1, 7], [8, 2]]
    assert ages(shuffle_seed=5, num_epochs=1, num_parallel_reads=2) == [[7, 3], [1, 8], [2]]


def test_make_csv_dataset_labels_and_columns(files):
    pattern = str(files / "*.csv")
    endless = experimental.make_csv_dataset(pattern, 2, shuffle=False, label_name="age")
    features, labels = next(iter(endless.skip(2)))
    assert (plain(labels), plain(features["w"])) == ([8, 1], [3.0, 0.5])
    assert endless.element_spec[1] == tf.TensorSpec([2], tf.int32)
    some = experimental.make_csv_dataset(pattern, 5, shuffle=False, num_epochs=1, select_columns=["w", "age"])
    assert list(next(iter(some))) == ["age", "w"]
    for wrong, message in (
        ({"label_name": "no"}, "label_name"),
        ({"select_columns": ["no"]}, "must be of one of the columns"),
        ({"column_names": list("aabcd")}, "duplicate"),
    ):
        with pytest.raises(ValueError, match=message):
            experimental.make_csv_dataset(pattern, 2, **wrong)
    with pytest.raises(ValueError, match="No files match"):
        experimental.make_csv_dataset(str(files / "*.none"), 2)


def test_keras_takes_a_csv_dataset(files):
    dataset = experimental.make_csv_dataset(str(files / "a.csv"), 3, shuffle=False, num_epochs=1, select_columns=["age", "w"])
    dataset = dataset.map(lambda row: (tf.cast(row["age"][:, tf.newaxis], tf.float32), row["w"]))
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    assert len(model.fit(dataset, epochs=2, verbose=0).history["loss"]) == 2
