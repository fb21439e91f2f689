"""`tf.debugging`: assertions on values, shapes and types."""
