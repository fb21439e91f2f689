"""`tf.test.TestCase`: sessions, and comparisons of tensors, nests and sequences.

Source: https://www.tensorflow.org/api_docs/python/tf/test/TestCase
"""

from __future__ import annotations

import contextlib
import random
import re
import unittest
from collections.abc import Iterator
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.engine.core import errors
from thalweg.engine.core.graph import default_session, reset_default_graph
from thalweg.test.machine import get_temp_dir

_SEED = 87654321


class TestCase(unittest.TestCase):
    """A test case with sessions and comparisons of arrays. Each test starts with an empty default graph and the same seeds."""

    def setUp(self) -> None:
        reset_default_graph()
        random.seed(_SEED)
        np.random.seed(_SEED)
        tf.random.set_seed(_SEED)

    # -- running ----------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def session(self, graph: Any = None, config: Any = None, use_gpu: bool = True, force_gpu: bool = False) -> Iterator[Any]:
        """A session as the default one, on the default graph."""
        from thalweg.engine.execution.session import Session

        if tf.executing_eagerly():
            yield None
            return
        with Session(graph=graph, config=config) as session:
            yield session

    test_session = cached_session = session

    def evaluate(self, tensors: Any) -> Any:
        """The values, by the default session in a graph."""
        if not tf.executing_eagerly():
            return default_session().run(tensors)
        return tf.nest.map_structure(_value, tensors)

    def get_temp_dir(self) -> str:
        """A folder for this test case's files."""
        return get_temp_dir()

    def create_tempfile(self) -> Any:
        import tempfile

        return tempfile.NamedTemporaryFile(dir=get_temp_dir(), delete=False)

    def _array(self, a: Any) -> np.ndarray:
        if hasattr(a, "_type_spec") and not isinstance(a, tf.Tensor):  # sparse, ragged
            a = a.to_tensor() if hasattr(a, "to_tensor") else tf.sparse.to_dense(a)
        if isinstance(a, tf.Tensor) and not hasattr(a, "numpy"):
            a = self.evaluate(a)
        if isinstance(a, (list, tuple)) and any(isinstance(x, tf.Tensor) for x in a):
            a = [self._array(x) for x in a]
        found = np.asarray(a)
        return found.astype(object) if found.dtype.kind in "SU" else found

    # -- equal and close --------------------------------------------------------------------------------

    def assertAllEqual(self, a: Any, b: Any, msg: Any = None) -> None:
        x, y = self._array(a), self._array(b)
        if x.dtype == object or y.dtype == object:
            x, y = (np.vectorize(_bytes, otypes=[object])(v) if v.size else v for v in (x, y))
        np.testing.assert_array_equal(x, y, err_msg=msg or "")

    def assertNotAllEqual(self, a: Any, b: Any, msg: Any = None) -> None:
        with self.assertRaises(AssertionError, msg=msg):
            self.assertAllEqual(a, b)

    def assertAllClose(self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: Any = None) -> None:
        """Arrays, or lists and dictionaries of them, are close."""
        if isinstance(a, dict):
            self.assertEqual(set(a), set(b), msg)
            for key in a:
                self.assertAllClose(a[key], b[key], rtol, atol, msg)
            return
        if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
            self.assertEqual(len(a), len(b), msg)
            try:
                x, y = self._array(a), self._array(b)
            except ValueError:  # of different shapes: one by one
                for p, q in zip(a, b):
                    self.assertAllClose(p, q, rtol, atol, msg)
                return
        else:
            x, y = self._array(a), self._array(b)
        x, y = (v.astype(np.float32) if v.dtype.kind == "V" else v for v in (x, y))
        np.testing.assert_allclose(x, y, rtol=rtol, atol=atol, err_msg=msg or "")

    def assertNotAllClose(self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: Any = None) -> None:
        try:
            self.assertAllClose(a, b, rtol, atol)
        except AssertionError:
            return
        raise self.failureException(msg or f"The two values are close at all elements: {a}, {b}")

    def assertAllCloseAccordingToType(
        self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, float_rtol: float = 1e-6, float_atol: float = 1e-6,
        half_rtol: float = 1e-3, half_atol: float = 1e-3, bfloat16_rtol: float = 1e-2, bfloat16_atol: float = 1e-2, msg: Any = None,
    ) -> None:  # fmt: skip
        """Close, as close as the narrower of the two dtypes allows."""
        names = {self._array(v).dtype.name for v in (a, b)}
        for name, wider_rtol, wider_atol in (
            ("float32", float_rtol, float_atol), ("complex64", float_rtol, float_atol), ("float16", half_rtol, half_atol),
            ("bfloat16", bfloat16_rtol, bfloat16_atol),
        ):  # fmt: skip
            if name in names:
                rtol, atol = max(rtol, wider_rtol), max(atol, wider_atol)
        self.assertAllClose(a, b, rtol, atol, msg)

    def assertNear(self, f1: float, f2: float, err: float, msg: Any = None) -> None:
        self.assertTrue(f1 == f2 or abs(f1 - f2) <= err, msg or f"{f1} is not within {err} of {f2}")

    def assertArrayNear(self, farray1: Any, farray2: Any, err: float, msg: Any = None) -> None:
        self.assertEqual(len(farray1), len(farray2), msg)
        for f1, f2 in zip(farray1, farray2):
            self.assertNear(float(f1), float(f2), err, msg)

    def assertNDArrayNear(self, ndarray1: Any, ndarray2: Any, err: float, msg: Any = None) -> None:
        distance = np.linalg.norm(self._array(ndarray1) - self._array(ndarray2))
        self.assertTrue(distance < err, msg or f"the arrays are {distance} apart")

    # -- bounds -----------------------------------------------------------------------------------------

    def _all(self, a: Any, holds: Any, what: str) -> None:
        x = self._array(a)
        wrong = ~holds(x)
        if np.any(wrong):
            place = tuple(int(i) for i in np.argwhere(wrong)[0])
            raise self.failureException(f"{x[place]!r} at {place} is not {what} ({int(wrong.sum())} of {x.size} are not)")

    def assertAllGreater(self, a: Any, comparison_target: Any) -> None:
        self._all(a, lambda x: x > comparison_target, f"greater than {comparison_target}")

    def assertAllLess(self, a: Any, comparison_target: Any) -> None:
        self._all(a, lambda x: x < comparison_target, f"less than {comparison_target}")

    def assertAllGreaterEqual(self, a: Any, comparison_target: Any) -> None:
        self._all(a, lambda x: x >= comparison_target, f"{comparison_target} or more")

    def assertAllLessEqual(self, a: Any, comparison_target: Any) -> None:
        self._all(a, lambda x: x <= comparison_target, f"{comparison_target} or less")

    def assertAllInRange(
        self, target: Any, lower_bound: Any, upper_bound: Any, open_lower_bound: bool = False, open_upper_bound: bool = False
    ) -> None:
        above = (lambda x: x > lower_bound) if open_lower_bound else (lambda x: x >= lower_bound)
        below = (lambda x: x < upper_bound) if open_upper_bound else (lambda x: x <= upper_bound)
        self._all(target, lambda x: above(x) & below(x), f"between {lower_bound} and {upper_bound}")

    def assertAllInSet(self, target: Any, expected_set: Any) -> None:
        self._all(target, lambda x: np.isin(x, list(expected_set)), f"one of {expected_set}")

    def assertBetween(self, value: Any, minv: Any, maxv: Any, msg: Any = None) -> None:
        self.assertTrue(minv <= value <= maxv, msg or f"{value} is not between {minv} and {maxv}")

    # -- shapes, dtypes, structures ---------------------------------------------------------------------

    def assertShapeEqual(self, input_a: Any, input_b: Any, msg: Any = None) -> None:
        a, b = (list(getattr(x, "shape", np.shape(x))) for x in (input_a, input_b))
        self.assertEqual(a, b, msg)

    def assertDTypeEqual(self, target: Any, expected_dtype: Any) -> None:
        self.assertEqual(tf.as_dtype(self._array(target).dtype), tf.as_dtype(expected_dtype))

    def assertSameStructure(self, a: Any, b: Any, *_: Any, **__: Any) -> None:
        tf.nest.assert_same_structure(a, b)

    def assertDeviceEqual(self, device1: Any, device2: Any, msg: Any = None) -> None:
        self.assertEqual(str(device1 or ""), str(device2 or ""), msg)

    def assertProtoEquals(self, expected_message_maybe_ascii: Any, validate_message: Any, msg: Any = None) -> None:
        """Two messages, or a message and its text, are equal."""
        expected = expected_message_maybe_ascii
        if isinstance(expected, str):
            from google.protobuf import text_format

            expected = text_format.Parse(expected, type(validate_message)())
        self.assertEqual(expected, validate_message, msg)

    # -- sequences and texts ----------------------------------------------------------------------------

    def assertLen(self, container: Any, expected_len: int, msg: Any = None) -> None:
        self.assertEqual(len(container), expected_len, msg)

    def assertEmpty(self, container: Any, msg: Any = None) -> None:
        self.assertEqual(len(container), 0, msg)

    def assertNotEmpty(self, container: Any, msg: Any = None) -> None:
        self.assertNotEqual(len(container), 0, msg)

    def assertStartsWith(self, actual: Any, expected_start: Any, msg: Any = None) -> None:
        self.assertTrue(actual.startswith(expected_start), msg or f"{actual!r} does not start with {expected_start!r}")

    def assertEndsWith(self, actual: Any, expected_end: Any, msg: Any = None) -> None:
        self.assertTrue(actual.endswith(expected_end), msg or f"{actual!r} does not end with {expected_end!r}")

    def assertItemsEqual(self, items1: Any, items2: Any, msg: Any = None) -> None:
        self.assertCountEqual(items1, items2, msg)

    def assertSameElements(self, expected_seq: Any, actual_seq: Any, msg: Any = None) -> None:
        self.assertEqual(set(expected_seq), set(actual_seq), msg)

    def assertContainsSubset(self, expected_subset: Any, actual_set: Any, msg: Any = None) -> None:
        self.assertFalse(set(expected_subset) - set(actual_set), msg)

    def assertSequenceAlmostEqual(
        self, expected_seq: Any, actual_seq: Any, places: Any = None, msg: Any = None, delta: Any = None
    ) -> None:
        self.assertEqual(len(expected_seq), len(actual_seq), msg)
        for a, b in zip(expected_seq, actual_seq):
            self.assertAlmostEqual(a, b, places, msg, delta)

    def assertRegexMatch(self, actual_str: str, regexes: Any, message: Any = None) -> None:
        self.assertTrue(any(re.search(r, actual_str) for r in ([regexes] if isinstance(regexes, str) else regexes)), message)

    # -- errors -----------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def assertRaisesWithPredicateMatch(self, exception_type: Any, expected_err_re_or_predicate: Any) -> Iterator[None]:
        """An error of a class whose text matches a pattern, or satisfies a function, is raised."""
        wanted = expected_err_re_or_predicate
        try:
            yield
        except exception_type as error:
            text = error.message if isinstance(error, errors.OpError) else str(error)
            good = wanted(error) if callable(wanted) else re.search(wanted, text) is not None
            if not good:
                raise self.failureException(f"The error's text does not match {wanted!r}: {text}") from error
        else:
            raise self.failureException(f"{exception_type.__name__} not raised")

    def assertRaisesOpError(self, expected_err_re_or_predicate: Any) -> Any:
        return self.assertRaisesWithPredicateMatch(errors.OpError, expected_err_re_or_predicate)

    def assertRaisesWithLiteralMatch(self, expected_exception: Any, expected_message: str) -> Any:
        return self.assertRaisesRegex(expected_exception, "^" + re.escape(expected_message) + "$")

    def assertRaisesIncompatibleShapesError(self, exception_type: Any = errors.InvalidArgumentError, *args: Any) -> Any:
        return self.assertRaisesRegex(exception_type, r"(?i)incompatible shapes|dimensions must|shape", *args)


def _value(x: Any) -> Any:
    if hasattr(x, "numpy"):
        return x.numpy()
    if isinstance(x, tf.SparseTensor):
        return tf.compat.v1.SparseTensorValue(x.indices.numpy(), x.values.numpy(), x.dense_shape.numpy())
    return x


def _bytes(x: Any) -> Any:
    return x.encode() if isinstance(x, str) else x
