"""Embeddings of `tf.contrib.layers`: sequences of ids as sequences of vectors."""

from __future__ import annotations

from typing import Any

from thalweg.compat import v1 as tf


def embed_sequence(
    ids: Any, vocab_size: int | None = None, embed_dim: int | None = None, unique: bool = False, initializer: Any = None,
    regularizer: Any = None, trainable: bool = True, scope: Any = None, reuse: Any = None,
) -> Any:  # fmt: skip
    """Ids `[batch, time]` as vectors `[batch, time, embed_dim]`, from the variable `embeddings`."""
    if not (reuse or (vocab_size and embed_dim)):
        raise ValueError(f"Must specify vocab size and embedding dimension when not reusing. Got vocab_size={vocab_size} and "
                         f"embed_dim={embed_dim}")  # fmt: skip
    with tf.variable_scope(scope, "EmbedSequence", [ids], reuse=reuse):
        shape = [vocab_size, embed_dim] if vocab_size and embed_dim else None
        table = tf.get_variable("embeddings", shape, initializer=initializer, regularizer=regularizer, trainable=trainable)
        return embedding_lookup_unique(table, ids) if unique else tf.nn.embedding_lookup(table, ids)


def embedding_lookup_unique(params: Any, ids: Any, partition_strategy: str = "mod", name: str | None = None) -> Any:
    """As `tf.nn.embedding_lookup`, looking each different id up once."""
    with tf.name_scope(name, "EmbeddingLookupUnique", [params, ids]):
        ids = tf.convert_to_tensor(ids)
        rows, index = tf.unique(tf.reshape(ids, [-1]))
        found = tf.gather(tf.nn.embedding_lookup(params, rows, partition_strategy=partition_strategy), index)
        tail = found.shape.as_list()[1:]
        return tf.reshape(found, tf.concat([tf.shape(ids), tail], 0)) if ids.shape.ndims != 1 else found


def bow_encoder(
    ids: Any, vocab_size: int, embed_dim: int, sparse_lookup: bool = True, initializer: Any = None, regularizer: Any = None,
    trainable: bool = True, scope: Any = None, reuse: Any = None,
) -> Any:  # fmt: skip
    """The mean of the vectors of an example's ids: `[batch, embed_dim]`."""
    with tf.variable_scope(scope, "bow_encoder", [ids], reuse=reuse):
        table = tf.get_variable("embeddings", [vocab_size, embed_dim], initializer=initializer, regularizer=regularizer,
                                trainable=trainable)  # fmt: skip
        if isinstance(ids, tf.SparseTensor):
            return tf.nn.embedding_lookup_sparse(table, ids, None, combiner="mean")
        return tf.reduce_mean(tf.nn.embedding_lookup(table, ids), 1)
