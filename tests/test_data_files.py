"""Datasets from files, TFRecords, examples: TensorFlow's files are read, damaged ones refused with their place."""

import gzip
import os
import struct

import numpy as np
import pytest
from tests.goldens.records import PLACE, RECORDS, example

import thalweg as tf
from thalweg.engine.formats import tfrecord


def listed(dataset):
    return list(dataset.as_numpy_iterator())


# -- TFRecords -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 47, 48, 1023, 1024, 1027, 4096, 70_001])
def test_checksums_of_all_lengths(size):
    data = np.random.default_rng(size).bytes(size)
    crc = 0xFFFFFFFF
    for byte in data:  # by the definition, bit by bit
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    assert tfrecord.crc32c(data) == crc ^ 0xFFFFFFFF


@pytest.mark.parametrize("compression", ["", "GZIP", "ZLIB"])
def test_tensorflows_records_are_read_and_ours_are_the_same_bytes(compression, tmp_path):
    path = PLACE / f"records{compression.lower()}.tfrecord"
    assert listed(tf.data.TFRecordDataset(str(path), compression)) == RECORDS
    ours = tmp_path / "ours"
    with tf.io.TFRecordWriter(str(ours), tf.io.TFRecordOptions(compression)) as writer:
        for record in RECORDS:
            writer.write(record)
    assert listed(tf.data.TFRecordDataset(ours, compression)) == RECORDS
    assert list(tf.compat.v1.python_io.tf_record_iterator(ours, tf.io.TFRecordOptions(compression))) == RECORDS
    if not compression:
        assert ours.read_bytes() == path.read_bytes()


def test_several_files_at_once(tmp_path):
    for name in "ab":
        with tf.io.TFRecordWriter(str(tmp_path / name)) as writer:
            for i in range(3):
                writer.write(f"{name}{i}")
    names = [str(tmp_path / n) for n in "ab"]
    one_by_one = [b"a0", b"a1", b"a2", b"b0", b"b1", b"b2"]
    assert listed(tf.data.TFRecordDataset(names)) == one_by_one
    assert listed(tf.data.TFRecordDataset(tf.data.Dataset.from_tensor_slices(names))) == one_by_one
    assert listed(tf.data.TFRecordDataset(names, num_parallel_reads=2)) == [b"a0", b"b0", b"a1", b"b1", b"a2", b"b2"]
    found = tf.data.Dataset.list_files(str(tmp_path / "*"), shuffle=False).interleave(tf.data.TFRecordDataset, cycle_length=2)
    assert listed(found) == [b"a0", b"b0", b"a1", b"b1", b"a2", b"b2"]


def damaged(tmp_path, change):
    data = bytearray((PLACE / "records.tfrecord").read_bytes())
    path = tmp_path / "bad.tfrecord"
    path.write_bytes(change(data))
    return path


@pytest.mark.parametrize(
    ("change", "message", "good"),
    [
        (lambda d: d[:-3], r"truncated record at .* in .*bad.tfrecord", 4),
        (lambda d: d[:20], r"truncated record at 16 in .*: the file ends within a record's header", 1),
        (lambda d: d[:16] + b"\x09" + d[17:], "corrupted record at 16 .*checksum of its length", 1),
        (lambda d: d[:30] + b"!" + d[31:], "corrupted record at 16 .*its checksum is wrong", 1),
    ],
)
def test_damaged_records_say_where(tmp_path, change, message, good):
    iterator = iter(tf.data.TFRecordDataset(damaged(tmp_path, change)))
    for _ in range(good):
        next(iterator)
    with pytest.raises(tf.errors.DataLossError, match=message):
        next(iterator)


def test_lengths_that_lie_take_no_memory(tmp_path):
    length = struct.pack("<Q", 1 << 60)
    head = length + struct.pack("<I", tfrecord.masked_crc32c(length))
    (tmp_path / "plain").write_bytes(head + b"abc")
    (tmp_path / "packed").write_bytes(gzip.compress(head + b"abc"))
    for name, kind in (("plain", ""), ("packed", "GZIP")):
        with pytest.raises(tf.errors.DataLossError, match="truncated record at 0"):
            listed(tf.data.TFRecordDataset(tmp_path / name, kind))


