"""Tables: static ones from tensors and files, vocabularies, tables that change; in functions and datasets."""

import numpy as np
import pytest

import thalweg as tf

L = tf.lookup
RECORDED = {"strings": [1, 5, 4, 3], "numbers": [1, 3, 3, 4]}  # TensorFlow 2.21


def table(**kwargs):
    return L.StaticHashTable(L.KeyValueTensorInitializer(["a", "b"], [1, 2], **kwargs), -1)


def test_lookups_of_every_kind_of_tensor():
    t = table()
    np.testing.assert_array_equal(t[tf.constant([["a"], ["q"]])], [[1], [-1]])
    assert t.lookup(tf.ragged.constant([["a"], ["b", "q"]])).to_list() == [[1], [2, -1]]
    sparse = t.lookup(tf.SparseTensor([[0, 1]], ["b"], [1, 2]))
    assert sparse.values.numpy().tolist() == [2] and sparse.dense_shape.numpy().tolist() == [1, 2]
    assert int(t.size()) == 2 and t.key_dtype is tf.string and t.value_dtype is tf.int32
    with pytest.raises(TypeError, match="Dtype of argument `keys`"):
        t.lookup(tf.constant([1]))


def test_tables_work_in_functions_and_datasets():
    t = table()
    traced = tf.function(t.lookup, input_signature=[tf.TensorSpec([None], tf.string)])
    np.testing.assert_array_equal(traced(tf.constant(["b", "x"])), [2, -1])
    data = tf.data.Dataset.from_tensor_slices(["a", "x", "b"]).map(t.lookup).batch(3)
    np.testing.assert_array_equal(next(iter(data)), [1, -1, 2])


def test_text_files(tmp_path):
    words, pairs = tmp_path / "words.txt", tmp_path / "pairs.txt"
    words.write_text("apple\nbanana\ncherry\n")
    pairs.write_text("a\t1.5\nb\t2.5\n")
    line, number = L.TextFileIndex.WHOLE_LINE, L.TextFileIndex.LINE_NUMBER
    to_id = L.StaticHashTable(L.TextFileInitializer(str(words), tf.string, line, tf.int64, number), -1)
    np.testing.assert_array_equal(to_id.lookup(tf.constant(["cherry", "x"])), [2, -1])
    to_word = L.StaticHashTable(L.TextFileInitializer(str(words), tf.int64, number, tf.string, line), "?")
    np.testing.assert_array_equal(to_word.lookup(tf.constant([1, 9], tf.int64)), [b"banana", b"?"])
    shifted = L.TextFileInitializer(str(words), tf.string, line, tf.int64, number, vocab_size=2, value_index_offset=10)
    np.testing.assert_array_equal(L.StaticHashTable(shifted, -1).lookup(tf.constant(["banana", "cherry"])), [11, -1])
    values = L.StaticHashTable(L.TextFileInitializer(str(pairs), tf.string, 0, tf.float32, 1), 0.0)
    np.testing.assert_array_equal(values.lookup(tf.constant(["b"])), [2.5])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"expected at least 4 got 2"):
        L.StaticHashTable(L.TextFileInitializer(str(pairs), tf.string, 0, tf.float32, 3), 0.0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="line 0"):
        L.StaticHashTable(L.TextFileInitializer(str(pairs), tf.string, 0, tf.int64, 1), 0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Invalid vocab_size"):
        L.StaticHashTable(L.TextFileInitializer(str(words), tf.string, line, tf.int64, number, vocab_size=7), -1)
    with pytest.raises(tf.errors.NotFoundError):
        L.StaticHashTable(L.TextFileInitializer(str(tmp_path / "none"), tf.string, line, tf.int64, number), -1)


def test_a_vocabulary_has_buckets_for_what_it_does_not_know():
    words = L.KeyValueTensorInitializer(["a", "b"], tf.constant([0, 1], tf.int64))
    known = L.StaticVocabularyTable(words, 5).lookup(tf.constant(["b", "q", "zz", "hello"]))
    np.testing.assert_array_equal(known, RECORDED["strings"])
    numbers = L.KeyValueTensorInitializer(tf.constant([10, 20], tf.int64), tf.constant([0, 1], tf.int64))
    found = L.StaticVocabularyTable(numbers, 3, lookup_key_dtype=tf.int32).lookup(tf.constant([20, 7, 8, 9]))
    np.testing.assert_array_equal(found, RECORDED["numbers"])
    assert int(L.StaticVocabularyTable(words, 5).size()) == 7
    with pytest.raises(ValueError, match="num_oov_buckets"):
        L.StaticVocabularyTable(words, 0)


def test_tables_that_change():
    t = L.experimental.MutableHashTable(tf.string, tf.float32, [0.0, 0.0])
    t.insert(tf.constant(["a", "b"]), [[1.0, 2.0], [3.0, 4.0]])
    t.insert(tf.constant(["a"]), [[5.0, 6.0]])
    np.testing.assert_array_equal(t.lookup(tf.constant(["a", "z"])), [[5, 6], [0, 0]])
    t.remove(tf.constant(["a", "never"]))
    keys, values = t.export()
    assert keys.numpy().tolist() == [b"b"] and values.numpy().tolist() == [[3, 4]]
    with pytest.raises(tf.errors.InvalidArgumentError, match="Expected shape"):
        t.insert(tf.constant(["a"]), [1.0])

    @tf.function
    def count(word):
        t.insert(word, t.lookup(word) + 1.0)
        return t.size()

    assert int(count(tf.constant(["new"]))) == 2 and int(count(tf.constant(["new"]))) == 2
    np.testing.assert_array_equal(t.lookup(tf.constant(["new"])), [[2, 2]])


def test_keys_that_mark_places_are_refused():
    t = L.experimental.DenseHashTable(tf.int64, tf.int64, -1, empty_key=0, deleted_key=-1)
    t.insert(tf.constant([5], tf.int64), tf.constant([6], tf.int64))
    np.testing.assert_array_equal(t.lookup(tf.constant([5, 7], tf.int64)), [6, -1])
    with pytest.raises(tf.errors.InvalidArgumentError, match="empty_key"):
        t.lookup(tf.constant([0], tf.int64))


def test_one_key_has_one_value():
    with pytest.raises(tf.errors.FailedPreconditionError, match="different value for same key"):
        L.StaticHashTable(L.KeyValueTensorInitializer(["a", "a"], [1, 2]), -1)
    with pytest.raises(tf.errors.InvalidArgumentError, match="do not pair"):
        L.StaticHashTable(L.KeyValueTensorInitializer(["a", "a"], [1]), -1)


def test_checkpoints_keep_tables(tmp_path):
    t = L.experimental.MutableHashTable(tf.string, tf.int64, -1)
    t.insert(tf.constant(["a", "b"]), tf.constant([1, 2], tf.int64))
    path = tf.train.Checkpoint(table=t).save(str(tmp_path / "saved"))
    assert "table/.ATTRIBUTES/table-keys" in dict(tf.train.list_variables(path))
    other = L.experimental.MutableHashTable(tf.string, tf.int64, -1)
    other.insert(tf.constant(["old"]), tf.constant([9], tf.int64))
    tf.train.Checkpoint(table=other).restore(path).assert_consumed()
    np.testing.assert_array_equal(other.lookup(tf.constant(["a", "b", "old"])), [1, 2, -1])
