"""Thalweg: TensorFlow's programming model, whole and fast, in pure Python. `import thalweg as tf`."""

from __future__ import annotations

from thalweg.version import __version__ as __version__
