"""Where TensorFlow 1 kept its tutorials."""
