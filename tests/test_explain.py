"""`tf.explain` and `thalweg explain`: what is shown is what the tape computes, and pages and pictures show it."""

import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import numpy as np
import pytest

import thalweg as tf
from thalweg.apps.explain import main
from thalweg.explaining import layout, wording
from thalweg.explaining.expressions import ExpressionError, function_of
from thalweg.explaining.views import LIMIT, views

v1 = tf.compat.v1


def slide(x, y):
    return x * x * y + y + 2


def network(layers=4):
    tf.keras.backend.clear_session()  # layers are counted anew
    tf.keras.utils.set_random_seed(0)
    model = tf.keras.Sequential(
        [tf.keras.Input((3,)), *[tf.keras.layers.Dense(4, activation="tanh") for _ in range(layers)], tf.keras.layers.Dense(2)]
    )
    model.compile("sgd", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


ROWS, LABELS = np.linspace(-1, 1, 15, dtype=np.float32).reshape(5, 3), np.array([0, 1, 1, 0, 1])


# -- the numbers -------------------------------------------------------------------------------------------


def test_the_slide():
    explanation = tf.explain(slide, 3.0, 4.0)
    assert explanation["n7"].value == 42 and explanation.targets == (7,)
    assert explanation.derivatives == {"x": 24, "y": 10}
    assert [n.value.item() for n in explanation] == [3, 4, 2, 9, 36, 40, 42]
    assert [(p.consumer, p.local.item(), p.value.item()) for p in explanation["y"].parts] == [(6, 1, 1), (5, 9, 9)]
    assert [(p.consumer, p.local.item(), p.value.item()) for p in explanation["x"].parts] == [(4, 3, 12), (4, 3, 12)]


def matrices(a, b, c):
    return tf.reduce_sum(tf.nn.softmax(tf.matmul(a, b) + c) * tf.math.log(1 + tf.square(c)))


def gathered(table):
    return tf.reduce_sum(tf.gather(table, [2, 0, 2]) ** 2)


def several_outputs(x):
    a, b = tf.split(x, 2)
    return tf.reduce_sum(a * tf.sin(b)) + tf.reduce_sum(tf.unstack(x)[0])


def branched(x):
    if tf.reduce_sum(x) > 0:
        return tf.reduce_sum(x * x)
    return tf.reduce_sum(-x)


RNG = np.random.default_rng(0)
FUNCTIONS = [
    (slide, [3.0, 4.0]),
    (matrices, [RNG.standard_normal((3, 4)), RNG.standard_normal((4, 2)), RNG.standard_normal(2)]),
    (gathered, [RNG.standard_normal((4, 2))]),
    (several_outputs, [RNG.standard_normal((4, 3))]),
    (branched, [RNG.standard_normal(3) + 2]),
]


@pytest.mark.parametrize(("function", "inputs"), FUNCTIONS, ids=lambda f: getattr(f, "__name__", ""))
def test_derivatives_are_the_tapes_bit_for_bit(function, inputs):
    tensors = [tf.constant(x, tf.float32) for x in inputs]
    explanation = tf.explain(function, *tensors)
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        result = tf.function(function)(*tensors)
    expected = [tf.convert_to_tensor(g).numpy() for g in tape.gradient(result, tensors)]
    np.testing.assert_array_equal(explanation.values[0], result.numpy())
    for shown, wanted in zip(explanation.derivatives.values(), expected, strict=True):
        np.testing.assert_array_equal(shown, wanted)


@pytest.mark.parametrize(("function", "inputs"), FUNCTIONS, ids=lambda f: getattr(f, "__name__", ""))
def test_each_derivative_is_the_sum_of_its_parts(function, inputs):
    explanation = tf.explain(function, *[np.float32(x) for x in inputs])
    for node in explanation.backward:
        if node.parts:
            np.testing.assert_allclose(np.sum([p.value for p in node.parts], axis=0), node.derivative, rtol=1e-5, atol=1e-6)
        for part in node.parts:
            assert node.number in explanation[part.consumer].inputs
            if part.local is not None:
                np.testing.assert_allclose(part.value, explanation[part.consumer].derivative * part.local, rtol=1e-6)


def test_a_graph_of_tensorflow_1():
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [2], name="x")
        w = v1.get_variable("w", initializer=[2.0, 3.0])
        y = tf.reduce_sum(tf.sin(x * w))
        session.run(v1.global_variables_initializer())
        explanation = tf.explain(y, feed_dict={x: [1, 2]})
        expected = session.run(tf.gradients(y, [x, w]), {x: [1, 2]})
    assert {n.name: n.kind for n in explanation if n.kind != "step"} == {"x": "input", "w": "variable"}
    np.testing.assert_array_equal(explanation.derivatives["x"], expected[0])
    np.testing.assert_array_equal(explanation.derivatives["w"], expected[1])


