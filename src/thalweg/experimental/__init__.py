"""`tf.experimental`: names that may still change."""

from __future__ import annotations

from thalweg.data.optional import Optional as Optional
