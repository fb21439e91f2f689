"""`tf.profiler`: where the time goes. Profiles are recorded by JAX's profiler, which sees Python, XLA and the devices.

Source: https://www.tensorflow.org/guide/profiler
"""

from thalweg.profiler import experimental as experimental
