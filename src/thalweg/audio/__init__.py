"""`tf.audio`: WAV files.

Source: https://www.tensorflow.org/api_docs/python/tf/audio
"""

from thalweg.engine.formats.sounds import decode_wav as decode_wav, encode_wav as encode_wav
