"""A BERT-style encoder with its own optimizer, in a TPUEstimator-shaped loop."""

import collections
import math
import re
import tempfile

import numpy as np
import tensorflow as tf

tf.logging.set_verbosity(tf.logging.ERROR)
V, H, HEADS, LAYERS, T = 12, 16, 2, 1, 8


def get_shape_list(tensor):
    shape, dynamic = tensor.shape.as_list(), tf.shape(tensor)
    return [dynamic[i] if n is None else n for i, n in enumerate(shape)]


def layer_norm(x, name=None):
    return tf.contrib.layers.layer_norm(inputs=x, begin_norm_axis=-1, begin_params_axis=-1, scope=name)


def create_initializer(r=0.02):
    return tf.truncated_normal_initializer(stddev=r)


def dense(x, n, act=None, name=None):
    return tf.layers.dense(x, n, activation=act, kernel_initializer=create_initializer(), name=name)


def attention(x, mask):
    b, t, _ = get_shape_list(x)
    split = lambda y: tf.transpose(tf.reshape(y, [b, t, HEADS, H // HEADS]), [0, 2, 1, 3])
    q, k, v = (split(dense(x, H, name=n)) for n in ("query", "key", "value"))
    scores = tf.multiply(tf.matmul(q, k, transpose_b=True), 1.0 / math.sqrt(H // HEADS))
    scores += (1.0 - tf.cast(tf.expand_dims(mask, [1]), tf.float32)[:, :, None, :]) * -10000.0
    return tf.reshape(tf.transpose(tf.matmul(tf.nn.softmax(scores), v), [0, 2, 1, 3]), [b, t, H])


def encoder(ids, mask):
    with tf.variable_scope("bert"):
        with tf.variable_scope("embeddings"):
            table = tf.get_variable("word_embeddings", [V, H], initializer=create_initializer())
            x = tf.nn.embedding_lookup(table, ids)
            x += tf.get_variable("position_embeddings", [T, H], initializer=create_initializer())
            x = layer_norm(x, "LayerNorm")
        with tf.variable_scope("encoder"):
            for i in range(LAYERS):
                with tf.variable_scope("layer_%d" % i):
                    with tf.variable_scope("attention"):
                        x = layer_norm(x + dense(attention(x, mask), H, name="output"))
                    with tf.variable_scope("intermediate"):
                        h = dense(x, 4 * H, lambda y: y * 0.5 * (1.0 + tf.erf(y / tf.sqrt(2.0))))
                    with tf.variable_scope("output"):
                        x = layer_norm(x + dense(h, H))
        with tf.variable_scope("pooler"):
            return dense(tf.squeeze(x[:, 0:1, :], axis=1), H, tf.tanh)


class AdamWeightDecayOptimizer(tf.train.Optimizer):
    def __init__(
        self, learning_rate, weight_decay_rate=0.01, beta_1=0.9, beta_2=0.999, epsilon=1e-6, exclude=("LayerNorm", "bias")
    ):
        super().__init__(False, "AdamWeightDecayOptimizer")
        self.rate, self.decay, self.b1, self.b2, self.epsilon, self.exclude = (
            learning_rate,
            weight_decay_rate,
            beta_1,
            beta_2,
            epsilon,
            exclude,
        )

    def apply_gradients(self, grads_and_vars, global_step=None, name=None):
        assignments = []
        for grad, param in grads_and_vars:
            if grad is None or param is None:
                continue
            param_name = re.match("^(.*):\\d+$", param.name).group(1)
            m = tf.get_variable(param_name + "/adam_m", param.shape.as_list(), tf.float32, tf.zeros_initializer(), trainable=False)
            v = tf.get_variable(param_name + "/adam_v", param.shape.as_list(), tf.float32, tf.zeros_initializer(), trainable=False)
            next_m = tf.multiply(self.b1, m) + tf.multiply(1.0 - self.b1, grad)
            next_v = tf.multiply(self.b2, v) + tf.multiply(1.0 - self.b2, tf.square(grad))
            update = next_m / (tf.sqrt(next_v) + self.epsilon)
            if not any(re.search(r, param_name) for r in self.exclude):
                update += self.decay * param
            assignments.extend([param.assign(param - self.rate * update), m.assign(next_m), v.assign(next_v)])
        return tf.group(*assignments, name=name)


def create_optimizer(loss, init_lr, num_train_steps, num_warmup_steps):
    global_step = tf.train.get_or_create_global_step()
    rate = tf.train.polynomial_decay(
        tf.constant(init_lr), global_step, num_train_steps, end_learning_rate=0.0, power=1.0, cycle=False
    )
    steps, warm = tf.cast(global_step, tf.int32), tf.constant(num_warmup_steps, tf.int32)
    is_warmup = tf.cast(steps < warm, tf.float32)
    rate = (1.0 - is_warmup) * rate + is_warmup * init_lr * tf.cast(steps, tf.float32) / tf.cast(warm, tf.float32)
    tvars = tf.trainable_variables()
    grads, _ = tf.clip_by_global_norm(tf.gradients(loss, tvars), clip_norm=1.0)
    train_op = AdamWeightDecayOptimizer(rate).apply_gradients(zip(grads, tvars), global_step=global_step)
    return tf.group(train_op, [global_step.assign(global_step + 1)])


def model_fn(features, labels, mode, params):
    pooled = encoder(features["ids"], features["mask"])
    w = tf.get_variable("output_weights", [2, H], initializer=create_initializer())
    logits = tf.matmul(pooled, w, transpose_b=True)
    log_probs = tf.nn.log_softmax(logits, axis=-1)
    per_example = -tf.reduce_sum(tf.one_hot(features["label"], 2) * log_probs, axis=-1)
    loss = tf.reduce_mean(per_example)
    if mode == tf.estimator.ModeKeys.TRAIN:
        return tf.contrib.tpu.TPUEstimatorSpec(mode=mode, loss=loss, train_op=create_optimizer(loss, 0.01, 150, 15))

    def metric_fn(per_example, label, logits):
        return {"eval_accuracy": tf.metrics.accuracy(label, tf.argmax(logits, axis=-1, output_type=tf.int32)),
                "eval_loss": tf.metrics.mean(per_example)}  # fmt: skip

    return tf.contrib.tpu.TPUEstimatorSpec(mode=mode, loss=loss, eval_metrics=(metric_fn, [per_example, features["label"], logits]))


rng = np.random.RandomState(0)
ids = rng.randint(2, V, (400, T)).astype(np.int32)
features = {"ids": ids, "mask": np.ones_like(ids), "label": (ids == 5).any(1).astype(np.int32)}


def input_fn_builder(is_training):
    def input_fn(params):
        d = tf.data.Dataset.from_tensor_slices(collections.OrderedDict(sorted(features.items())))
        d = d.repeat().shuffle(buffer_size=100, seed=1) if is_training else d
        return d.apply(tf.contrib.data.map_and_batch(lambda r: r, batch_size=params["batch_size"], drop_remainder=is_training))

    return input_fn


run_config = tf.contrib.tpu.RunConfig(
    model_dir=tempfile.mkdtemp(),
    save_checkpoints_steps=1000,
    tf_random_seed=1,
    tpu_config=tf.contrib.tpu.TPUConfig(iterations_per_loop=100, num_shards=8),
)
estimator = tf.contrib.tpu.TPUEstimator(
    use_tpu=False, model_fn=model_fn, config=run_config, train_batch_size=32, eval_batch_size=50
)
estimator.train(input_fn=input_fn_builder(True), max_steps=150)
result = estimator.evaluate(input_fn=input_fn_builder(False), steps=None)
print("accuracy", result["eval_accuracy"], "step", result["global_step"])
