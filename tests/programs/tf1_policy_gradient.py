"""REINFORCE on a corridor: walk right to the goal."""

import numpy as np
import tensorflow as tf
import tensorflow.contrib.slim as slim


class Corridor:
    def __init__(self, n):
        self.n = n

    def reset(self):
        self.s, self.t = 0, 0
        return np.eye(self.n)[0]

    def step(self, action):
        self.s = max(0, self.s + (1 if action else -1))
        self.t += 1
        done = self.s == self.n - 1 or self.t >= 20
        return np.eye(self.n)[min(self.s, self.n - 1)], float(self.s == self.n - 1) - 0.05, done


tf.reset_default_graph()
tf.set_random_seed(1)
np.random.seed(1)
env = Corridor(6)
state_in = tf.placeholder(shape=[None, 6], dtype=tf.float32)
hidden = slim.fully_connected(state_in, 8, biases_initializer=None, activation_fn=tf.nn.relu)
output = slim.fully_connected(hidden, 2, activation_fn=tf.nn.softmax, biases_initializer=None)
reward_holder = tf.placeholder(shape=[None], dtype=tf.float32)
action_holder = tf.placeholder(shape=[None], dtype=tf.int32)
indexes = tf.range(0, tf.shape(output)[0]) * tf.shape(output)[1] + action_holder
responsible = tf.gather(tf.reshape(output, [-1]), indexes)
loss = -tf.reduce_mean(tf.log(responsible) * reward_holder)
tvars = tf.trainable_variables()
holders = [tf.placeholder(tf.float32, name=str(i) + "_holder") for i, _ in enumerate(tvars)]
gradients = tf.gradients(loss, tvars)
update = tf.train.AdamOptimizer(learning_rate=2e-2).apply_gradients(zip(holders, tvars))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    buffer = [np.zeros_like(v) for v in sess.run(tvars)]
    rewards = []
    for episode in range(150):
        s, history, total, done = env.reset(), [], 0, False
        while not done:
            p = sess.run(output, {state_in: [s]})[0]
            a = np.random.choice(2, p=p / p.sum())
            s1, r, done = env.step(a)
            history.append((s, a, r))
            s, total = s1, total + r
        rewards.append(total)
        returns = np.cumsum([r for _, _, r in history][::-1])[::-1]
        feed = {reward_holder: returns, action_holder: [a for _, a, _ in history], state_in: np.vstack([s for s, _, _ in history])}
        for b, g in zip(buffer, sess.run(gradients, feed)):
            b += g
        if episode % 5 == 4:
            sess.run(update, dict(zip(holders, buffer)))
            for b in buffer:
                b *= 0
print("first", np.mean(rewards[:20]), "last", np.mean(rewards[-20:]))
