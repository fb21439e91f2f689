"""`tf.contrib.cluster_resolver`: which machines take part."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    from thalweg.distribute import cluster_resolver

    return getattr(cluster_resolver, name)