def test_a_keras_model_and_its_loss():
    model = network()
    explanation = tf.explain(model, ROWS, LABELS)
    with tf.GradientTape() as tape:
        loss = model.compute_loss(ROWS, LABELS, model(ROWS, training=False), training=False)
    expected = tape.gradient(loss, model.trainable_variables)
    shown = [n.derivative for n in explanation if n.kind == "variable"]
    np.testing.assert_allclose(explanation.values[0], loss.numpy(), rtol=1e-6)
    for a, b in zip(shown, expected, strict=True):
        np.testing.assert_allclose(a, b.numpy(), rtol=1e-5, atol=1e-7)
    assert [n.title for n in explanation if n.kind == "variable"][:2] == ["dense/kernel", "dense/bias"]


@pytest.mark.parametrize(("call", "error", "said"), [
    (lambda: tf.explain(3), TypeError, "function, a tensor of a graph or a Keras model"),
    (lambda: tf.explain(lambda x: tf.cast(x, tf.int32), 1.0), ValueError, "int32, which has no derivative"),
    (lambda: tf.explain(lambda x: None, 1.0), ValueError, "no result to explain"),
    (lambda: tf.explain(slide, 1.0, 2.0, feed_dict={}), TypeError, "feed_dict"),
])  # fmt: skip
def test_what_cannot_be_explained(call, error, said):
    with pytest.raises(error, match=said):
        call()


# -- words, pictures, pages ----------------------------------------------------------------------------------


def test_many_numbers_are_told_by_what_they_are_like():
    x = np.array([[0.0, 1.0, 2.0, 3.0]] * 3, np.float32)
    assert wording.amount(x) == "3x4, mean 1.5"
    assert wording.statistics(x)["zeros"] == "25%" and wording.statistics(x)["max"] == "3"
    assert wording.statistics(np.array([np.nan, 1.0, np.inf]))["not finite"] == "2"


def test_boxes_do_not_overlap_and_stand_above_what_they_are_made_of():
    rng = np.random.default_rng(3)
    names = [f"n{i}" for i in range(40)]
    edges = [(names[j], names[i]) for i in range(1, 40) for j in sorted(set(rng.integers(0, i, 2).tolist()))]
    placed = layout.arrange({n: 90.0 + 5 * i for i, n in enumerate(names)}, edges)
    for a, b in edges:
        assert placed.box[a][1] > placed.box[b][1]
        assert placed.route[a, b][0][1] < placed.route[a, b][-1][1]
    boxes = sorted(placed.box.values(), key=lambda box: (box[1], box[0]))
    for (x, y, width), (other, level, _) in pairwise(boxes):
        assert y != level or x + width <= other + 1e-6


def test_scopes_of_a_big_computation_fold():
    explanation = tf.explain(network(8), ROWS, LABELS)
    shown = views(explanation)
    assert len(explanation.nodes) > LIMIT >= len(shown[""].items)
    inside = [n for item in shown[""].items for n in item.nodes]
    assert sorted(inside) == [n.number for n in explanation], "every node is in one box"
    folds = [i for i in shown[""].items if i.is_fold]
    assert folds and all(f.path in shown for f in folds)


def test_the_picture_is_well_formed_and_says_it_all():
    picture = ElementTree.fromstring(tf.explain(slide, 3.0, 4.0).svg())
    text = " ".join(picture.itertext())
    for said in ("n7 = n6 + n3", "42", "∂f/∂x = 24", "∂f/∂y = 10"):
        assert said in text


