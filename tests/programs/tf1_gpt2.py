"""A decoder-only language model in GPT-2's TensorFlow 1 style: HParams, past state, tf.while_loop sampling."""

import numpy as np
import tensorflow as tf
from tensorflow.contrib.training import HParams


def default_hparams():
    return HParams(n_vocab=0, n_ctx=16, n_embd=24, n_head=2, n_layer=2)


def shape_list(x):
    static, dynamic = x.shape.as_list(), tf.shape(x)
    return [dynamic[i] if s is None else s for i, s in enumerate(static)]


def gelu(x):
    return 0.5 * x * (1 + tf.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * tf.pow(x, 3))))


def norm(x, scope, axis=-1, epsilon=1e-5):
    with tf.variable_scope(scope):
        n = x.shape[-1].value
        g = tf.get_variable("g", [n], initializer=tf.constant_initializer(1))
        b = tf.get_variable("b", [n], initializer=tf.constant_initializer(0))
        u = tf.reduce_mean(x, axis=axis, keepdims=True)
        s = tf.reduce_mean(tf.square(x - u), axis=axis, keepdims=True)
        return (x - u) * tf.rsqrt(s + epsilon) * g + b


def split_states(x, n):
    *start, m = shape_list(x)
    return tf.reshape(x, start + [n, m // n])


def merge_states(x):
    *start, a, b = shape_list(x)
    return tf.reshape(x, start + [a * b])


def conv1d(x, scope, nf, w_init_stdev=0.02):
    with tf.variable_scope(scope):
        *start, nx = shape_list(x)
        w = tf.get_variable("w", [1, nx, nf], initializer=tf.random_normal_initializer(stddev=w_init_stdev))
        b = tf.get_variable("b", [nf], initializer=tf.constant_initializer(0))
        return tf.reshape(tf.matmul(tf.reshape(x, [-1, nx]), tf.reshape(w, [-1, nf])) + b, start + [nf])


def attention_mask(nd, ns, *, dtype):
    i, j = tf.range(nd)[:, None], tf.range(ns)
    return tf.cast(i >= j - ns + nd, dtype)


def attn(x, scope, n_state, *, past, hparams):
    def split_heads(x):
        return tf.transpose(split_states(x, hparams.n_head), [0, 2, 1, 3])

    with tf.variable_scope(scope):
        c = conv1d(x, "c_attn", n_state * 3)
        q, k, v = map(split_heads, tf.split(c, 3, axis=2))
        present = tf.stack([k, v], axis=1)
        if past is not None:
            pk, pv = tf.unstack(past, axis=1)
            k, v = tf.concat([pk, k], axis=-2), tf.concat([pv, v], axis=-2)
        w = tf.matmul(q, k, transpose_b=True) * tf.rsqrt(tf.cast(v.shape[-1].value, tf.float32))
        _, _, nd, ns = shape_list(w)
        b = tf.reshape(attention_mask(nd, ns, dtype=w.dtype), [1, 1, nd, ns])
        w = tf.nn.softmax(w * b - tf.cast(1e10, w.dtype) * (1 - b))
        a = merge_states(tf.transpose(tf.matmul(w, v), [0, 2, 1, 3]))
        return conv1d(a, "c_proj", n_state), present


def block(x, scope, *, past, hparams):
    with tf.variable_scope(scope):
        nx = x.shape[-1].value
        a, present = attn(norm(x, "ln_1"), "attn", nx, past=past, hparams=hparams)
        x = x + a
        return x + conv1d(gelu(conv1d(norm(x, "ln_2"), "c_fc", nx * 4)), "c_proj", nx), present


def model(hparams, X, past=None, scope="model", reuse=False):
    with tf.variable_scope(scope, reuse=reuse):
        batch, sequence = shape_list(X)
        wpe = tf.get_variable("wpe", [hparams.n_ctx, hparams.n_embd], initializer=tf.random_normal_initializer(stddev=0.01))
        wte = tf.get_variable("wte", [hparams.n_vocab, hparams.n_embd], initializer=tf.random_normal_initializer(stddev=0.02))
        past_length = 0 if past is None else tf.shape(past)[-2]
        h = tf.gather(wte, X) + tf.gather(wpe, tf.tile((past_length + tf.range(sequence))[None], [batch, 1]))
        presents = []
        pasts = tf.unstack(past, axis=1) if past is not None else [None] * hparams.n_layer
        for layer, past_layer in enumerate(pasts):
            h, present = block(h, "h%d" % layer, past=past_layer, hparams=hparams)
            presents.append(present)
        h = norm(h, "ln_f")
        logits = tf.matmul(tf.reshape(h, [batch * sequence, hparams.n_embd]), wte, transpose_b=True)
        return {"present": tf.stack(presents, axis=1), "logits": tf.reshape(logits, [batch, sequence, hparams.n_vocab])}


def past_shape(hparams, batch_size=None, sequence=None):
    return [batch_size, hparams.n_layer, 2, hparams.n_head, sequence, hparams.n_embd // hparams.n_head]


def sample_sequence(hparams, length, context, batch_size, temperature=1.0):
    def step(tokens, past=None):
        out = model(hparams, X=tokens, past=past, reuse=tf.AUTO_REUSE)
        out["present"].set_shape(past_shape(hparams, batch_size=batch_size))
        return out

    with tf.name_scope("sample_sequence"):
        context_output = step(context[:, :-1])

        def body(past, prev, output):
            nxt = step(prev[:, tf.newaxis], past=past)
            logits = nxt["logits"][:, -1, :] / tf.to_float(temperature)
            samples = tf.multinomial(logits, num_samples=1, output_dtype=tf.int32)
            return [tf.concat([past, nxt["present"]], axis=-2), tf.squeeze(samples, axis=[1]), tf.concat([output, samples], axis=1)]

        _, _, tokens = tf.while_loop(
            cond=lambda *args: True, body=body, maximum_iterations=length,
            loop_vars=[context_output["present"], context[:, -1], context],
            shape_invariants=[
                tf.TensorShape(past_shape(hparams, batch_size=batch_size)), tf.TensorShape([batch_size]),
                tf.TensorShape([batch_size, None]),
            ],
            back_prop=False,
        )  # fmt: skip
        return tokens


text = "abcabdabeabf" * 20
letters = sorted(set(text))
data = np.array([letters.index(c) for c in text])
hparams = default_hparams()
hparams.override_from_dict({"n_vocab": len(letters)})
with tf.Session(graph=tf.Graph()) as sess:
    np.random.seed(0)
    tf.set_random_seed(0)
    context = tf.placeholder(tf.int32, [4, None])
    output = model(hparams, X=context)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=context[:, 1:], logits=output["logits"][:, :-1]))
    train_vars = [v for v in tf.trainable_variables() if "model" in v.name]
    opt_apply = tf.train.AdamOptimizer(learning_rate=0.01).minimize(loss, var_list=train_vars)
    tf_sample = sample_sequence(hparams, length=6, context=context, batch_size=4, temperature=0.2)
    sess.run(tf.global_variables_initializer())
    for _ in range(120):
        starts = np.random.randint(0, len(data) - 13, 4)
        _, v_loss = sess.run((opt_apply, loss), {context: [data[s : s + 12] for s in starts]})
    out = sess.run(tf_sample, {context: [data[:6]] * 4})
    print("loss", v_loss, "shape", out.shape, "variables", len(train_vars))
    print("sampled", "".join(letters[i] for i in out[0]))