def test_wrong_compression(tmp_path):
    with pytest.raises(tf.errors.DataLossError, match="compression_type"):
        listed(tf.data.TFRecordDataset(str(PLACE / "recordsgzip.tfrecord")))
    with pytest.raises(tf.errors.DataLossError, match="no GZIP file"):
        listed(tf.data.TFRecordDataset(str(PLACE / "records.tfrecord"), "GZIP"))
    with pytest.raises(tf.errors.NotFoundError, match="No such file"):
        listed(tf.data.TFRecordDataset(str(tmp_path / "none")))
    with pytest.raises(TypeError, match=r"tf\.string"):
        tf.data.TFRecordDataset([1, 2])


# -- text and fixed lengths ----------------------------------------------------------------------------------------------


def test_lines(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"one\r\n\ntwo \nlast")
    (tmp_path / "b.txt").write_bytes(b"")
    (tmp_path / "c.txt.gz").write_bytes(gzip.compress(b"x\ny\n"))
    names = [str(tmp_path / n) for n in ("a.txt", "b.txt")]
    assert listed(tf.data.TextLineDataset(names)) == [b"one", b"", b"two ", b"last"]
    assert listed(tf.data.TextLineDataset(tmp_path / "c.txt.gz", compression_type="GZIP")) == [b"x", b"y"]
    skipped = tf.data.Dataset.from_tensor_slices(names).flat_map(lambda n: tf.data.TextLineDataset(n).skip(1))
    assert listed(skipped) == [b"", b"two ", b"last"]


def test_errors_of_functions_name_file_and_line(tmp_path):
    (tmp_path / "numbers.csv").write_text("1\n2\nx\n")
    dataset = tf.data.TextLineDataset(tmp_path / "numbers.csv").map(
        lambda line: tf.numpy_function(lambda s: np.int64(int(s)), [line], tf.int64)
    )
    iterator = iter(dataset)
    assert [int(next(iterator)), int(next(iterator))] == [1, 2]
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"element 2 .*from line 2 of .*numbers.csv"):
        next(iterator)


def test_fixed_lengths(tmp_path):
    path = tmp_path / "data.bin"
    path.write_bytes(b"HH" + bytes(range(12)) + b"F")
    dataset = tf.data.FixedLengthRecordDataset(str(path), 4, header_bytes=2, footer_bytes=1)
    assert listed(dataset) == [bytes(range(i, i + 4)) for i in (0, 4, 8)]
    with pytest.raises(tf.errors.InvalidArgumentError, match="records of 4 bytes"):
        listed(tf.data.FixedLengthRecordDataset(str(path), 4))
    packed = tmp_path / "data.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert listed(tf.data.FixedLengthRecordDataset(str(packed), 4, 2, 1, compression_type="GZIP")) == listed(dataset)


def test_list_files(tmp_path):
    for name in "cab":
        (tmp_path / name).touch()
    names = [os.fsencode(tmp_path / n) for n in "abc"]
    assert listed(tf.data.Dataset.list_files(str(tmp_path / "*"), shuffle=False)) == names
    assert sorted(listed(tf.data.Dataset.list_files([str(tmp_path / "a"), str(tmp_path / "[bc]")]))) == names


# -- examples ------------------------------------------------------------------------------------------------------------

FEATURES = {
    "label": tf.io.FixedLenFeature([], tf.int64),
    "image": tf.io.FixedLenFeature([2], tf.float32),
    "words": tf.io.VarLenFeature(tf.string),
    "missing": tf.io.FixedLenFeature([], tf.string, "none"),
    "blocks": tf.io.FixedLenSequenceFeature([1], tf.int64, allow_missing=True),
    "table": tf.io.SparseFeature("at", "at", tf.int64, 5),
}


