"""Examples written to compressed TFRecord files and read back, with features of every kind."""

import os
import tempfile

import tensorflow as tf

folder = tempfile.mkdtemp()


def example(i):
    feature = {
        "id": tf.train.Feature(int64_list=tf.train.Int64List(value=[i])),
        "values": tf.train.Feature(float_list=tf.train.FloatList(value=[i * 0.5, i * 1.5])),
        "tags": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"t%d" % j for j in range(i % 3)])),
        "matrix": tf.train.Feature(bytes_list=tf.train.BytesList(value=[tf.io.serialize_tensor(tf.eye(2) * i).numpy()])),
    }
    return tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString()


for shard in range(2):
    with tf.io.TFRecordWriter(os.path.join(folder, f"part-{shard}.tfrecord"), options="GZIP") as writer:
        for i in range(shard, 10, 2):
            writer.write(example(i))

spec = {
    "id": tf.io.FixedLenFeature([], tf.int64), "values": tf.io.FixedLenFeature([2], tf.float32),
    "tags": tf.io.VarLenFeature(tf.string), "matrix": tf.io.FixedLenFeature([], tf.string),
    "missing": tf.io.FixedLenFeature([], tf.float32, default_value=-1.0),
}  # fmt: skip


def parse(record):
    found = tf.io.parse_single_example(record, spec)
    found["matrix"] = tf.ensure_shape(tf.io.parse_tensor(found["matrix"], tf.float32), [2, 2])
    found["tags"] = tf.sparse.to_dense(found["tags"])
    return found


files = tf.data.Dataset.list_files(os.path.join(folder, "*.tfrecord"), shuffle=False)
data = files.interleave(lambda f: tf.data.TFRecordDataset(f, compression_type="GZIP"), cycle_length=2, block_length=1).map(parse)
for row in data.take(4):
    numbers = float(row["matrix"][1, 1]), float(row["missing"])
    print("id", int(row["id"]), row["values"].numpy().tolist(), row["tags"].numpy().tolist(), *numbers)
batch = next(iter(data.padded_batch(10)))
print("tags", batch["tags"].shape, "sum", f"{float(tf.reduce_sum(batch['matrix'])):.1f}")
try:
    bad = os.path.join(folder, "part-0.tfrecord")
    content = tf.io.read_file(bad).numpy()
    tf.io.write_file(bad, content[: len(content) // 2])
    print(sum(1 for _ in tf.data.TFRecordDataset(bad, compression_type="GZIP")))
except tf.errors.DataLossError:
    print("a truncated file is noticed")
