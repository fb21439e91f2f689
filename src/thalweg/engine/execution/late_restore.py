"""Restoring what does not exist yet: an object remembers the checkpoint that it was restored from, for what it makes later."""

from __future__ import annotations

from typing import Any

_KEY = "_restored_from"


def remember(owner: Any, restoration: Any, node: int) -> None:
    """Note that `owner` was restored from a node of a checkpoint that says more than the owner has."""
    if hasattr(owner, "__dict__"):
        kept = [(r, n) for r, n in owner.__dict__.get(_KEY, ()) if r is not restoration]
        owner.__dict__[_KEY] = [*kept, (restoration, node)]


def restore_late(owner: Any) -> None:
    """Give values to what `owner` has got since it was restored. Owners call it when an attribute was set."""
    waiting = owner.__dict__.get(_KEY)
    if waiting:
        for restoration, node in list(waiting):
            restoration.bind_children(owner, node)
