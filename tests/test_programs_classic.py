"""The classics of TensorFlow 1, unmodified, through `thalweg run`: each in a process of its own, judged by what it prints.

They run interpreted (`THALWEG_JIT=never`), which is quick for programs of a few hundred small steps; `test_programs_tf1` and the
engine's own tests compile. What `goldens/record_tf1_programs.py` recorded is TensorFlow's own output.
"""

import os
import pathlib
import re
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).parent


def run(program, *options):
    command = [sys.executable, "-m", "thalweg", "run", *options, str(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, env={**os.environ, "THALWEG_JIT": "never"})
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout, done.stderr


def said(name, *options):
    return run(HERE / "programs" / f"tf1_{name}.py", *options)[0]


def number(text, word):
    return float(re.search(rf"\b{word} (-?[\d.e+-]+)", text)[1])


@pytest.mark.parametrize(
    ("name", "word", "least"),
    [
        ("logistic", "accuracy", 0.95), ("nearest", "accuracy", 0.75), ("dynamic_rnn", "accuracy", 0.85),
        ("bidirectional", "accuracy", 0.5), ("towers", "accuracy", 0.75), ("crf", "accuracy", 0.75), ("gcn", "accuracy", 0.9),
        ("multilayer_attention", "accuracy", 0.9), ("text_cnn", "accuracy", 0.95), ("estimator", "accuracy", 0.75),
        ("queues", "accuracy", 0.85), ("bert", "accuracy", 0.9), ("seq2seq", "greedy", 0.9), ("policy_gradient", "last", 0.4),
    ],
)  # fmt: skip
def test_it_learns(name, word, least):
    assert number(said(name), word) >= least


@pytest.mark.parametrize("name", ["vae", "style", "char_rnn", "dcgan"])
def test_the_loss_falls(name):
    text = said(name)
    assert number(text, "last") < 0.7 * number(text, "first")


@pytest.mark.parametrize("name", ["exact_seeds", "exact_training", "exact_names", "loops", "traps"])
def test_it_prints_what_tensorflow_prints(name):
    ours, theirs = said(name, "--tf1"), (HERE / "goldens" / "data" / "programs" / f"tf1_{name}.txt").read_text()
    for mine, wanted in zip(ours.splitlines(), theirs.splitlines(), strict=True):
        try:
            # Six digits of float32 sums, taken in another order.
            assert [float(v) for v in mine.split()] == pytest.approx([float(v) for v in wanted.split()], rel=3e-5, abs=3e-6)
        except ValueError:
            assert mine == wanted


def test_a_table_is_fitted():
    text = said("linear_housing")
    assert number(text, "normal") < 1e-3
    assert number(text, "apart") < 0.1


def test_a_generator_finds_the_data():
    text = said("gan")
    assert number(text, "centre") < 0.8
    assert "variables 4 4" in text


def test_words_of_a_kind_are_near():
    text = said("word2vec")
    assert number(text, "within") > number(text, "across") + 0.3


def test_an_agent_learns_the_way():
    assert "policy RRRR" in said("dqn")


def test_a_language_model_samples():
    text = said("gpt2")
    assert number(text, "loss") < 0.8
    assert "shape (4, 12)" in text
    assert re.search(r"sampled abcab", text)


def test_clusters_are_found():
    assert "pure 1" in said("kmeans")


def test_files_are_read_in_order():
    assert "[(1, 2.5, 'x'), (2, 3.5, 'y'), (3, 4.5, 'z')]" in said("files")


def test_canned_estimators_learn():
    pytest.importorskip("pandas")
    text = said("canned")
    assert number(text, "linear") > 0.85
    assert number(text, "dnn") > 0.85
    assert number(text, "error") < 0.2 * number(text, "of")


def test_summaries_are_written():
    text = said("summaries")
    assert "graphs 1 steps [0, 1, 2, 3, 4]" in text
    assert "'by_hand'" in text


def test_models_are_saved_and_restored():
    text = said("saving")
    assert "kept ['model.ckpt-3.index', 'model.ckpt-4.index']" in text
    assert max(number(text, "meta"), number(text, "frozen"), number(text, "init")) < 1e-6
    assert number(said("simple_serving"), "apart") < 1e-6


def test_hyperparameters_and_flags_are_read():
    assert "0.1 [4, 2] relu False 10 ['8', '4']" in said("hparams_flags")
    text, _ = run(HERE / "programs" / "tf1_hparams_flags.py")
    assert text


def test_datasets_feed_graphs():
    lines = said("datasets").splitlines()
    assert abs(number(lines[0], "w") - 2) < 0.05
    assert lines[1:] == ["[0.0, 2.0] [0.0, 3.0]", "[0, 2, 4]"]


def test_scopes_share_variables():
    lines = said("scopes").splitlines()
    assert lines[0].startswith("refused Variable a/v already exists")
    assert lines[2] == "missing 0 loss 3.0 ['watched']"
    assert lines[3] == "['a/v:0', 'a/b/u:0', 'block/w:0', 'block_1/w:0', 'shared/k:0', 'watched:0']"


def test_names_from_before_1_0():
    lines = said("old_names").splitlines()
    assert lines == ["[[-2.0, -4.0, 2.0, -0.0]] [[1, 2], [3, 4]] [3, 4] [-4.0]", "[3.0, 3.0, 3.0, 3.0] [1, 4]"]


def test_training_goes_on_where_it_stopped():
    assert re.fullmatch(r"10 \(15, 0\.000[\d]+\) 25", said("monitored").strip())


def test_runs_in_parts():
    assert said("partial_run").splitlines() == ["3.0 18.0", "9.0"]


def test_eager_programs():
    assert said("eager").splitlines() == ["w 3.0 b 2.0 cube 12.0", "[1, 2]"]


def test_python_in_graphs():
    text, errors = run(HERE / "programs" / "tf1_py_func.py")
    assert text.splitlines() == ["True 2", "0.5 [4.0]"]
    assert errors == "shape: [1]\n"


# -- other kinds of programs -----------------------------------------------------------------------------------

PYTHON_2 = """
import tensorflow as tf
import helper
from tensorflow.python.framework import ops
from tensorflow.python.ops import array_ops, variable_scope as vs
from tensorflow.contrib.rnn.python.ops import core_rnn_cell
from tensorflow.core.framework import summary_pb2

for k, v in {"a": 7 / 2}.iteritems():
    print k, v
print helper.half(9), array_ops.concat([[1], [2]], 0).get_shape(), len([i for i in xrange(3)])
assert callable(core_rnn_cell._linear) and callable(vs.get_variable) and summary_pb2.Summary() is not None
"""


def test_python_2_is_translated(tmp_path):
    pytest.importorskip("fissix")
    (tmp_path / "helper.py").write_text("def half(x): return x / 2\n")
    (tmp_path / "old.py").write_text(PYTHON_2)
    assert run(tmp_path / "old.py", "--py2")[0].splitlines() == ["a 3", "4 (2,) 3"]


def test_a_notebook_is_run(tmp_path):
    import json

    cells = [["%matplotlib inline\n", "import tensorflow as tf\n", "x = tf.placeholder(tf.float32)"],
             ["with tf.Session() as s:\n", "    print(s.run(x * 2, {x: 3}))\n", "1 + 1"]]  # fmt: skip
    notebook = {"cells": [{"cell_type": "markdown", "source": ["# A title"], "metadata": {}}]
                + [{"cell_type": "code", "source": c, "metadata": {}, "outputs": [], "execution_count": None} for c in cells],
                "metadata": {}, "nbformat": 4, "nbformat_minor": 2}  # fmt: skip
    path = tmp_path / "course.ipynb"
    path.write_text(json.dumps(notebook))
    text, _ = run(path)
    assert "6.0" in text and "2 cells, all ran" in text
    done = json.loads((tmp_path / "course.executed.ipynb").read_text())["cells"][2]["outputs"]
    assert done[0]["text"] == ["6.0\n"]
    assert done[1]["data"]["text/plain"] == ["2"]
