"""`tf.lookup`: tables from keys to values.

Source: https://www.tensorflow.org/api_docs/python/tf/lookup
"""

from thalweg.lookup import experimental as experimental
from thalweg.lookup.initializers import (
    KeyValueTensorInitializer as KeyValueTensorInitializer,
    TextFileIndex as TextFileIndex,
    TextFileInitializer as TextFileInitializer,
)
from thalweg.lookup.static import StaticHashTable as StaticHashTable, StaticVocabularyTable as StaticVocabularyTable
