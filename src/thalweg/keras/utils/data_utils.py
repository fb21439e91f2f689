"""Files and batches, under the name that Keras 2 has for the module."""

from thalweg.keras.utils.downloads import get_file as get_file, validate_file as validate_file
from thalweg.keras.utils.py_dataset import PyDataset as Sequence  # its name there
