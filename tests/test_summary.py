"""Summaries and event files, beside those that TensorFlow wrote (tests/goldens/record_board_summaries.py)."""

import io
import os
import re
import signal
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from tests.goldens.board_summaries import PROGRAMS

import thalweg as tf
from thalweg.engine.core import errors
from thalweg.engine.formats import event_file, summaries, tfrecord
from thalweg.engine.formats.messages import Event
from thalweg.engine.formats.tensor_proto import make_ndarray

PLACE = Path(__file__).parent / "goldens/board"


def written(folder):
    (file,) = Path(folder).glob("*tfevents*")
    return [Event.FromString(r) for r in event_file.event_records(file)]


def pictures(data):
    """PNG files in some bytes replaced by their pixels: two encoders compress differently."""
    from PIL import Image

    def pixels(match):
        return repr(np.asarray(Image.open(io.BytesIO(match[0]))).tolist()).encode()

    return re.sub(rb"\x89PNG.*?IEND\xaeB`\x82", pixels, data, flags=re.DOTALL)


def contents(path):
    """What each event holds but its time: text, so that a difference can be read."""
    found = []
    for record in event_file.event_records(path):
        event = Event.FromString(record)
        event.wall_time = 0
        for value in event.summary.value:
            value.image.encoded_image_string = pictures(value.image.encoded_image_string)
            for i, text in enumerate(value.tensor.string_val):
                value.tensor.string_val[i] = pictures(text)
        found.append(str(event))
    return found


@pytest.mark.parametrize("name", PROGRAMS)
def test_files_are_tensorflows(name, tmp_path):
    PROGRAMS[name](tf, str(tmp_path))
    (ours,) = tmp_path.iterdir()
    assert contents(ours) == contents(PLACE / f"{name}.tfevents")


@pytest.mark.parametrize("name", PROGRAMS)
def test_events_are_tensorflows_to_the_byte(name, tmp_path):
    PROGRAMS[name](tf, str(tmp_path))
    (ours,) = tmp_path.iterdir()
    for a, b in zip(event_file.event_records(ours), event_file.event_records(PLACE / f"{name}.tfevents")):
        if b"PNG" not in a:
            assert a[9:] == b[9:]  # behind the time


@pytest.mark.parametrize("name", PROGRAMS)
def test_summary_iterator_reads_tensorflows_files(name):
    events = list(tf.compat.v1.train.summary_iterator(str(PLACE / f"{name}.tfevents")))
    assert events[0].file_version == "brain.Event:2" and len(events) > 4


def test_tensorboard_reads_what_is_written(tmp_path):
    event_accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    PROGRAMS["second"](tf, str(tmp_path))
    read = event_accumulator.EventAccumulator(str(tmp_path), {event_accumulator.TENSORS: 0})
    read.Reload()
    losses = read.Tensors("loss")
    assert [(e.step, float(make_ndarray(e.tensor_proto))) for e in losses] == [(1, 0.5), (300, 0.25)]
    assert read.SummaryMetadata("loss").plugin_data.plugin_name == "scalars"
    assert {"ramp", "table", "image", "audio", "layer/loss"} <= set(read.Tags()["tensors"])


# -- writers ------------------------------------------------------------------------------------------------


def test_many_scalars_of_several_tags_keep_their_order(tmp_path):
    writer = tf.summary.create_file_writer(str(tmp_path))
    with writer.as_default():
        for i in range(3000):
            tf.summary.scalar("a", i / 7, step=i)
            tf.summary.scalar("long/name", -i, step=i * 1000)
        tf.summary.scalar("a", 1e300, step=-1)
    writer.close()
    events = written(tmp_path)[1:]
    assert [v.tag for e in events for v in e.summary.value] == ["a", "long/name"] * 3000 + ["a"]
    values = [np.frombuffer(e.summary.value[0].tensor.tensor_content, np.float32)[0] for e in events]
    np.testing.assert_array_equal(values[:-1:2], (np.arange(3000) / 7).astype(np.float32))
    assert values[-1] == np.inf and events[-1].step == -1
    assert [e.step for e in events[1:-1:2]] == [i * 1000 for i in range(3000)]


