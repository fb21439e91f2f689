"""`tf.test`: test cases with comparisons of tensors, and gradients checked by differences.

Source: https://www.tensorflow.org/api_docs/python/tf/test
"""

from unittest import mock as mock

from thalweg.test.cases import TestCase as TestCase
from thalweg.test.gradients import compute_gradient as compute_gradient
from thalweg.test.machine import (
    get_temp_dir as get_temp_dir,
    gpu_device_name as gpu_device_name,
    is_built_with_cuda as is_built_with_cuda,
    is_built_with_gpu_support as is_built_with_gpu_support,
    is_built_with_rocm as is_built_with_rocm,
    is_built_with_xla as is_built_with_xla,
    is_gpu_available as is_gpu_available,
    main as main,
)