def test_examples_written_by_tensorflow():
    dataset = tf.data.TFRecordDataset(str(PLACE / "examples.tfrecord"))
    batch = next(iter(dataset.batch(4).map(lambda s: tf.io.parse_example(s, FEATURES))))
    np.testing.assert_array_equal(batch["label"], [0, 1, 2, 3])
    np.testing.assert_array_equal(batch["image"], [[0.5, 0], [1.5, -1], [2.5, -2], [3.5, -3]])
    assert [tuple(i) for i in batch["words"].indices.numpy()] == [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2)]
    assert batch["words"].values.numpy().tolist() == [b"w0", b"w0", b"w1", b"w0", b"w1", b"w2"]
    assert batch["words"].dense_shape.numpy().tolist() == [4, 3]
    np.testing.assert_array_equal(tf.sparse.to_dense(batch["table"]), [[0] * 5, [0, 1, 0, 0, 0], [0, 1, 2, 0, 0], [0, 1, 2, 3, 0]])
    one_by_one = dataset.map(lambda s: tf.io.parse_single_example(s, {k: FEATURES[k] for k in ("label", "image", "missing")}))
    assert one_by_one.element_spec["image"] == tf.TensorSpec([2], tf.float32)
    images = np.concatenate([b["image"] for b in one_by_one.batch(3).as_numpy_iterator()])
    np.testing.assert_array_equal(images, batch["image"])


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ({"other": tf.io.FixedLenFeature([], tf.int64)}, r"Feature: other \(data type: int64\) is required"),
        ({"label": tf.io.FixedLenFeature([2], tf.int64)}, r"Key: label, Index: 1.*Values size: 1 but output shape: \[2\]"),
        ({"label": tf.io.FixedLenFeature([], tf.float32)}, "Key: label.* Data type: int64 but expected type: float"),
        ({"words": tf.io.VarLenFeature(tf.int64)}, "Key: words.* Data type: string"),
        ({"table": tf.io.SparseFeature("at", "at", tf.int64, 3)}, r"An index lies outside the size \[3\]"),
        ({"table": tf.io.SparseFeature("label", "at", tf.int64, 3)}, "There are 3 values in 'at', but 1 indices"),
    ],
)
def test_what_does_not_fit_names_example_and_feature(features, message):
    first = {"label": tf.io.FixedLenFeature([2], tf.int64)} == features
    good = tf.train.Example()
    good.features.feature["label"].int64_list.value.extend([1, 2])
    serialized = [good.SerializeToString()] * first + [example(tf, 3).SerializeToString()]
    for run in (tf.io.parse_example, tf.function(lambda s, f: tf.io.parse_example(s, f))):
        with pytest.raises(tf.errors.InvalidArgumentError, match=message):
            run(tf.constant(serialized), features)


def test_bytes_that_are_no_example():
    with pytest.raises(tf.errors.InvalidArgumentError, match="Could not parse example"):
        tf.io.parse_single_example(b"\xff\xff", FEATURES)
    with pytest.raises(ValueError, match="features"):
        tf.io.parse_example([b""], {})
    with pytest.raises(tf.errors.InvalidArgumentError, match="int32"):
        tf.io.parse_example([b""], {"a": tf.io.FixedLenFeature([], tf.int32)})


def sequence(context, *steps):
    message = tf.train.SequenceExample()
    message.context.feature["c"].int64_list.value.append(context)
    for step in steps:
        message.feature_lists.feature_list["t"].feature.add().int64_list.value.extend(step)
        message.feature_lists.feature_list["v"].feature.add().float_list.value.extend(map(float, step[: len(step) - 1]))
    return message.SerializeToString()


def test_sequences():
    two = [sequence(1, [1, 2], [3, 4]), sequence(5, [9, 9], [1, 1], [2, 2])]
    context = {"c": tf.io.FixedLenFeature([], tf.int64)}
    steps = {"t": tf.io.FixedLenSequenceFeature([2], tf.int64), "v": tf.io.VarLenFeature(tf.float32)}
    outside, inside = tf.io.parse_single_sequence_example(two[0], context, steps)
    assert int(outside["c"]) == 1
    np.testing.assert_array_equal(inside["t"], [[1, 2], [3, 4]])
    np.testing.assert_array_equal(tf.sparse.to_dense(inside["v"]), [[1.0], [3.0]])
    outside, inside, lengths = tf.function(lambda s: tf.io.parse_sequence_example(s, context, steps))(tf.constant(two))
    np.testing.assert_array_equal(outside["c"], [1, 5])
    np.testing.assert_array_equal(inside["t"], [[[1, 2], [3, 4], [0, 0]], [[9, 9], [1, 1], [2, 2]]])
    np.testing.assert_array_equal(lengths["t"], [2, 3])
    np.testing.assert_array_equal(tf.sparse.to_dense(inside["v"]), [[[1.0], [3.0], [0.0]], [[9.0], [1.0], [2.0]]])
    with pytest.raises(tf.errors.InvalidArgumentError, match="'w' is required"):
        tf.io.parse_single_sequence_example(two[0], {}, {"w": tf.io.FixedLenSequenceFeature([], tf.string)})


