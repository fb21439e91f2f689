"""`tf.tables_initializer`: starts what lookups need."""

from __future__ import annotations

from typing import Any

from thalweg.compat.v1.graph import GraphKeys, get_collection, group


def tables_initializer(name: str = "init_all_tables") -> Any:
    """An operation that initializes all tables of the graph."""
    return group(*get_collection(GraphKeys.TABLE_INITIALIZERS), name=name)
