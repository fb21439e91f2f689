"""Boosted trees, by scikit-learn's gradient boosting: the same model, fitted on the whole of the input.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/estimator/BoostedTreesClassifier
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from thalweg.compat import v1 as tf
from thalweg.estimator.estimator import Estimator, _examples
from thalweg.estimator.types import RunConfig


class _Trees:
    """What both kinds share. The trees are kept in memory: nothing is written to `model_dir`."""

    def __init__(
        self, feature_columns: Any, n_batches_per_layer: int = 1, model_dir: Any = None, weight_column: Any = None,
        n_trees: int = 100,
        max_depth: int = 6, learning_rate: float = 0.1, l1_regularization: float = 0.0, l2_regularization: float = 0.0,
        tree_complexity: float = 0.0, min_node_weight: float = 0.0, config: Any = None, center_bias: bool = False, **_: Any,
    ):  # fmt: skip
        if l1_regularization or l2_regularization:
            raise ValueError("Boosted trees work without l1_regularization and l2_regularization: leave these out.")
        self._columns, self._config = list(feature_columns), config or RunConfig(model_dir)
        self._settings = {
            "n_estimators": n_trees, "max_depth": max_depth, "learning_rate": learning_rate,
            "random_state": self._config.tf_random_seed or 0,
        }  # fmt: skip
        self._weight_column = weight_column
        self._model: Any = None
        self._steps = 0

    def _make(self) -> Any:
        raise NotImplementedError

    def _batches(self, input_fn: Any, mode: str, limit: int | None) -> Iterator[Any]:
        with tf.Graph().as_default():
            features, labels, _ = Estimator._input(self, input_fn, mode)  # type: ignore[arg-type]
            columns = {c.name: c.dense(features) for c in self._columns}
            wanted = [tf.concat([columns[k] for k in sorted(columns)], 1)] + ([] if labels is None else [labels])
            if self._weight_column is not None and labels is not None:
                wanted.append(features[self._weight_column])
            with tf.Session() as session:
                session.run([tf.local_variables_initializer(), *tf.get_collection(tf.GraphKeys.TABLE_INITIALIZERS)])
                done = 0
                while limit is None or done < limit:
                    try:
                        yield session.run(wanted)
                    except tf.errors.OutOfRangeError:
                        return
                    done += 1

    params = property(lambda self: {})

    def _data(self, input_fn: Any, mode: str, limit: int | None) -> list[np.ndarray]:
        return [np.concatenate(column) for column in zip(*self._batches(input_fn, mode, limit))]

    def train(self, input_fn: Any, hooks: Any = None, steps: int | None = None, max_steps: int | None = None, **_: Any) -> Any:
        """Fit the trees on `steps` batches, or on all of the input."""
        x, y, *weights = self._data(input_fn, "train", steps or max_steps)
        self._model = self._make().fit(x, y.ravel(), weights[0].ravel() if weights else None)
        self._steps = int(self._model.n_estimators_)
        return self

    def _trained(self) -> Any:
        if self._model is None:
            raise ValueError("Could not find trained model: train it first.")
        return self._model

    def predict(self, input_fn: Any, predict_keys: Any = None, yield_single_examples: bool = True, **_: Any) -> Iterator[Any]:
        """The predictions, an example at a time (or a batch)."""
        for batch in self._batches(input_fn, "infer", None):
            found = self._predictions(batch[0])
            if predict_keys is not None:
                found = {k: v for k, v in found.items() if k in predict_keys}
            yield from _examples(found) if yield_single_examples else [found]

    def _predictions(self, x: np.ndarray) -> dict[str, np.ndarray]:
        raise NotImplementedError

    def experimental_feature_importances(self, normalize: bool = False) -> dict[str, float]:
        """How much each column counts."""
        values, found, at = self._trained().feature_importances_, {}, 0
        for c in sorted(self._columns, key=lambda c: c.name):
            found[c.name] = float(values[at : at + c.size].sum())
            at += c.size
        return dict(sorted(found.items(), key=lambda item: -item[1]))


class BoostedTreesClassifier(_Trees):
    """Trees that tell two classes apart."""

    def __init__(
        self, feature_columns: Any, n_batches_per_layer: int = 1, model_dir: Any = None, n_classes: int = 2, **kwargs: Any
    ):
        super().__init__(feature_columns, n_batches_per_layer, model_dir, **kwargs)
        self._classes = n_classes

    def _make(self) -> Any:
        from sklearn.ensemble import GradientBoostingClassifier

        return GradientBoostingClassifier(**self._settings)

    def _predictions(self, x: np.ndarray) -> dict[str, np.ndarray]:
        p = self._trained().predict_proba(x).astype(np.float32)
        ids = p.argmax(1)[:, None]
        logits = self._trained().decision_function(x).reshape(len(x), -1).astype(np.float32)
        return {"logits": logits, "logistic": p[:, 1:2], "probabilities": p, "class_ids": ids,
                "classes": np.array([[b"%d" % i] for i in ids.ravel()], object)}  # fmt: skip

    def evaluate(self, input_fn: Any, steps: int | None = None, **kwargs: Any) -> dict[str, Any]:
        """Accuracy, AUC, loss and the rest."""
        from sklearn import metrics

        x, y, *_ = self._data(input_fn, "eval", steps)
        y, p = y.ravel(), self._trained().predict_proba(x)
        found = {
            "accuracy": float((p.argmax(1) == y).mean()),
            "average_loss": float(metrics.log_loss(y, p)),
            "global_step": self._steps,
        }
        if p.shape[1] == 2:
            found |= {
                "auc": float(metrics.roc_auc_score(y, p[:, 1])), "accuracy_baseline": float(max(y.mean(), 1 - y.mean())),
                "precision": float(metrics.precision_score(y, p.argmax(1), zero_division=0)), "label/mean": float(y.mean()),
                "recall": float(metrics.recall_score(y, p.argmax(1), zero_division=0)), "prediction/mean": float(p[:, 1].mean()),
            }  # fmt: skip
        return found | {"loss": found["average_loss"]}


class BoostedTreesRegressor(_Trees):
    """Trees that give numbers."""

    def _make(self) -> Any:
        from sklearn.ensemble import GradientBoostingRegressor

        return GradientBoostingRegressor(**self._settings)

    def _predictions(self, x: np.ndarray) -> dict[str, np.ndarray]:
        return {"predictions": self._trained().predict(x).astype(np.float32)[:, None]}

    def evaluate(self, input_fn: Any, steps: int | None = None, **kwargs: Any) -> dict[str, Any]:
        """The loss and the means."""
        x, y, *_ = self._data(input_fn, "eval", steps)
        found, y = self._trained().predict(x), y.ravel()
        loss = float(np.mean((found - y) ** 2))
        return {"average_loss": loss, "loss": loss, "prediction/mean": float(found.mean()), "label/mean": float(y.mean()),
                "global_step": self._steps}  # fmt: skip


BoostedTreesEstimator = BoostedTreesClassifier
