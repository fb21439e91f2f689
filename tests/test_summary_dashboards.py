"""Summaries for TensorBoard's other dashboards, traces and profiles."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.goldens.board_summaries import pr_curve_data

import thalweg as tf
from thalweg.engine.core import errors
from thalweg.engine.formats.messages import GraphDef, RunMetadata
from thalweg.engine.formats.tensor_proto import make_ndarray
from thalweg.summary import dashboards, projection
from thalweg.summary.reading import summary_iterator


def values(folder):
    """All summary values in a folder's file, by tag."""
    (file,) = folder.glob("*tfevents*")
    return {v.tag: v for e in summary_iterator(file) for v in e.summary.value}


def events(folder):
    (file,) = folder.glob("*tfevents*")
    return list(summary_iterator(file))


# -- precision and recall -------------------------------------------------------------------------------------


def test_pr_curves_count_as_their_definition_does(tmp_path):
    rng = np.random.default_rng(0)
    labels, predictions = rng.random(200) < 0.3, rng.random(200)
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        assert tf.summary.pr_curve("c", labels, predictions, step=3, num_thresholds=11)
    value = values(tmp_path)["c"]
    table = make_ndarray(value.tensor)
    for i, threshold in enumerate(np.linspace(0, 1, 11)):
        chosen = np.floor(predictions * 10) >= round(threshold * 10)
        hits, alarms = (chosen & labels).sum(), (chosen & ~labels).sum()
        assert table[:4, i].tolist() == [hits, alarms, (~labels).sum() - alarms, labels.sum() - hits]
        assert table[4, i] == pytest.approx(hits / max(hits + alarms, 1e-7), abs=1e-6)
    data = dashboards.PrCurvePluginData.FromString(value.metadata.plugin_data.content)
    assert data.num_thresholds == 11


def test_pr_curves_agree_with_tensorboards():
    wanted = json.loads((Path(__file__).parent / "goldens/board/pr_curve.json").read_text())
    labels, predictions, weights = pr_curve_data()
    np.testing.assert_allclose(dashboards.pr_curve_table(labels, predictions, 21, weights), wanted, rtol=1e-5, atol=1e-6)


def test_predictions_that_are_no_probabilities_are_refused():
    with pytest.raises(ValueError, match="sigmoid"):
        dashboards.pr_curve_table(np.array([True]), np.array([1.5]), 3)
    with pytest.raises(ValueError, match="2 labels for 1"):
        dashboards.pr_curve_table(np.array([True, False]), np.array([0.5]), 3)


# -- meshes, layouts, settings ----------------------------------------------------------------------------------


def test_meshes(tmp_path):
    points = np.zeros((1, 4, 3))
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        assert tf.summary.mesh("m", points, colors=points + 255, config_dict={"camera": {"cls": "PerspectiveCamera"}}, step=0)
        with pytest.raises(ValueError, match=r"\[batch, count, 3\]"):
            tf.summary.mesh("m", points[0], step=0)
    found = values(tmp_path)
    assert set(found) == {"m_VERTEX", "m_COLOR"}
    data = dashboards.MeshPluginData.FromString(found["m_COLOR"].metadata.plugin_data.content)
    assert (data.name, data.content_type, data.components, list(data.shape)) == ("m", 3, 0b1010, [1, 4, 3])
    assert json.loads(data.json_config) == {"camera": {"cls": "PerspectiveCamera"}}
    assert make_ndarray(found["m_COLOR"].tensor).dtype == np.uint8


def test_layouts_of_custom_scalars(tmp_path):
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        tf.summary.custom_scalars({"a": {"lines": ["x", "y"], "band": [("v", "low", "high")]}})
    layout = dashboards.Layout.FromString(make_ndarray(values(tmp_path)["custom_scalars__config__"].tensor).item())
    (category,) = layout.category
    assert list(category.chart[0].multiline.tag) == ["x", "y"]
    assert (category.chart[1].margin.series[0].value, category.chart[1].margin.series[0].upper) == ("v", "high")


def test_experiments_of_settings(tmp_path):
    from thalweg.summary.settings import HParamsPluginData

    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        tf.summary.hparams_config({"rate": (0.1, 1.0), "kind": ["a", "b"], "deep": [True, False], "units": [8, 16]}, ["loss"])
    content = values(tmp_path)["_hparams_/experiment"].metadata.plugin_data.content
    experiment = HParamsPluginData.FromString(content).experiment
    assert {i.name: i.type for i in experiment.hparam_infos} == {"rate": 3, "kind": 1, "deep": 2, "units": 3}
    assert [m.name.tag for m in experiment.metric_infos] == ["loss"]


def test_tensorboards_own_functions_for_settings_work(tmp_path):
    pytest.importorskip("tensorboard")
    (tmp_path / "program.py").write_text(
        "import sys, tensorflow as tf\n"
        "from tensorboard.plugins.hparams import api as hp\n"
        "units = hp.HParam('units', hp.Discrete([16, 32]))\n"
        "with tf.summary.create_file_writer(sys.argv[1]).as_default():\n"
        "    hp.hparams_config(hparams=[units], metrics=[hp.Metric('loss')])\n"
        "    hp.hparams({units: 16})\n"
    )
    command = [sys.executable, "-m", "thalweg", "run", str(tmp_path / "program.py"), str(tmp_path / "logs")]
    subprocess.run(command, check=True, timeout=60)
    from thalweg.summary.reading import Run

    run = Run(".", str(tmp_path / "logs"))
    run.update()
    assert run.hparams == {"units": 16.0}


