"""What metrics do besides their numbers (`test_keras_leaves.py`): state, names, resolution, errors."""

import warnings

import numpy as np
import pytest

import thalweg as tf
from thalweg.keras import losses, metrics, naming, notes

LABELS = np.array([0, 1, 2, 2, 1, 0])
SCORES = np.array([[8, 1, 1], [1, 7, 2], [2, 2, 6], [1, 6, 3], [3, 4, 3], [2, 1, 7]], "float32") / 10


# -- the base class -----------------------------------------------------------------------------------------


class Count(metrics.Metric):
    def __init__(self, name="count", **kwargs):
        super().__init__(name=name, **kwargs)
        self.rows = self.add_weight(name="rows", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.rows.assign_add(tf.cast(tf.shape(y_true)[0], tf.float32))

    def result(self):
        return self.rows


def test_state_updates_result_reset():
    metric = Count()
    assert float(metric([1, 2], [1, 2])) == 2.0
    metric.update_state([1, 2, 3], [1, 2, 3])
    assert float(metric.result()) == 5.0
    metric.reset_state()
    assert float(metric.result()) == 0.0
    assert [variable is metric.rows for variable in metric.variables] == [True]
    assert not metric.rows.trainable
    assert metric.trainable_variables == []


def test_weights_in_either_generations_spelling():
    class Both(metrics.Metric):
        def __init__(self):
            super().__init__("both", "float32")  # Keras 2: name, dtype
            self.a = self.add_weight("a", (2,), initializer="ones")
            self.b = self.add_weight("b", initializer="zeros")
            self.c = self.add_weight(shape=(3,), name="c", dtype="int32")
            self.d = self.add_variable(shape=(), initializer="zeros", name="d")

    metric = Both()
    assert (metric.name, metric.dtype) == ("both", "float32")
    assert [tuple(variable.shape) for variable in metric.variables] == [(2,), (), (3,), ()]
    assert metric.c.dtype == tf.int32
    assert float(tf.reduce_sum(metric.a)) == 2.0
    assert metrics.Metric("float64", "n").dtype == "float64"


def test_variables_and_metrics_set_as_attributes_belong_to_it():
    class Outer(metrics.Metric):
        def __init__(self):
            self.setting = 3  # plain values may come before
            super().__init__()
            self.inner = metrics.Mean()
            self.others = [metrics.Sum(), metrics.Sum()]
            self.own = tf.Variable(1.0)

    metric = Outer()
    assert len(metric.variables) == 1 + 2 + 1 + 1
    metric.inner.update_state([4.0])
    metric.reset_state()
    assert float(metric.inner.result()) == 0.0
    with pytest.raises(RuntimeError, match="super"):
        type("Late", (metrics.Metric,), {"__init__": lambda self: self.add_weight(name="a")})()


def test_reset_states_of_old_metrics_is_called():
    class Old(Count):
        def reset_states(self):
            self.rows.assign(-1.0)

    metric = Old()
    metric.reset_state()
    assert float(metric.result()) == -1.0
    fresh = Count()
    fresh.update_state([1], [1])
    fresh.reset_states()
    assert float(fresh.result()) == 0.0


def test_merge_state():
    parts = [metrics.Mean(), metrics.Mean()]
    parts[0].update_state([1.0, 2.0])
    parts[1].update_state([6.0])
    total = metrics.Mean()
    total.merge_state(parts)
    assert float(total.result()) == 3.0
    with pytest.raises(ValueError, match="another kind"):
        total.merge_state([metrics.Sum()])


def test_names():
    naming.reset()
    assert [metrics.AUC().name, metrics.AUC().name, metrics.Precision().name] == ["auc", "auc_1", "precision"]
    assert repr(metrics.Mean()) == "<Mean name=mean>"
    with pytest.raises(TypeError, match="speed"):
        Count(speed=3)


def test_state_lives_through_a_compiled_step():
    mean, accuracy, f1 = metrics.Mean(), metrics.SparseCategoricalAccuracy(), metrics.F1Score(average="macro")

    @tf.function
    def step(labels, scores):
        mean.update_state(tf.reduce_sum(scores, axis=-1))
        accuracy.update_state(labels, scores)
        f1.update_state(labels, scores)
        return accuracy.result()

    step(LABELS[:3], SCORES[:3])
    last = step(LABELS[3:], SCORES[3:])
    assert float(last) == float(accuracy.result()) == pytest.approx(4 / 6)
    assert float(mean.result()) == pytest.approx(1.0)
    assert float(mean.count) == 6.0
    eager = metrics.F1Score(average="macro")
    assert float(f1.result()) == pytest.approx(float(eager(LABELS, SCORES)))


def test_results_are_snapshots():
    metric = metrics.Sum()
    before = metric([1.0])
    metric.update_state([1.0])
    assert (float(before), float(metric.result())) == (1.0, 2.0)
    counts = metrics.TruePositives(thresholds=[0.2, 0.8])
    before = counts([1.0], [0.5])
    counts.update_state([1.0], [0.9])
    assert before.numpy().tolist() == [1.0, 0.0]


# -- masks and weights --------------------------------------------------------------------------------------


def test_masked_predictions_do_not_count():
    scores = tf.constant(SCORES)
    notes.set_mask(scores, tf.constant([True, True, True, False, False, False]))
    assert float(metrics.SparseCategoricalAccuracy()(LABELS, scores)) == 1.0
    assert float(metrics.SparseCategoricalAccuracy()(LABELS, scores, sample_weight=np.full(6, 2.0))) == 1.0


def test_scalar_weights_and_empty_metrics():
    assert float(metrics.Mean()([1.0, 3.0], sample_weight=0.5)) == 2.0
    assert float(metrics.Mean().result()) == 0.0
    for name in ("F1Score", "R2Score", "MeanTensor"):
        with pytest.raises(ValueError, match="seen nothing"):
            getattr(metrics, name)().result()


# -- per class ----------------------------------------------------------------------------------------------


def test_class_numbers_are_as_good_as_one_hot_labels():
    one_hot = np.eye(3, dtype="float32")[LABELS]
    for labels in (LABELS, LABELS[:, None], LABELS.astype("float32")):
        np.testing.assert_array_equal(metrics.F1Score()(labels, SCORES), metrics.F1Score()(one_hot, SCORES))


def test_confusion_matrix():
    expected = [[1, 0, 1], [0, 2, 0], [0, 1, 1]]
    one_hot = np.eye(3, dtype="float32")[LABELS]
    for labels in (LABELS, LABELS[:, None], one_hot):
        for predictions in (SCORES, SCORES.argmax(-1)):
            matrix = metrics.ConfusionMatrix(3)
            assert matrix(labels, predictions).numpy().tolist() == expected
    np.testing.assert_allclose(matrix.precision(), [1, 2 / 3, 1 / 2], rtol=1e-6)
    np.testing.assert_allclose(matrix.recall(), [1 / 2, 1, 1 / 2], rtol=1e-6)
    np.testing.assert_allclose(matrix.f1(), metrics.F1Score()(LABELS, SCORES), rtol=1e-6)
    weighted = metrics.ConfusionMatrix(3, dtype="float32")
    assert float(tf.reduce_sum(weighted(LABELS, SCORES, np.full(6, 0.5)))) == 3.0


def test_confusion_matrix_agrees_with_scikit_learn():
    sklearn_metrics = pytest.importorskip("sklearn.metrics")
    random = np.random.RandomState(0)
    labels, scores = random.randint(0, 4, 50), random.rand(50, 4).astype("float32")
    matrix = metrics.ConfusionMatrix(4)
    ours = matrix(labels, scores).numpy()
    calls = scores.argmax(1)
    np.testing.assert_array_equal(ours, sklearn_metrics.confusion_matrix(labels, calls))
    for average in (None, "micro", "macro", "weighted"):
        theirs = sklearn_metrics.f1_score(labels, calls, average=average)
        np.testing.assert_allclose(metrics.F1Score(average)(labels, scores), theirs, rtol=1e-5)


def test_fractions_of_weights_in_an_integer_matrix_are_told():
    with pytest.warns(UserWarning, match='dtype="float32"'):
        metrics.MeanIoU(3)(LABELS, LABELS, sample_weight=np.full(6, 0.5))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        metrics.MeanIoU(3, dtype="float32")(LABELS, LABELS, sample_weight=np.full(6, 0.5))


# -- by name ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "labels", "output", "expected"),
    [
        ("accuracy", (None, 1), (None, 1), "BinaryAccuracy"), ("acc", (None,), (None, 5), "SparseCategoricalAccuracy"),
        ("accuracy", (None, 1), (None, 5), "SparseCategoricalAccuracy"), ("Accuracy", (None, 5), (None, 5), "CategoricalAccuracy"),
        ("accuracy", (None, 7), (None, 7, 5), "SparseCategoricalAccuracy"),
        ("ce", (None, 1), (None, 1), "BinaryCrossentropy"), ("crossentropy", (None, 1), (None, 5), "SparseCategoricalCrossentropy"),
        ("crossentropy", (None, 5), (None, 5), "CategoricalCrossentropy"), ("mse", (None, 1), (None, 1), "MeanSquaredError"),
        ("AUC", (None, 1), (None, 1), "AUC"), ("f1_score", (None, 5), (None, 5), "F1Score"),
        ("huber", (None, 1), (None, 1), "MeanMetricWrapper"),
    ],
)  # fmt: skip
def test_resolve_metric_by_name(name, labels, output, expected):
    metric = metrics.resolve_metric(name, labels, output)
    assert (type(metric).__name__, metric.name) == (expected, name)


