"""Digits for the programs beside this file: real ones where THALWEG_DATA_DIR names them, else drawn ones."""

import os

import numpy as np


def load(n_train=4000, n_test=1000, one_hot=True):
    """Training images, labels, test images, labels; images `[n, 784]` from 0 to 1."""
    folder = os.environ.get("THALWEG_DATA_DIR")
    if folder and os.path.isdir(os.path.join(folder, "mnist")):
        from tensorflow.examples.tutorials.mnist import input_data

        data = input_data.read_data_sets(os.path.join(folder, "mnist"), one_hot=one_hot, seed=1)
        return data.train.images[:n_train], data.train.labels[:n_train], data.test.images[:n_test], data.test.labels[:n_test]
    random = np.random.RandomState(0)
    forms = (random.uniform(0, 1, (10, 7, 7)) > 0.75).repeat(4, axis=1).repeat(4, axis=2).reshape(10, 784)
    labels = random.randint(0, 10, n_train + n_test)
    images = np.clip(forms[labels] + random.normal(0, 0.3, (n_train + n_test, 784)), 0, 1).astype(np.float32)
    labels = np.eye(10, dtype=np.float32)[labels] if one_hot else labels
    return images[:n_train], labels[:n_train], images[n_train:], labels[n_train:]


def batches(images, labels, size, steps, seed=0):
    random = np.random.RandomState(seed)
    for _ in range(steps):
        rows = random.randint(0, len(images), size)
        yield images[rows], labels[rows]
