"""Holds a case of Thalweg against its golden: a list of sentences on what differs, empty if nothing does."""

import numpy as np

from goldens import runner
from goldens.runner import Raised, Slices, Text
from goldens.spec import SHORT

# Relative tolerance, and a part of the largest element of the result that sums may lose, per dtype. Both libraries
# round in their own order; half types are computed in float32 by one and in place by the other.
TOLERANCE = {
    "f64": (1e-12, 1e-15), "c128": (1e-12, 1e-15), "f32": (2e-6, 1e-6), "c64": (2e-6, 1e-6),
    "f16": (2e-3, 4e-3), "bf16": (1.6e-2, 3e-2),
}  # fmt: skip

# A fault that TensorFlow finds when a graph runs may be found while it is built.
EARLIER = {"InvalidArgumentError": ("ValueError",)}


def differences(tf, case, golden, line):
    """What is wrong with the case, one sentence for each part."""
    expected = golden.unpack(line["eager"])
    found = []
    actual = runner.attempt(runner.eager, tf, case)
    found += _said("eager", _different(case, actual, expected, case.also))
    if case.graph and ("graph" in line or "known" in line):
        in_graph = runner.attempt(runner.through_session, tf, case)
        wanted = Raised(line["graph"]) if "graph" in line else expected
        found += _said("session", _different(case, in_graph, wanted, (*case.also, *EARLIER.get(line.get("graph"), ()))))
    if "unknown" in line and "dynamic" not in line:
        later = runner.attempt(runner.through_session, tf, case, "unknown")
        found += _said("session, shapes unknown", _different(case, later, expected))
    for how in runner.PLACED:
        if how in line:
            wanted = line["known"] if line[how] == "=" else line[how]
            shapes = runner.attempt(runner.static_shapes, tf, case, how)
            found += _said(f"static shapes, inputs {how}", _less_known(shapes, wanted, expected))
    if "grads" in line:
        gradients = runner.attempt(runner.gradients, tf, case)
        found += _said("gradients", _different(case, gradients, golden.unpack(line["grads"])))
    return found


def _said(part, what):
    return [f"{part}: {what}"] if what else []


def _different(case, actual, expected, also=()):
    if isinstance(actual, Raised) or isinstance(expected, Raised):
        return _different_errors(actual, expected, also)
    if len(actual) != len(expected):
        return f"{len(actual)} results instead of {len(expected)}"
    for i, (a, e) in enumerate(zip(actual, expected)):
        what = different_leaf(a, e, case.post, case.within)
        if what:
            return f"result {i}: {what}" if len(expected) > 1 else what
    return None


def _different_errors(actual, expected, also):
    if not isinstance(expected, Raised):
        return f"raised {actual.name}: {actual.message}"
    if not isinstance(actual, Raised):
        return f"did not raise {expected.name}"
    if actual.name in (expected.name, *also):
        return None
    return f"raised {actual.name} instead of {expected.name}: {actual.message}"


def different_leaf(actual, expected, post="", within=1.0):
    """How one result differs from another, or None."""
    if type(actual) is not type(expected) and (isinstance(actual, (Text, Slices)) or isinstance(expected, (Text, Slices))):
        return f"a {_kind(actual)} instead of a {_kind(expected)}"
    if isinstance(actual, Text):
        return None if actual == expected else f"{actual.text} instead of {expected.text}"
    if isinstance(actual, Slices):
        actual, expected = actual.dense, expected.dense
    if actual.dtype.kind in "OSU":
        actual = actual.astype(object)
    if actual.dtype != expected.dtype:
        return f"dtype {actual.dtype} instead of {expected.dtype}"
    if actual.shape != expected.shape:
        return f"shape {actual.shape} instead of {expected.shape}"
    return _different_values(actual, expected, post, within)


def _kind(leaf):
    return f"{leaf.text!r}" if isinstance(leaf, Text) else "IndexedSlices" if isinstance(leaf, Slices) else "tensor"


def _different_values(actual, expected, post, within):
    if expected.size == 0:
        return None
    short = SHORT[expected.dtype]
    if short not in TOLERANCE:
        wrong = actual != expected
        return _first(actual, expected, wrong) if np.any(wrong) else None
    wide = np.complex128 if short[0] == "c" else np.float64
    a, e = actual.astype(wide), expected.astype(wide)
    if post == "abs":
        a, e = np.abs(a), np.abs(e)
    wrong = ~_close(a, e, *TOLERANCE[short], within)
    return _first(actual, expected, wrong) if np.any(wrong) else None


def _close(a, e, relative, of_largest, within):
    if np.iscomplexobj(e) and not (np.isfinite(e).all() and np.isfinite(a).all()):
        parts = ((a.real, e.real), (a.imag, e.imag))
        return np.logical_and(*(_close(x, y, relative, of_largest, within) for x, y in parts))
    size = np.abs(e)
    largest = np.max(size, initial=0.0, where=np.isfinite(size))
    with np.errstate(invalid="ignore"):
        near = np.abs(a - e) <= within * (relative * size + of_largest * largest)
    return np.where(np.isfinite(e), near, (a == e) | (np.isnan(a) & np.isnan(e)))


def _first(actual, expected, wrong):
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    count = int(np.sum(wrong))
    return f"{actual[place]!r} instead of {expected[place]!r} at {place} ({count} of {expected.size} differ)"


def _less_known(actual, expected, values):
    """Ours may be known better than TensorFlow's, never less well, and must fit the result."""
    if isinstance(actual, Raised):
        return f"raised {actual.name}: {actual.message}"
    wanted = expected.split(" ") if expected else []
    if len(actual) != len(wanted):
        return f"{len(actual)} results instead of {len(wanted)}"
    for ours, theirs, value in zip(actual, wanted, values):
        if ours == theirs:
            continue
        fits = isinstance(value, Text) or _fits(ours, value.shape)
        theirs_fits = isinstance(value, Text) or _fits(theirs, value.shape)  # TensorFlow's rule is wrong for a few calls
        if not fits or (theirs_fits and not _refines(ours, theirs)):
            return f"{ours} instead of {theirs}"
    return None


def _dimensions(text):
    return [d for d in text.strip("()").split(",") if d]


def _refines(ours, theirs):
    if theirs == "?" or ours == theirs:
        return True
    if ours == "?" or "-" in (ours, theirs):
        return False
    a, b = _dimensions(ours), _dimensions(theirs)
    return len(a) == len(b) and all(y == "?" or x == y for x, y in zip(a, b))


def _fits(ours, shape):
    if ours in ("?", "-"):
        return True
    dimensions = _dimensions(ours)
    return len(dimensions) == len(shape) and all(d == "?" or int(d) == n for d, n in zip(dimensions, shape))