# -- embeddings -------------------------------------------------------------------------------------------------


def test_embeddings_are_files_beside_the_events(tmp_path):
    vectors = np.arange(12, dtype=np.float32).reshape(4, 3)
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        assert tf.summary.embeddings("a b", vectors, labels={"name": ["w\tx", "x", "y", "z"], "size": range(4)},
                                     images=np.zeros((4, 2, 5)))  # fmt: skip
        assert tf.summary.embeddings("a b", vectors[:2], labels=["p", "q"])  # the same name again replaces it
        assert tf.summary.embeddings("other", vectors)
    config = projection.read_config(tmp_path)
    assert [e.tensor_name for e in config.embeddings] == ["a b", "other"]
    assert (tmp_path / config.embeddings[0].metadata_path).read_text() == "p\nq\n"
    with pytest.raises(ValueError, match="3 labels for 4 points"):
        projection.write_embeddings(str(tmp_path), "x", vectors, labels=["a", "b", "c"])
    with pytest.raises(ValueError, match="points, dimensions"):
        projection.write_embeddings(str(tmp_path), "x", vectors[0])


def test_sprites_lie_row_by_row():
    import io

    from PIL import Image

    images = np.stack([np.full((2, 3), i / 5) for i in range(5)])
    data, size = projection.sprite(images, 5)
    sheet = np.asarray(Image.open(io.BytesIO(data)))
    assert size == (3, 2) and sheet.shape == (6, 9)
    assert sheet[0, ::3].tolist() == [0, 51, 102] and sheet[2, ::3].tolist() == [153, 204, 0]


# -- graphs and traces ------------------------------------------------------------------------------------------


def test_graphs_of_functions(tmp_path):
    @tf.function
    def f(x):
        with tf.name_scope("part"):
            return tf.reduce_sum(x * x)

    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        assert tf.summary.graph(f.get_concrete_function(tf.TensorSpec([2])).graph)
        with pytest.raises(ValueError, match="graph_data"):
            tf.summary.graph("no graph")
    (graph,) = [GraphDef.FromString(e.graph_def) for e in events(tmp_path) if e.HasField("graph_def")]
    assert "part/Mul" in {n.name for n in graph.node} or "part/mul" in {n.name for n in graph.node}
    assert all("_output_shapes" in n.attr for n in graph.node)


def test_traces_hold_the_functions_that_ran(tmp_path):
    @tf.function
    def f(x):
        return tf.sin(x, name="wave")

    f(tf.constant(1.0))
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        tf.summary.trace_on(graph=True)
        f(tf.constant(2.0))
        tf.summary.trace_export("trace", step=0)
        with pytest.raises(ValueError, match="trace_on"):
            tf.summary.trace_export("trace", step=0)
    value = values(tmp_path)["trace"]
    assert value.metadata.plugin_data.plugin_name == "graph_run_metadata_graph"
    data = RunMetadata.FromString(make_ndarray(value.tensor).item())
    assert "wave" in {n.name for g in data.function_graphs for n in g.pre_optimization_graph.node}


def test_gradients_are_named_after_their_ops():
    with tf.Graph().as_default() as graph:
        x = tf.compat.v1.placeholder(tf.float32, [2, 2])
        with tf.name_scope("layer"):
            y = tf.tanh(tf.matmul(x, x, name="product"), name="bend")
        tf.gradients(y, x)
    made = {op.name for op in graph.get_operations() if op.name.startswith("gradients/")}
    assert any(n.startswith("gradients/layer/product_grad/") for n in made)
    assert any(n.startswith("gradients/layer/bend_grad/") for n in made)


def test_run_metadata_of_a_session():
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        x = tf.compat.v1.placeholder(tf.float32, [None, 8], name="x")
        y = tf.matmul(x, tf.ones([8, 4]), name="y")
        metadata = RunMetadata()
        options = tf.compat.v1.RunOptions(trace_level=tf.compat.v1.RunOptions.FULL_TRACE)
        traced = session.run(y, {x: np.ones((5, 8))}, options=options, run_metadata=metadata)
        np.testing.assert_array_equal(traced, session.run(y, {x: np.ones((5, 8))}))
        untraced = RunMetadata()
        session.run(y, {x: np.ones((5, 8))}, run_metadata=untraced)
    (device,) = metadata.step_stats.dev_stats
    (node,) = [n for n in device.node_stats if n.node_name == "y"]
    assert node.memory[0].total_bytes == 5 * 4 * 4 and node.all_end_rel_nanos > 0
    assert [d.size for d in node.output[0].tensor_description.shape.dim] == [5, 4]
    assert not untraced.step_stats.dev_stats
    trace = json.loads(tf.summary.Timeline(metadata.step_stats).generate_chrome_trace_format())
    assert {e["name"] for e in trace["traceEvents"]} >= {"process_name", "MatMul"}


# -- profiles -----------------------------------------------------------------------------------------------


def test_profiles_lie_where_the_profile_tab_looks(tmp_path, capsys):
    with tf.profiler.experimental.Profile(str(tmp_path)):
        with tf.profiler.experimental.Trace("step", step_num=1):
            tf.constant(1.0) + 1.0
        with pytest.raises(errors.AlreadyExistsError, match="running"):
            tf.profiler.experimental.start(str(tmp_path))
    assert len(list(tmp_path.glob("plugins/profile/*/*.xplane.pb"))) == 1
    assert capsys.readouterr().out.count("\n") <= 1
    with pytest.raises(errors.UnavailableError, match="No profiler"):
        tf.profiler.experimental.stop()
