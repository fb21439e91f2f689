"""`tf.config.threading`: numbers of threads, remembered; NumPy's and XLA's own settings decide."""

_counts = {"inter": 0, "intra": 0}


def get_inter_op_parallelism_threads() -> int:
    return _counts["inter"]


def get_intra_op_parallelism_threads() -> int:
    return _counts["intra"]


def set_inter_op_parallelism_threads(num_threads: int) -> None:
    _counts["inter"] = int(num_threads)


def set_intra_op_parallelism_threads(num_threads: int) -> None:
    _counts["intra"] = int(num_threads)
