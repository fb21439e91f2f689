"""`tf.version`: TensorFlow's version that programs are told, that of the names offered here."""

from thalweg.version import __version__ as __version__

VERSION = "1.15.5"
GIT_VERSION = f"thalweg-{__version__}"
COMPILER_VERSION = "none: pure Python"
GRAPH_DEF_VERSION = 134
GRAPH_DEF_VERSION_MIN_CONSUMER = GRAPH_DEF_VERSION_MIN_PRODUCER = 0
