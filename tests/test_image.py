"""tf.image beyond the goldens: files of pictures, chance by state, compiled and unknown sizes, bad input."""

import io

import numpy as np
import pytest

import thalweg as tf
from thalweg.engine.ops import resampling

PIL = pytest.importorskip("PIL.Image", reason="reading pictures needs Pillow")
# tf.random.set_seed(3), then sample_distorted_bounding_box([70, 90, 3], [[[0.1, 0.2, 0.7, 0.9]]], seed=5) of TensorFlow 2.21
RECORDED_BOX = [0, 19, 0], [64, 63, -1], [0.0, 0.21111111342906952, 0.9142857193946838, 0.9111111164093018]
PICTURE = (np.indices((12, 10, 3)).sum(0) * 11 % 256).astype(np.uint8)


def as_file(kind, picture=PICTURE, **options):
    out = io.BytesIO()
    PIL.fromarray(picture).save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "BMP"])
def test_lossless_files_come_back(kind):
    np.testing.assert_array_equal(tf.io.decode_image(as_file(kind)), PICTURE)


def test_png_round_trip_of_every_depth():
    for channels in (1, 2, 3, 4):
        picture = np.resize(PICTURE, (12, 10, channels))
        np.testing.assert_array_equal(tf.image.decode_png(tf.image.encode_png(picture)), picture)
    deep = (np.arange(120).reshape(12, 10, 1) * 511).astype(np.uint16)
    np.testing.assert_array_equal(tf.image.decode_png(tf.image.encode_png(deep), dtype=tf.uint16), deep)
    several = tf.io.encode_png(np.zeros([2, 3, 3], np.uint16)).numpy()
    assert several[24:26] == bytes([16, 2])  # 16 bits, RGB


def test_channels_asked_for():
    data = as_file("PNG")
    assert tf.image.decode_png(data, channels=1).shape == (12, 10, 1)
    assert tf.image.decode_png(data, channels=4).shape == (12, 10, 4)
    assert tf.io.decode_image(as_file("PNG", PICTURE[..., 0])).shape == (12, 10, 1)
    with pytest.raises(tf.errors.InvalidArgumentError, match="channels"):
        tf.image.decode_jpeg(as_file("JPEG"), channels=4)


def test_jpeg():
    data = as_file("JPEG", quality=95)
    assert np.abs(tf.image.decode_jpeg(data).numpy().astype(int) - PICTURE).mean() < 20
    assert tf.image.extract_jpeg_shape(data).numpy().tolist() == [12, 10, 3]
    assert tf.image.decode_and_crop_jpeg(data, [2, 3, 4, 5]).shape == (4, 5, 3)
    np.testing.assert_array_equal(tf.image.decode_and_crop_jpeg(data, [2, 3, 4, 5]), tf.image.decode_jpeg(data)[2:6, 3:8])
    again = tf.image.decode_jpeg(tf.io.encode_jpeg(PICTURE, quality=100, chroma_downsampling=False))
    assert np.abs(again.numpy().astype(int) - PICTURE).max() <= 3