@pytest.mark.parametrize("step", [0, 1, 127, 128, 2**14 - 1, 2**14, 2**40, -3])
def test_scalars_written_together_are_as_if_written_alone(step):
    tag = summaries.scalar_field("some/tag", "")
    event = (12345.678, step, tag, 0.1)
    many, alone = event_file._framed([event] * event_file._FEW), event_file._framed([event])
    assert set(many) == set(alone)


def test_checksums_of_many_are_those_of_each():
    records = [bytes(range(n % 256)) * (1 + n // 256) for n in (0, 1, 3, 4, 5, 48, 200, 255, 600)] * 3
    assert tfrecord.masked_crc32c_of_each(records).tolist() == [tfrecord.masked_crc32c(r) for r in records]


def test_nothing_is_lost_at_exit_nor_between_threads(tmp_path):
    code = (
        "import sys, threading, thalweg as tf\n"
        "w = tf.summary.create_file_writer(sys.argv[1])\n"
        "def work(k):\n"
        "    with w.as_default():\n"
        "        for i in range(500): tf.summary.scalar(f'thread{k}', i, step=i)\n"
        "threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\n"
        "w.set_as_default()\n"
        "tf.summary.scalar('last', 1.0, step=1)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, timeout=60)
    tags = [v.tag for e in written(tmp_path) for v in e.summary.value]
    assert {t: tags.count(t) for t in set(tags)} == {f"thread{k}": 500 for k in range(4)} | {"last": 1}


def test_a_kill_leaves_whole_records(tmp_path):
    code = (
        "import sys, thalweg as tf\n"
        "w = tf.summary.create_file_writer(sys.argv[1]); w.set_as_default(); print('ready', flush=True)\n"
        "i = 0\n"
        "while True:\n"
        "    tf.summary.scalar('x', i, step=i); i += 1\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
    process.stdout.readline()
    (file,) = tmp_path.iterdir()
    while file.stat().st_size < 500_000:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    steps = [e.step for e in written(tmp_path)[1:]]
    assert len(steps) > 5000 and steps == list(range(len(steps)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot fork here")
def test_a_forked_process_writes_a_file_of_its_own(tmp_path):
    code = (
        "import os, sys, thalweg as tf\n"
        "w = tf.summary.create_file_writer(sys.argv[1]); w.set_as_default()\n"
        "tf.summary.scalar('before', 1.0, step=0)\n"
        "child = os.fork()\n"
        "tf.summary.scalar('child' if child == 0 else 'parent', 1.0, step=1); w.flush()\n"
        "os._exit(0) if child == 0 else os.waitpid(child, 0)\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code, str(tmp_path)], check=True, timeout=60)
    tags = sorted([e.summary.value[0].tag for e in map(Event.FromString, event_file.event_records(f)) if e.summary.value]
                  for f in tmp_path.iterdir())  # fmt: skip
    assert tags == [["before", "parent"], ["child"]]


def test_writers_of_one_folder_have_files_of_their_own(tmp_path):
    writers = [tf.summary.create_file_writer(str(tmp_path)) for _ in range(3)]
    assert len(list(tmp_path.iterdir())) == 3
    for writer in writers:
        writer.close()


def test_events_arrive_without_a_flush(tmp_path):
    with tf.summary.create_file_writer(str(tmp_path), flush_millis=20).as_default():
        tf.summary.scalar("x", 1.0, step=1)
        (file,) = tmp_path.iterdir()
        for _ in range(200):
            if len(list(event_file.event_records(file))) == 2:
                break
            time.sleep(0.02)
        assert len(list(event_file.event_records(file))) == 2


def test_a_closed_writer_says_so(tmp_path):
    writer = tf.summary.create_file_writer(str(tmp_path))
    writer.close()
    with writer.as_default(), pytest.raises(RuntimeError, match="is closed"):
        tf.summary.text("x", "y", step=0)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.OpError, match="file"):
        tf.summary.create_file_writer(str(tmp_path / "file" / "logs"))
    with pytest.raises(ValueError, match="logdir"):
        tf.summary.create_file_writer(None)


def test_without_a_writer_nothing_happens():
    assert not tf.summary.scalar("x", 1.0, step=0)
    assert not tf.summary.histogram("x", [1.0], step=0)


def test_a_step_is_needed(tmp_path):
    with tf.summary.create_file_writer(str(tmp_path)).as_default(), pytest.raises(ValueError, match="No step set"):
        tf.summary.scalar("x", 1.0)


def test_scalars_are_single_numbers(tmp_path):
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        with pytest.raises(ValueError, match="one number"):
            tf.summary.scalar("x", [1.0, 2.0], step=0)
        with pytest.raises(ValueError, match="count, height, width, channels"):
            tf.summary.image("x", np.zeros([2, 2]), step=0)


def test_threads_have_writers_of_their_own(tmp_path):
    seen = []
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        thread = threading.Thread(target=lambda: seen.append(bool(tf.summary.scalar("x", 1.0, step=0))))
        thread.start()
        thread.join()
    assert seen == [False]


# -- values -------------------------------------------------------------------------------------------------


def test_histograms_of_awkward_data():
    buckets = summaries.histogram_buckets
    assert buckets(np.array([np.nan, 1.0, np.inf, 3.0]), 2).tolist() == [[1.0, 2.0, 1.0], [2.0, 3.0, 1.0]]
    assert buckets(np.array([np.nan]), 2).tolist() == [[0.0] * 3] * 2
    assert buckets(np.array([1, 5, 9], np.int8), 2)[:, 2].tolist() == [1.0, 2.0]
    assert buckets(np.array([-1e308, 1e308]), 4)[:, 2].sum() == 2
    assert buckets(np.array([0.0, 5e-324]), 4)[:, 2].sum() == 2
    assert buckets(np.array([True, False]), 2)[:, 2].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.uint8, np.uint16, np.int32, np.bool_])
def test_images_of_every_dtype(dtype):
    top = 1 if np.dtype(dtype).kind in "fb" else np.iinfo(dtype).max
    pixels = summaries.image_bytes(np.array([[[0], [top]]]).astype(dtype))
    assert pixels.dtype == np.uint8 and pixels.ravel().tolist() == [0, 255]


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_png_files_are_read_by_pillow(channels, dtype):
    from PIL import Image

    if dtype == np.uint16 and channels != 1:
        pytest.skip("Pillow reads 16 bits of one channel only")
    image = (np.random.default_rng(0).random((5, 7, channels)) * np.iinfo(dtype).max).astype(dtype)
    read = np.asarray(Image.open(io.BytesIO(summaries.encode_png(image))))
    np.testing.assert_array_equal(read.reshape(image.shape), image)


# -- reading ------------------------------------------------------------------------------------------------


def test_a_frame_of_all_numbers(tmp_path):
    pytest.importorskip("pandas")
    for run in ("a", "b/c"):
        with tf.summary.create_file_writer(str(tmp_path / run)).as_default():
            for i in range(20):
                tf.summary.scalar("loss", 1.0 / (i + 1), step=i)
            tf.summary.text("text", "no number", step=0)
    with tf.compat.v1.summary.FileWriter(tmp_path / "old") as writer:
        writer.add_summary(tf.compat.v1.Summary(value=[{"tag": "x", "simple_value": 0.5}, {"tag": "y", "simple_value": 0.0}]), 3)
    frame = tf.summary.to_frame(tmp_path)
    assert list(frame.columns) == ["run", "tag", "step", "wall_time", "value"]
    assert frame.groupby(["run", "tag"]).size().to_dict() == {
        ("a", "loss"): 20, ("b/c", "loss"): 20, ("old", "x"): 1, ("old", "y"): 1,
    }  # fmt: skip
    np.testing.assert_allclose(frame[frame.run == "a"].value, 1.0 / np.arange(1, 21), rtol=1e-6)
    assert len(tf.summary.to_frame(tmp_path, tags=["x"])) == 1


def test_tensorflows_files_give_the_same_numbers():
    pytest.importorskip("pandas")
    from thalweg.summary.reading import ScalarFile

    file = ScalarFile(str(PLACE / "second.tfevents"))
    file.update()
    assert {k: list(s.values) for k, s in file.series.items()} == {
        "loss": [0.5, 0.25], "count": [7.0], "layer/loss": [2.0], "at_set_step": [1.0], "recorded": [1.0],
    }  # fmt: skip


def test_a_file_is_read_on_as_it_grows(tmp_path):
    from thalweg.summary.reading import Run

    writer = tf.summary.create_file_writer(str(tmp_path))
    run = Run(".", str(tmp_path))
    counts = []
    with writer.as_default():
        for i in range(5):
            tf.summary.scalar("x", i, step=i)
            writer.flush()
            counts.append(run.update())
    assert counts == [1] * 5 and run.points("x")[2].tolist() == [0, 1, 2, 3, 4]


def test_half_a_record_waits_for_the_rest(tmp_path):
    whole = b"".join(tfrecord.framed([event_file.event_bytes(1.0, i, b"") for i in range(3)]))
    file = tmp_path / "events.out.tfevents.1"
    tail = event_file.EventTail(file)
    for end in (10, 30, len(whole) - 1, len(whole)):
        file.write_bytes(whole[:end])
        list(tail.chunks())
    assert tail.offset == len(whole)


def test_damage_is_told_with_file_and_place(tmp_path):
    data = bytearray(b"".join(tfrecord.framed([b"some bytes"] * 3)))
    data[-6] ^= 1
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(errors.DataLossError, match=r"corrupted record.*x"):
        list(event_file.event_records(tmp_path / "x"))
    (tmp_path / "x").write_bytes(struct.pack("<QI", 1 << 60, 0) + b"rest")
    with pytest.raises(errors.DataLossError, match="length"):
        list(event_file.event_records(tmp_path / "x"))


def test_settings_of_runs(tmp_path):
    from thalweg.summary.reading import Run

    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        assert tf.summary.hparams({"rate": 0.1, "kind": "adam", "deep": True, "units": np.int64(3)})
        tf.summary.hparams_end()
    run = Run(".", str(tmp_path))
    run.update()
    assert run.hparams == {"rate": 0.1, "kind": "adam", "deep": True, "units": 3.0} and run.status == "done"


# -- TensorFlow 1 beside TensorFlow 2 -------------------------------------------------------------------------


def test_graph_summaries_beside_eager_code(tmp_path):
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        x = tf.compat.v1.placeholder(tf.float32, [])
        tf.summary.scalar("x", x)
        tf.summary.histogram("h", x)
        merged = tf.summary.merge_all()
        writer = tf.summary.FileWriter(str(tmp_path), session.graph)
        writer.add_summary(session.run(merged, {x: 2.0}), 7)
        writer.close()
    events = written(tmp_path)
    graph = tf.compat.v1.GraphDef.FromString(next(e.graph_def for e in events if e.HasField("graph_def")))
    assert [n.op for n in graph.node if "Summary" in n.op] == ["ScalarSummary", "HistogramSummary", "MergeSummary"]
    assert events[-1].step == 7 and events[-1].summary.value[0].simple_value == 2.0
    assert any(e.HasField("meta_graph_def") for e in events)


def test_merging_the_same_tag_twice_is_an_error():
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        value = tf.constant(b"\n\x08\n\x01a\x15\x00\x00\x80\x3f")
        with pytest.raises(errors.InvalidArgumentError, match="Duplicate tag a"):
            session.run(tf.compat.v1.summary.merge([value, value]))


def test_a_writer_may_be_reopened(tmp_path):
    writer = tf.compat.v1.summary.FileWriter(str(tmp_path))
    writer.close()
    with pytest.warns(UserWarning, match="closed"):
        writer.add_event(Event())
    writer.reopen()
    writer.add_event(Event(step=3))
    writer.close()
    assert len(list(tmp_path.iterdir())) == 2
