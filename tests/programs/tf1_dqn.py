"""Q-learning with a target network and replay, on a corridor."""

import collections
import random

import numpy as np
import tensorflow as tf

random.seed(0)
np.random.seed(0)
tf.set_random_seed(0)
N = 5


def step(s, a):
    s = min(max(s + (1 if a == 1 else -1), 0), N - 1)
    return s, float(s == N - 1), s == N - 1


def network(x, scope):
    with tf.variable_scope(scope):
        h = tf.contrib.layers.fully_connected(x, 16)
        return tf.contrib.layers.fully_connected(h, 2, activation_fn=None)


x, x1 = tf.placeholder(tf.float32, [None, N]), tf.placeholder(tf.float32, [None, N])
a, r, d = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.float32, [None]), tf.placeholder(tf.float32, [None])
q, q_target = network(x, "online"), network(x1, "target")
online = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope="online")
target = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope="target")
copy_op = tf.group(*[t.assign(o) for t, o in zip(target, online)])
chosen = tf.reduce_sum(q * tf.one_hot(a, 2), axis=1)
wanted = tf.stop_gradient(r + 0.9 * (1 - d) * tf.reduce_max(q_target, axis=1))
loss = tf.reduce_mean(tf.where(tf.abs(wanted - chosen) < 1, tf.square(wanted - chosen), tf.abs(wanted - chosen)))
train = tf.train.RMSPropOptimizer(0.01).minimize(loss)
memory = collections.deque(maxlen=500)
eye = np.eye(N)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    sess.run(copy_op)
    steps = 0
    for episode in range(60):
        s, done, t = 0, False, 0
        while not done and t < 30:
            act = random.randrange(2) if random.random() < max(0.1, 1 - episode / 30) else int(sess.run(q, {x: eye[[s]]}).argmax())
            s1, reward, done = step(s, act)
            memory.append((s, act, reward, s1, done))
            s, t, steps = s1, t + 1, steps + 1
            if len(memory) >= 32:
                b = list(zip(*random.sample(memory, 32)))
                sess.run(train, {x: eye[list(b[0])], a: b[1], r: b[2], x1: eye[list(b[3])], d: np.float32(b[4])})
            if steps % 50 == 0:
                sess.run(copy_op)
    values = sess.run(q, {x: eye})
print("policy", "".join("LR"[i] for i in values[:-1].argmax(1)), "near", values[N - 2, 1])
