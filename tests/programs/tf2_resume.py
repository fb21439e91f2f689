"""Training that can be killed: it goes on where its last checkpoint was, with the same end. `--kill-at N`, `--folder DIR`."""

import argparse
import os
import signal

import tensorflow as tf

parser = argparse.ArgumentParser()
parser.add_argument("--folder", required=True)
parser.add_argument("--kill-at", type=int, default=-1)
args = parser.parse_args()


class Net(tf.Module):
    def __init__(self):
        super().__init__()
        self.w = tf.Variable(tf.random.stateless_normal([3, 1], [1, 2]))
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return x @ self.w + self.b


net, velocity, step = Net(), [tf.Variable(tf.zeros([3, 1])), tf.Variable(0.0)], tf.Variable(0, dtype=tf.int64)
generator = tf.random.Generator.from_seed(5)
checkpoint = tf.train.Checkpoint(net=net, velocity=velocity, step=step, generator=generator)
manager = tf.train.CheckpointManager(checkpoint, args.folder, max_to_keep=2)
checkpoint.restore(manager.latest_checkpoint).expect_partial()
print("from step", int(step))

while int(step) < 60:
    x = generator.normal([16, 3])
    y = x @ [[1.0], [2.0], [-1.0]] + 0.5
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(net(x) - y))
    for v, m, g in zip([net.w, net.b], velocity, tape.gradient(loss, [net.w, net.b])):
        m.assign(0.8 * m + g)
        v.assign_sub(0.03 * m)
    step.assign_add(1)
    if int(step) % 10 == 0:
        manager.save(checkpoint_number=step)
    if int(step) == args.kill_at:
        os.kill(os.getpid(), signal.SIGKILL)
print("w", *[f"{v:.6f}" for v in net.w.numpy().ravel()], "b", f"{net.b.numpy():.6f}", "kept", len(manager.checkpoints))
