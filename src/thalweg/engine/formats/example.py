"""`tf.train.Example` and its kin: messages of named lists of values.

Source: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/example/feature.proto
"""

from __future__ import annotations

from thalweg.engine.formats.schema import messages

BytesList, FloatList, Int64List, Feature, Features, FeatureList, FeatureLists, Example, SequenceExample = messages(
    "example.proto", "BytesList", "FloatList", "Int64List", "Feature", "Features", "FeatureList", "FeatureLists", "Example",
    "SequenceExample",
)  # fmt: skip
