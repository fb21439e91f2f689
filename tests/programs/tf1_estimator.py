"""A custom Estimator with PREDICT, EVAL and TRAIN, on digits."""

import numpy as np
import tensorflow as tf
import tf1_digits

tf.logging.set_verbosity(tf.logging.ERROR)
train_x, train_y, test_x, test_y = tf1_digits.load(2000, 400, one_hot=False)


def model_fn(features, labels, mode, params):
    net = tf.layers.dense(features["image"], params["hidden"], tf.nn.relu)
    logits = tf.layers.dense(net, 10)
    predictions = {"classes": tf.argmax(logits, 1), "probabilities": tf.nn.softmax(logits, name="softmax_tensor")}
    if mode == tf.estimator.ModeKeys.PREDICT:
        return tf.estimator.EstimatorSpec(mode=mode, predictions=predictions)
    loss = tf.losses.sparse_softmax_cross_entropy(labels=labels, logits=logits)
    if mode == tf.estimator.ModeKeys.TRAIN:
        train_op = tf.train.AdamOptimizer(0.005).minimize(loss, global_step=tf.train.get_global_step())
        return tf.estimator.EstimatorSpec(mode=mode, loss=loss, train_op=train_op)
    metrics = {"accuracy": tf.metrics.accuracy(labels=labels, predictions=predictions["classes"])}
    return tf.estimator.EstimatorSpec(mode=mode, loss=loss, eval_metric_ops=metrics)


config = tf.estimator.RunConfig(tf_random_seed=1, save_checkpoints_steps=100)
classifier = tf.estimator.Estimator(model_fn, config=config, params={"hidden": 32})
hook = tf.train.LoggingTensorHook({"probabilities": "softmax_tensor"}, every_n_iter=50)
train_input = tf.estimator.inputs.numpy_input_fn({"image": train_x}, train_y.astype(np.int32), 100, None, True)
classifier.train(train_input, steps=100, hooks=[hook])
classifier.train(train_input, steps=50)
eval_input = tf.estimator.inputs.numpy_input_fn({"image": test_x}, test_y.astype(np.int32), num_epochs=1, shuffle=False)
result = classifier.evaluate(eval_input)
print("accuracy", result["accuracy"], "step", result["global_step"])
first = next(classifier.predict(eval_input))
print("keys", sorted(first), "shape", first["probabilities"].shape)
