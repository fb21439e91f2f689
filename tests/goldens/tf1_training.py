"""TensorFlow 1 training programs whose numbers are compared: `numbers(tf)` runs them on a given `tf`.

Recorded from TensorFlow by `record_tf1_training.py`; compared by `tests/test_tf1_training.py`.
"""

import numpy as np

STEPS = 10


def optimizers(tf):
    """One maker for each optimizer and setting: `make(global_step)`."""
    t = tf.train
    return {
        "sgd": lambda s: t.GradientDescentOptimizer(0.1),
        "momentum": lambda s: t.MomentumOptimizer(0.1, 0.9),
        "nesterov": lambda s: t.MomentumOptimizer(0.1, 0.9, use_nesterov=True),
        "adam": lambda s: t.AdamOptimizer(0.05, 0.8, 0.99, 1e-6),
        "adagrad": lambda s: t.AdagradOptimizer(0.3),
        "adagrad_da": lambda s: t.AdagradDAOptimizer(0.3, s, 0.1, 0.01, 0.02),
        "adagrad_da_plain": lambda s: t.AdagradDAOptimizer(0.3, s),
        "adadelta": lambda s: t.AdadeltaOptimizer(1.0),
        "rmsprop": lambda s: t.RMSPropOptimizer(0.02, 0.9, 0.5, 1e-6),
        "rmsprop_centered": lambda s: t.RMSPropOptimizer(0.02, 0.9, 0.5, 1e-6, centered=True),
        "ftrl": lambda s: t.FtrlOptimizer(0.3, l1_regularization_strength=0.05, l2_regularization_strength=0.1),
        "ftrl_beta": lambda s: t.FtrlOptimizer(0.3, beta=0.5, learning_rate_power=-0.7),
        "ftrl_shrinkage": lambda s: t.FtrlOptimizer(0.3, l2_shrinkage_regularization_strength=0.2),
        "proximal_sgd": lambda s: t.ProximalGradientDescentOptimizer(0.1, 0.02, 0.05),
        "proximal_adagrad": lambda s: t.ProximalAdagradOptimizer(0.3, 0.1, 0.02, 0.05),
        "decayed": lambda s: t.GradientDescentOptimizer(t.exponential_decay(0.1, s, 3, 0.5, staircase=True)),
    }


def train(tf, make):
    """Ten steps on a small regression whose table of rows is looked up; the weights, the slots' names and values after it."""
    rng = np.random.RandomState(0)
    x, y = rng.randn(STEPS, 6, 3).astype("f"), rng.randn(STEPS, 6, 2).astype("f")
    rows = rng.randint(0, 5, (STEPS, 6))
    with tf.Graph().as_default(), tf.Session() as session:
        step = tf.train.get_or_create_global_step()
        inputs, wanted = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.float32, [None, 2])
        which = tf.placeholder(tf.int32, [None])
        with tf.variable_scope("model"):
            w = tf.get_variable("W", initializer=tf.constant(rng.randn(3, 2).astype("f")))
            table = tf.get_variable("table", initializer=tf.constant(rng.randn(5, 2).astype("f")))
        b = tf.Variable(tf.zeros([2]), name="b")
        loss = tf.reduce_mean(tf.square(tf.matmul(inputs, w) + b + tf.nn.embedding_lookup(table, which) - wanted))
        optimizer = make(step)
        done = optimizer.minimize(loss, global_step=step)
        session.run(tf.global_variables_initializer())
        losses = [
            session.run([loss, done], {inputs: x[i], wanted: y[i], which: rows[i]})[0] for i in range(STEPS)
        ]  # fmt: skip
        everything = {v.name: session.run(v) for v in tf.global_variables()}
        names = [done.name, *sorted(everything), *optimizer.get_slot_names()]
    return {"losses": np.array(losses), "names": np.array(names), **everything}


def decays(tf):
    t = tf.train
    with tf.Graph().as_default(), tf.Session() as session:
        s = tf.placeholder(tf.int64, [])
        rates = {
            "exponential": t.exponential_decay(0.1, s, 7, 0.9),
            "exponential_staircase": t.exponential_decay(0.1, s, 7, 0.9, staircase=True),
            "natural": t.natural_exp_decay(0.1, s, 7, 0.9),
            "inverse": t.inverse_time_decay(0.1, s, 7, 0.5),
            "inverse_staircase": t.inverse_time_decay(0.1, s, 7, 0.5, staircase=True),
            "polynomial": t.polynomial_decay(0.1, s, 20, 0.01, power=2.0),
            "polynomial_cycle": t.polynomial_decay(0.1, s, 20, 0.01, power=0.5, cycle=True),
            "piecewise": t.piecewise_constant(s, [10, 20], [1.0, 0.5, 0.1]),
            "cosine": t.cosine_decay(0.1, s, 30, 0.1),
            "restarts": t.cosine_decay_restarts(0.1, s, 8, 2.0, 0.9, 0.01),
            "restarts_even": t.cosine_decay_restarts(0.1, s, 8, 1.0, 0.9, 0.01),
            "linear_cosine": t.linear_cosine_decay(0.1, s, 30),
        }
        steps = [0, 1, 6, 7, 10, 11, 19, 20, 21, 33, 50]
        return {k: np.array([session.run(r, {s: i}) for i in steps]) for k, r in rates.items()}


def moving_averages(tf):
    with tf.Graph().as_default(), tf.Session() as session:
        step = tf.train.create_global_step()
        v = tf.Variable([1.0, 2.0], name="v")
        x = tf.placeholder(tf.float32, [2], name="x")
        change = tf.group(tf.assign_add(v, [0.5, -1.0]), tf.assign_add(step, 1))
        plain = tf.train.ExponentialMovingAverage(0.9)
        counted = tf.train.ExponentialMovingAverage(0.9, num_updates=step, name="counted")
        with tf.control_dependencies([change]):
            moves = [plain.apply([v]), counted.apply([v])]
        of_tensor = tf.train.ExponentialMovingAverage(0.8, zero_debias=True, name="debiased")
        value = tf.identity(x * 2.0, name="value")
        moves.append(of_tensor.apply([value]))
        session.run(tf.global_variables_initializer())
        shadows = [plain.average(v), counted.average(v), of_tensor.average(value)]
        out = []
        for i in range(5):
            session.run(moves, {x: [i, -i]})
            out.append(np.stack(session.run(shadows)))
        names = [plain.average_name(v), *sorted(plain.variables_to_restore()), *sorted(v.name for v in tf.global_variables())]
        return {"values": np.stack(out), "names": np.array(names)}


def numbers(tf):
    found = {}
    for name, make in optimizers(tf).items():
        found |= {f"{name}|{k}": v for k, v in train(tf, make).items()}
    found |= {f"decay|{k}": v for k, v in decays(tf).items()}
    found |= {f"average|{k}": v for k, v in moving_averages(tf).items()}
    return found
