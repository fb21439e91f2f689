"""Goldens from TensorFlow: the tables of calls, the recorder, the comparison."""