def test_the_page_steps_through_both_sweeps(chromium, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(tf.explain(network(8), ROWS, LABELS).html(), encoding="utf-8")
    slide_path = tmp_path / "slide.html"
    slide_path.write_text(tf.explain(slide, 3.0, 4.0).html(), encoding="utf-8")
    for width in (1200, 390):
        page = chromium.new_page(viewport={"width": width, "height": 780})
        wrong = []
        page.on("pageerror", lambda error, wrong=wrong: wrong.append(error))
        page.on("request", lambda r, wrong=wrong: None if r.url.startswith(("file:", "data:")) else wrong.append(r.url))
        page.goto(slide_path.as_uri())
        visible = "id => getComputedStyle(document.querySelector(`#${id} .%s`)).visibility"
        assert page.evaluate(visible % "value", "n7") == "hidden"
        for _ in range(6):
            page.keyboard.press("ArrowRight")
        assert page.evaluate(visible % "value", "n7") == "visible"
        assert page.evaluate(visible % "derivative", "n7") == "hidden"
        assert page.inner_text("#lines p:last-child") == "= 42"
        page.click("#last")
        assert page.inner_text("#lines p:last-child") == "= 24"
        assert page.evaluate(visible % "derivative", "n1") == "visible"
        page.keyboard.press("Home")
        assert page.is_disabled("#back")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
        page.goto(path.as_uri())
        page.locator("[data-open]").last.click()
        assert page.locator("#trail button").count() >= 2
        page.click("#trail button")
        assert page.locator("#trail button").count() == 0
        assert not wrong
        page.close()


# -- expressions and the command line --------------------------------------------------------------------------


def test_expressions():
    f = function_of("-sin(x) * 2 ** y / (x - pi)", ["x", "y"])
    np.testing.assert_allclose(f(tf.constant(1.0), tf.constant(3.0)), -np.sin(1) * 8 / (1 - np.pi), rtol=1e-6)


@pytest.mark.parametrize(("text", "said"), [
    ("x ^ 2", r"two stars: x \*\* 2"), ("x +", "cannot be read"), ("z + 1", "z=3"), ("open('a')", "no function 'open'"),
    ("x.__class__", "no arithmetic"), ("[x]", "no arithmetic"), ("(lambda: x)()", "no function"), ("'a' * 9", "no arithmetic"),
    ("x if x else x", "no arithmetic"), ("sin(x, name=x)", "no function"),
])  # fmt: skip
def test_what_is_no_expression(text, said):
    with pytest.raises(ExpressionError, match=said):
        function_of(text, ["x"])


def test_the_command_prints_the_slide(capsys):
    assert main(["x*x*y + y + 2", "x=3", "y=4"]) == 0
    out = capsys.readouterr().out
    assert "n7 = n6 + n3  = 42" in out and out.rstrip().endswith("= 24")


def test_the_command_reads_programs_and_models(tmp_path, capsys):
    program = tmp_path / "program.py"
    program.write_text("import tensorflow as tf\ndef loss(w, x):\n    return tf.reduce_sum((w * x - 1) ** 2)\n")
    assert main([f"{program}:loss", "w=[1,2]", "x=3"]) == 0
    assert "∂f/∂w" in capsys.readouterr().out
    network(1).save(tmp_path / "m.keras")
    rows = tmp_path / "rows.csv"
    rows.write_text("a,b,c\n1,2,3\n")
    written = ["--html", str(tmp_path / "m.html"), "--svg", str(tmp_path / "m.svg")]
    assert main([str(tmp_path / "m.keras"), "--input", str(rows), *written]) == 0
    assert (tmp_path / "m.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    ElementTree.parse(tmp_path / "m.svg")


@pytest.mark.parametrize(("words", "said"), [
    (["x + 1", "x"], "write NAME=VALUE"), (["x + 1", "x=a"], "no number"), (["x + 1", "y=1"], "y does not appear"),
    (["none.py:f"], "There is no file 'none.py'"), (["none.keras", "--input", "r.csv"], "There is no file"),
    (["x + y", "x=1"], "'y'"),
    (["x + 1", "x=1", "--svg", "no/such/folder/a.svg"], "cannot be written"),
])  # fmt: skip
def test_faults_are_one_sentence(words, said, capsys):
    assert main(words) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
