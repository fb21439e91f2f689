"""`tf.io.gfile`: files and folders, with TensorFlow's errors.

Source: https://www.tensorflow.org/api_docs/python/tf/io/gfile
"""

from thalweg.engine.formats.files import (
    GFile as GFile,
    copy as copy,
    exists as exists,
    get_registered_schemes as get_registered_schemes,
    glob as glob,
    isdir as isdir,
    join as join,
    listdir as listdir,
    makedirs as makedirs,
    mkdir as mkdir,
    remove as remove,
    rename as rename,
    rmtree as rmtree,
    stat as stat,
    walk as walk,
)
