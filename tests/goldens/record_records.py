"""Write small TFRecord files with TensorFlow, for Thalweg to read.

    python -m tests.goldens.record_records        # where TensorFlow is installed
"""

from pathlib import Path

from tests.goldens.records import PLACE, RECORDS, example


def main():
    import tensorflow as tf

    Path(PLACE).mkdir(exist_ok=True)
    for compression in ("", "GZIP", "ZLIB"):
        with tf.io.TFRecordWriter(str(PLACE / f"records{compression.lower()}.tfrecord"), compression) as writer:
            for record in RECORDS:
                writer.write(record)
    with tf.io.TFRecordWriter(str(PLACE / "examples.tfrecord")) as writer:
        for i in range(4):
            writer.write(example(tf, i).SerializeToString())


if __name__ == "__main__":
    main()