def test_resolve_metric():
    def own(y_true, y_pred):
        return tf.reduce_mean(y_true - y_pred, axis=-1)

    auc = metrics.AUC(name="mine")
    assert metrics.resolve_metric(auc, (None, 1), (None, 1)) is auc
    assert metrics.resolve_metric(own, (None, 1), (None, 1)).name == "own"
    assert type(metrics.resolve_metric(metrics.Precision, (None, 1), (None, 1))) is metrics.Precision
    assert metrics.resolve_metric(losses.Huber(2.0), (None, 1), (None, 1)).name == "huber_loss"
    logits = losses.SparseCategoricalCrossentropy(from_logits=True)
    assert metrics.resolve_metric("ce", (None, 1), (None, 5), logits).from_logits
    with pytest.raises(ValueError, match="None"):
        metrics.resolve_metric(None, (None, 1), (None, 1))
    with pytest.raises(ValueError, match="Did you mean 'accuracy'"):
        metrics.resolve_metric("acuracy", (None, 1), (None, 1))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: metrics.Precision(thresholds=[0.5, 1.5]), "between 0 and 1"),
        (lambda: metrics.AUC(num_thresholds=1), "num_thresholds"),
        (lambda: metrics.AUC(curve="round"), "'ROC'"),
        (lambda: metrics.AUC(summation_method="some"), "interpolation"),
        (lambda: metrics.AUC(num_labels=3), "multi_label"),
        (lambda: metrics.F1Score(average="some"), "macro"),
        (lambda: metrics.FBetaScore(beta=-1.0), "beta"),
        (lambda: metrics.F1Score(threshold=2.0), "threshold"),
        (lambda: metrics.IoU(2, [2]), "Class 2"),
        (lambda: metrics.R2Score(num_regressors=-1), "num_regressors"),
        (lambda: metrics.R2Score(class_aggregation="some"), "class_aggregation"),
        (lambda: metrics.PrecisionAtRecall(1.5), "recall"),
        (lambda: metrics.Precision()(LABELS, SCORES), "one-hot"),
        (lambda: metrics.Precision(class_id=1)([0.0], [1.0]), "class_id"),
        (lambda: metrics.AUC(multi_label=True)([0.0], [1.0]), "multi_label"),
        (lambda: metrics.F1Score()(np.zeros((2, 3, 4)), np.zeros((2, 3, 4))), "batch, classes"),
    ],
)
def test_wrong_settings_are_told(make, message):
    with pytest.raises(ValueError, match=message):
        make()
