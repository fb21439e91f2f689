"""`tf.contrib.distribute`: strategies, under their first name."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    from thalweg import distribute

    return getattr(distribute, name)