# -- kept in files ---------------------------------------------------------------------------------------------------------


def test_file_cache_snapshot_and_save(tmp_path):
    calls = []

    def made():
        calls.append(1)
        yield from ((i, [b"s%d" % i] * i) for i in range(4))

    signature = (tf.TensorSpec([], tf.int64), tf.TensorSpec([None], tf.string))
    source = tf.data.Dataset.from_generator(made, output_signature=signature)
    wanted = [(i, [b"s%d" % i] * i) for i in range(4)]

    def plain(dataset):
        return [(int(i), s.tolist()) for i, s in dataset.as_numpy_iterator()]

    for kept in (source.cache(str(tmp_path / "cache")), source.snapshot(str(tmp_path / "snapshot"))):
        calls.clear()
        next(iter(kept))  # not gone through: nothing is kept
        assert [plain(kept), plain(kept)] == [wanted, wanted]
        assert len(calls) == 2
    assert plain(source.cache(str(tmp_path / "cache"))) == wanted
    source.save(str(tmp_path / "saved"), shard_func=lambda i, s: i % 2)
    loaded = tf.data.Dataset.load(str(tmp_path / "saved"))
    assert loaded.element_spec == source.element_spec
    assert plain(loaded) == [wanted[i] for i in (0, 2, 1, 3)]
    mixed = tf.data.Dataset.load(str(tmp_path / "saved"), reader_func=lambda parts: parts.interleave(lambda d: d, cycle_length=2))
    assert plain(mixed) == wanted
    with pytest.raises(tf.errors.NotFoundError, match=r"dataset\.json"):
        tf.data.Dataset.load(str(tmp_path / "none"))


def test_a_cache_of_another_dataset_is_refused(tmp_path):
    listed(tf.data.Dataset.range(3).cache(str(tmp_path / "c")))
    with pytest.raises(tf.errors.InvalidArgumentError, match="delete it if it is an old cache"):
        listed(tf.data.Dataset.from_tensors(1.0).cache(str(tmp_path / "c")))


def test_names_of_tensorflow_1(tmp_path):
    tf1 = tf.compat.v1
    with tf1.python_io.TFRecordWriter(
        str(tmp_path / "r"), tf1.python_io.TFRecordOptions(tf1.python_io.TFRecordCompressionType.GZIP)
    ) as writer:
        writer.write(example(tf1, 2).SerializeToString())
    assert tf.FixedLenFeature is tf.io.FixedLenFeature
    with tf.Graph().as_default(), tf1.Session() as session:
        files = tf.data.TFRecordDataset([str(tmp_path / "r")], "GZIP").repeat(2)
        record = files.map(lambda s: tf1.parse_single_example(s, {"image": tf1.FixedLenFeature([2], tf.float32)}, "name"))
        image = record.make_one_shot_iterator().get_next()["image"]
        doubled = tf1.py_func(lambda a: a * 2, [image], tf.float32)
        np.testing.assert_array_equal(session.run(doubled), [5.0, -4.0])
        assert session.run(tf1.decode_csv("1,x", [[0], [""]], ",", True, "name")) == [1, b"x"]


def test_batched_features_dataset(tmp_path):
    experimental = tf.data.experimental
    serialized = tf.data.Dataset.from_tensor_slices([example(tf, i).SerializeToString() for i in range(5)])
    experimental.TFRecordWriter(str(tmp_path / "e")).write(serialized)
    features = {"label": tf.io.FixedLenFeature([], tf.int64), "image": tf.io.FixedLenFeature([2], tf.float32)}
    batches = experimental.make_batched_features_dataset(
        str(tmp_path / "e"), 2, features, label_key="label", num_epochs=1, shuffle=False
    )
    assert [labels.numpy().tolist() for _, labels in batches] == [[0, 1], [2, 3], [4]]
    assert next(iter(batches))[0]["image"].shape == [2, 2]
    with pytest.raises(TypeError, match="scalar strings"):
        experimental.TFRecordWriter(str(tmp_path / "e")).write(tf.data.Dataset.range(3))
