import tensorflow as tf

with tf.variable_scope("a", initializer=tf.constant_initializer(2.0), regularizer=tf.contrib.layers.l2_regularizer(0.5)):
    v = tf.get_variable("v", [2])
    with tf.variable_scope("b", reuse=tf.AUTO_REUSE):
        u = tf.get_variable("u", [1])
        assert tf.get_variable("u", [1]) is u
with tf.variable_scope("a", reuse=True):
    assert tf.get_variable("v", [2]) is v
for _ in range(2):
    with tf.variable_scope(None, default_name="block"), tf.name_scope("inner"):
        tf.get_variable("w", [1])
try:
    tf.get_variable("a/v", [3])
except ValueError as error:
    print("refused", str(error)[:40])
template = tf.make_template("shared", lambda x: x * tf.get_variable("k", [], initializer=tf.ones_initializer()))
one, two = template(1.0), template(2.0)
made = []
with tf.variable_creator_scope(lambda next_creator, **kwargs: made.append(kwargs.get("name")) or next_creator(**kwargs)):
    tf.Variable(1.0, name="watched")
init = tf.global_variables_initializer()
missing = tf.report_uninitialized_variables()
with tf.Session() as sess:
    print("missing", len(sess.run(missing)))
    sess.run(init)
    print("missing", len(sess.run(missing)), "loss", sess.run(tf.losses.get_regularization_loss()), made)
print([x.name for x in tf.trainable_variables()])
