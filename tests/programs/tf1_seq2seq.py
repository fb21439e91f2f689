"""Reverses sequences with attention, greedily and by beam search."""

import numpy as np
import tensorflow as tf
from tensorflow.contrib import seq2seq
from tensorflow.python.layers.core import Dense

tf.set_random_seed(1)
V, E, H, B, T = 8, 12, 32, 32, 4
GO, EOS = 0, 1
src = tf.placeholder(tf.int32, [None, T])
tgt = tf.placeholder(tf.int32, [None, T + 1])
batch = tf.shape(src)[0]
embedding = tf.get_variable("embedding", [V, E])
outputs, state = tf.nn.dynamic_rnn(tf.contrib.rnn.GRUCell(H), tf.nn.embedding_lookup(embedding, src), dtype=tf.float32)
decoder_in = tf.concat([tf.fill([batch, 1], GO), tgt[:, :-1]], 1)
projection = Dense(V, use_bias=False)


def decode(helper=None, reuse=None, beam=1):
    with tf.variable_scope("decode", reuse=reuse):
        memory, start = outputs, state
        if beam > 1:
            memory, start = seq2seq.tile_batch(memory, beam), seq2seq.tile_batch(start, beam)
        attention = seq2seq.LuongAttention(H, memory)
        cell = seq2seq.AttentionWrapper(tf.contrib.rnn.GRUCell(H), attention, attention_layer_size=H)
        first = cell.zero_state(batch * beam, tf.float32).clone(cell_state=start)
        if beam > 1:
            decoder = seq2seq.BeamSearchDecoder(cell, embedding, tf.fill([batch], GO), EOS, first, beam, projection)
        else:
            decoder = seq2seq.BasicDecoder(cell, helper, first, projection)
        return seq2seq.dynamic_decode(decoder, maximum_iterations=T + 1)[0]


training = decode(seq2seq.TrainingHelper(tf.nn.embedding_lookup(embedding, decoder_in), tf.fill([batch], T + 1)))
loss = seq2seq.sequence_loss(training.rnn_output, tgt, tf.ones_like(tgt, tf.float32))
optimizer = tf.train.AdamOptimizer(0.01)
gradients, variables = zip(*optimizer.compute_gradients(loss))
gradients, _ = tf.clip_by_global_norm(gradients, 1.0)
train_op = optimizer.apply_gradients(zip(gradients, variables))
greedy = decode(seq2seq.GreedyEmbeddingHelper(embedding, tf.fill([batch], GO), EOS), reuse=True).sample_id
beams = decode(reuse=True, beam=3).predicted_ids
rng = np.random.RandomState(0)


def draw():
    s = rng.randint(2, V, (B, T))
    return {src: s, tgt: np.c_[s[:, ::-1], np.full((B, 1), EOS)]}


with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for _ in range(250):
        value, _ = sess.run([loss, train_op], draw())
    feed = draw()
    found, best = sess.run([greedy, beams], feed)
    wanted = feed[tgt]
    print("loss", value)
    print("greedy", (found[:, :T] == wanted[:, :T]).mean(), "beam", (best[:, :T, 0] == wanted[:, :T]).mean())
