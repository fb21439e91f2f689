"""Canned estimators over feature columns, with train_and_evaluate."""

import numpy as np
import pandas as pd
import tensorflow as tf

tf.logging.set_verbosity(tf.logging.ERROR)
rng = np.random.RandomState(0)
frame = pd.DataFrame({"age": rng.uniform(0, 10, 600), "room": rng.uniform(0, 5, 600), "near": rng.choice(["INLAND", "BAY"], 600)})
price = 3 * frame.age + 2 * frame.room + 10 * (frame.near == "BAY")
label = (price > price.median()).astype(int)
age, room = tf.feature_column.numeric_column("age"), tf.feature_column.numeric_column("room")
near = tf.feature_column.categorical_column_with_vocabulary_list("near", ["INLAND", "BAY"])
buckets = tf.feature_column.bucketized_column(age, [2.5, 5, 7.5])
deep = [age, room, tf.feature_column.indicator_column(near), tf.feature_column.embedding_column(near, 2)]
train = tf.estimator.inputs.pandas_input_fn(frame, label, batch_size=50, num_epochs=None, shuffle=True)
test = tf.estimator.inputs.pandas_input_fn(frame, label, num_epochs=1, shuffle=False)
config = tf.estimator.RunConfig(tf_random_seed=3)
wide = tf.estimator.LinearClassifier([buckets, near, room], config=config)
wide.train(train, steps=150)
print("linear", wide.evaluate(test)["accuracy"])
dnn = tf.estimator.DNNClassifier([16, 8], deep, config=config)
metrics, _ = tf.estimator.train_and_evaluate(
    dnn, tf.estimator.TrainSpec(train, max_steps=200), tf.estimator.EvalSpec(test, steps=None)
)
print("dnn", metrics["accuracy"])
both = tf.estimator.DNNLinearCombinedRegressor(linear_feature_columns=[near], dnn_feature_columns=deep, dnn_hidden_units=[16],
                                               dnn_optimizer=tf.train.AdamOptimizer(0.02), config=config)  # fmt: skip
numbers = tf.estimator.inputs.pandas_input_fn(frame, price.astype(np.float32), batch_size=50, num_epochs=15, shuffle=True)
both.train(numbers)
check = tf.estimator.inputs.pandas_input_fn(frame, price.astype(np.float32), num_epochs=1, shuffle=False)
print("error", both.evaluate(check)["average_loss"], "of", price.var())
