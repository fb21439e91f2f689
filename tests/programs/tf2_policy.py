"""REINFORCE on a corridor: episodes as loops in a graph, returns by a reversed scan."""

import tensorflow as tf

PLACES, MOST = 6, 20
logits = tf.Variable(tf.zeros([PLACES, 2]))


@tf.function
def episode(seed):
    place, done = tf.constant(2), tf.constant(False)
    places = tf.TensorArray(tf.int32, size=MOST)
    actions = tf.TensorArray(tf.int32, size=MOST)
    rewards = tf.TensorArray(tf.float32, size=MOST)
    draws = tf.random.stateless_uniform([MOST], seed)
    for t in tf.range(MOST):
        right = draws[t] < tf.nn.softmax(tf.gather(logits, place))[1]
        action = tf.cast(right, tf.int32)
        after = tf.clip_by_value(place + 2 * action - 1, 0, PLACES - 1)
        reward = tf.where(done, 0.0, tf.where(after == PLACES - 1, 1.0, -0.05))
        places, actions, rewards = places.write(t, place), actions.write(t, action), rewards.write(t, reward)
        done = done | (after == PLACES - 1)
        place = after
    rewards = rewards.stack()
    returns = tf.scan(lambda total, r: r + 0.95 * total, rewards, initializer=tf.constant(0.0), reverse=True)
    return places.stack(), actions.stack(), returns, tf.reduce_sum(rewards)


for i in range(60):
    places, actions, returns, total = episode(tf.constant([i, 4]))
    with tf.GradientTape() as tape:
        chosen = -tf.nn.sparse_softmax_cross_entropy_with_logits(actions, tf.gather(logits, places))
        loss = -tf.reduce_mean(chosen * tf.stop_gradient(returns))
    g = tf.convert_to_tensor(tape.gradient(loss, logits))
    logits.assign_sub(2.0 * g)
    if i in (0, 1, 5, 20):
        print("episode", i, "reward", f"{float(total):.3f}", "loss", f"{float(loss):.5f}")
print("goes right", (tf.argmax(logits, 1) == 1).numpy()[2:5].tolist())
