"""`tf.test`: test cases and their runner."""

from __future__ import annotations

import contextlib
import os
import tempfile
import unittest
from collections.abc import Iterator
from typing import Any

import numpy as np


class TestCase(unittest.TestCase):
    """A test case with sessions and comparisons of arrays. Each test starts with an empty default graph."""

    def setUp(self) -> None:
        from thalweg.engine.core.graph import reset_default_graph

        reset_default_graph()

    @contextlib.contextmanager
    def session(self, graph: Any = None, config: Any = None, use_gpu: bool = True, force_gpu: bool = False) -> Iterator[Any]:
        """A session as the default one, on the default graph."""
        from thalweg.engine.execution.session import Session

        with Session(graph=graph, config=config) as session:
            yield session

    test_session = cached_session = session

    def evaluate(self, tensors: Any) -> Any:
        """The values, by the default session in a graph."""
        from thalweg.engine.core.context import executing_eagerly
        from thalweg.engine.core.graph import default_session
        from thalweg.engine.core.nest import map_structure

        if executing_eagerly():
            return map_structure(lambda t: t.numpy(), tensors)
        return default_session().run(tensors)

    def get_temp_dir(self) -> str:
        """A folder for this test case's files."""
        return get_temp_dir()

    def _array(self, a: Any) -> np.ndarray:
        return np.asarray(a) if not hasattr(a, "graph") else np.asarray(self.evaluate(a))

    def assertAllEqual(self, a: Any, b: Any, msg: Any = None) -> None:
        np.testing.assert_array_equal(self._array(a), self._array(b), err_msg=msg or "")

    def assertAllClose(self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: Any = None) -> None:
        """Arrays, or lists and dictionaries of them, are close."""
        if isinstance(a, dict):
            self.assertEqual(set(a), set(b))
            for key in a:
                self.assertAllClose(a[key], b[key], rtol, atol, msg)
            return
        np.testing.assert_allclose(self._array(a), self._array(b), rtol=rtol, atol=atol, err_msg=msg or "")

    def assertNear(self, f1: float, f2: float, err: float, msg: Any = None) -> None:
        self.assertTrue(f1 == f2 or abs(f1 - f2) <= err, msg or f"{f1} is not within {err} of {f2}")

    def assertShapeEqual(self, np_array: Any, tf_tensor: Any, msg: Any = None) -> None:
        self.assertEqual(list(np_array.shape), tf_tensor.shape.as_list(), msg)


def main(argv: Any = None) -> None:
    """Run the tests of the program."""
    unittest.main(argv=argv)


_temp_dir: list[str] = []


def get_temp_dir() -> str:
    """A folder for this process' test files."""
    if not _temp_dir:
        _temp_dir.append(tempfile.mkdtemp())
    os.makedirs(_temp_dir[0], exist_ok=True)
    return _temp_dir[0]


def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: Any = None) -> bool:
    """Whether compiled programs run on a GPU."""
    from thalweg.engine.xp import jax

    return jax().default_backend() == "gpu"


def is_built_with_cuda() -> bool:
    return is_gpu_available()


def gpu_device_name() -> str:
    return "/device:GPU:0" if is_gpu_available() else ""