def test_gif_has_frames():
    frames = [PIL.fromarray(np.full((4, 6, 3), v, np.uint8)) for v in (0, 128, 255)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    assert tf.io.decode_gif(out.getvalue()).shape == (3, 4, 6, 3)
    assert tf.io.decode_image(out.getvalue()).shape == (3, 4, 6, 3)
    assert tf.io.decode_image(out.getvalue(), expand_animations=False).shape == (4, 6, 3)


@pytest.mark.parametrize("data", [b"", b"text, no picture", as_file("PNG")[:45], as_file("JPEG")[:200], as_file("BMP")[:100]])
def test_what_is_no_whole_picture_is_refused(data):
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.io.decode_image(data)


def test_a_file_that_lies_about_its_size_is_refused_before_memory_is_taken():
    data = bytearray(as_file("PNG"))
    data[16:24] = b"\x00\x0f\xff\xff\x00\x0f\xff\xff"
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.io.decode_image(bytes(data))


def test_a_pipeline_of_files(tmp_path):
    for i in range(3):
        tf.io.write_file(str(tmp_path / "deep" / f"{i}.png"), tf.io.encode_png(PICTURE + np.uint8(i)))
    paths = tf.io.matching_files(str(tmp_path / "deep" / "*.png"))
    assert paths.shape == (3,)

    def load(path):
        picture = tf.io.decode_png(tf.io.read_file(path), channels=3)
        return tf.image.resize(tf.image.convert_image_dtype(picture, tf.float32), [6, 5])

    data = tf.data.Dataset.from_tensor_slices(paths).map(load).batch(3)
    assert data.element_spec.shape.as_list() == [None, 6, 5, 3]
    (batch,) = list(data)
    np.testing.assert_allclose(batch[0], tf.image.resize(PICTURE / np.float32(255), [6, 5]), atol=1e-6)
    with pytest.raises(tf.errors.NotFoundError, match="missing"):
        tf.io.read_file(str(tmp_path / "missing"))


@pytest.mark.parametrize("method", ["bilinear", "nearest", "bicubic", "area", "lanczos3"])
def test_a_compiled_resize_is_the_eager_one(method):
    x = np.random.default_rng(0).random((2, 6, 7, 3)).astype(np.float32)

    def step(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.image.resize(x, [9, 4], method)
        return y, tape.gradient(y, x)

    for a, b in zip(step(tf.constant(x)), tf.function(step, jit_compile=True)(tf.constant(x))):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-6)


def test_sizes_that_a_graph_does_not_know():
    @tf.function(input_signature=[tf.TensorSpec([None, None, 3])])
    def half(x):
        return tf.image.resize(x, tf.shape(x)[:2] // 2, antialias=True)

    x = np.random.default_rng(1).random((8, 6, 3)).astype(np.float32)
    np.testing.assert_allclose(half(x), tf.image.resize(x, [4, 3], antialias=True), atol=1e-6)


def test_weights_of_every_kernel_sum_to_one():
    for kind in resampling._KERNELS:
        for n, to in ((5, 9), (9, 4), (3, 3)):
            weights = resampling.kernel_taps(n, to, to / n, 0.0, kind, True).matrix().sum(1)
            np.testing.assert_allclose(weights, 1, atol=1e-5)


def test_the_numbers_of_a_seed_are_tensorflows():
    tf.random.set_seed(3)
    begin, size, box = tf.image.sample_distorted_bounding_box([70, 90, 3], [[[0.1, 0.2, 0.7, 0.9]]], seed=5)
    again = tf.image.sample_distorted_bounding_box([70, 90, 3], [[[0.1, 0.2, 0.7, 0.9]]], seed=5)
    assert begin.numpy().tolist() == RECORDED_BOX[0] and size.numpy().tolist() == RECORDED_BOX[1]
    assert again[0].numpy().tolist() != begin.numpy().tolist() or again[1].numpy().tolist() != size.numpy().tolist()
    np.testing.assert_allclose(box[0, 0], np.array(RECORDED_BOX[2], np.float32))
    with pytest.raises(tf.errors.InvalidArgumentError, match="No bounding boxes"):
        tf.image.sample_distorted_bounding_box([70, 90, 3], tf.zeros([0, 0, 4]))


def test_random_crops_lie_within():
    x = tf.reshape(tf.range(60), [6, 10])
    for _ in range(20):
        y = tf.image.random_crop(x, [2, 3]).numpy()
        np.testing.assert_array_equal(y - y[0, 0], [[0, 1, 2], [10, 11, 12]])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Need value\.shape >= size"):
        tf.image.random_crop(x, [7, 3])


def test_the_root_of_zero_lets_no_gradient_through_where_none_arrives():
    x = tf.constant([0.0, 4.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.where(x > 0, tf.sqrt(x), 0.0)
    np.testing.assert_array_equal(tape.gradient(y, x), [0, 0.25])


def test_padded_suppression_of_batches():
    boxes = np.random.default_rng(2).random((2, 3, 8, 4)).astype(np.float32)
    boxes[..., 2:] += boxes[..., :2]
    scores = np.random.default_rng(3).random((2, 3, 8)).astype(np.float32)
    chosen, counts = tf.image.non_max_suppression_padded(boxes, scores, 5, 0.3, pad_to_max_output_size=True)
    assert chosen.shape == (2, 3, 5) and counts.shape == (2, 3)
    alone = tf.image.non_max_suppression(boxes[1, 2], scores[1, 2], 5, 0.3).numpy()
    assert chosen[1, 2].numpy()[: int(counts[1, 2])].tolist() == alone.tolist()
