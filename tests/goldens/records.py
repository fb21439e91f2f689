"""What is in the TFRecord files that TensorFlow wrote."""

from pathlib import Path

PLACE = Path(__file__).parent / "data" / "records"
RECORDS = [b"", b"one", bytes(range(256)) * 9, "zwölf".encode(), b"x" * 5000]


def example(tf, i):
    train = tf.train

    def int64s(*values):
        return train.Feature(int64_list=train.Int64List(value=values))

    features = {
        "label": int64s(i),
        "image": train.Feature(float_list=train.FloatList(value=[i + 0.5, -i])),
        "words": train.Feature(bytes_list=train.BytesList(value=[b"w%d" % j for j in range(i)])),
        "at": int64s(*range(i, 0, -1)),
    }
    return train.Example(features=train.Features(feature=features))
