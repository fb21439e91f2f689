"""`tf.contrib.slim`: the layers of `tf.contrib.layers` under their short names, with `arg_scope` and the training loop.

Source: https://github.com/google-research/tf-slim
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from thalweg.compat import v1 as tf
from thalweg.compat.v1 import losses as losses
from thalweg.contrib.framework import *  # noqa: F403
from thalweg.contrib.framework import (
    add_arg_scope as add_arg_scope,
    add_model_variable as add_model_variable,
    arg_scope as arg_scope,
    assign_from_checkpoint_fn as assign_from_checkpoint_fn,
    get_model_variables as get_model_variables,
    get_or_create_global_step as get_or_create_global_step,
    get_variables_to_restore as get_variables_to_restore,
    model_variable as model_variable,
    variable as variable,
)
from thalweg.contrib.layers import (
    avg_pool2d as avg_pool2d,
    batch_norm as batch_norm,
    bias_add as bias_add,
    conv1d as conv1d,
    conv2d as conv2d,
    conv2d_in_plane as conv2d_in_plane,
    conv2d_transpose as conv2d_transpose,
    conv3d as conv3d,
    convolution as convolution,
    convolution2d as convolution2d,
    dropout as dropout,
    flatten as flatten,
    fully_connected as fully_connected,
    l1_l2_regularizer as l1_l2_regularizer,
    l1_regularizer as l1_regularizer,
    l2_regularizer as l2_regularizer,
    layer_norm as layer_norm,
    max_pool2d as max_pool2d,
    maxout as maxout,
    one_hot_encoding as one_hot_encoding,
    pool as pool,
    repeat as repeat,
    separable_conv2d as separable_conv2d,
    separable_convolution2d as separable_convolution2d,
    softmax as softmax,
    stack as stack,
    unit_norm as unit_norm,
    variance_scaling_initializer as variance_scaling_initializer,
    xavier_initializer as xavier_initializer,
)
from thalweg.contrib.layers.collecting import end_points


def create_train_op(
    total_loss: Any, optimizer: Any, global_step: Any = None, update_ops: Any = None, variables_to_train: Any = None,
    clip_gradient_norm: float = 0, summarize_gradients: bool = False, gate_gradients: int = 1, aggregation_method: Any = None,
    colocate_gradients_with_ops: bool = False, gradient_multipliers: Any = None, check_numerics: bool = True,
) -> Any:  # fmt: skip
    """A tensor of the loss whose computing trains: runs the update operations, then a step of the optimizer."""
    if global_step is None:
        global_step = tf.train.get_or_create_global_step()
    wanted = tf.get_collection(tf.GraphKeys.UPDATE_OPS) if update_ops is None else list(update_ops)
    if wanted:
        with tf.control_dependencies(wanted):
            total_loss = tf.identity(total_loss)
    pairs = optimizer.compute_gradients(total_loss, variables_to_train)
    if gradient_multipliers:
        pairs = [
            (g if g is None else g * gradient_multipliers.get(v, gradient_multipliers.get(v.op.name, 1.0)), v) for g, v in pairs
        ]
    if clip_gradient_norm > 0:
        pairs = [(None if g is None else tf.clip_by_norm(g, clip_gradient_norm), v) for g, v in pairs]
    step = optimizer.apply_gradients(pairs, global_step=global_step)
    with tf.name_scope("train_op"):
        if check_numerics:
            total_loss = tf.check_numerics(total_loss, "LossTensor is inf or nan")
        with tf.control_dependencies([step]):
            return tf.identity(total_loss)


def _train(
    train_op: Any, logdir: Any, train_step_fn: Any = None, train_step_kwargs: Any = None, log_every_n_steps: int = 1,
    graph: Any = None, master: str = "", is_chief: bool = True, global_step: Any = None, number_of_steps: int | None = None,
    init_op: Any = None, init_feed_dict: Any = None, local_init_op: Any = None, init_fn: Any = None, ready_op: Any = None,
    summary_op: Any = None, save_summaries_secs: int = 600, summary_writer: Any = None, startup_delay_steps: int = 0,
    saver: Any = None, save_interval_secs: int = 600, sync_optimizer: Any = None, session_config: Any = None,
    session_wrapper: Any = None, trace_every_n_steps: Any = None, ignore_live_threads: bool = False,
) -> Any:  # fmt: skip
    """Train until `number_of_steps`, saving to `logdir`. Returns the last loss."""
    graph = graph or tf.get_default_graph()
    with graph.as_default():
        global_step = global_step if global_step is not None else tf.train.get_or_create_global_step()
        saver = saver or tf.train.Saver()
        runners = tf.get_collection(tf.GraphKeys.QUEUE_RUNNERS)
        with tf.Session(master, config=session_config) as session:
            latest = None if logdir is None else tf.train.latest_checkpoint(logdir)
            session.run(init_op if init_op is not None else tf.global_variables_initializer(), init_feed_dict)
            session.run([tf.local_variables_initializer(), tf.tables_initializer()])
            if latest:
                saver.restore(session, latest)
            elif init_fn is not None:
                init_fn(session)
            coordinator = tf.train.Coordinator()
            threads = tf.train.start_queue_runners(session, coordinator) if runners else []
            loss = None
            while number_of_steps is None or session.run(global_step) < number_of_steps:
                try:
                    loss = session.run(train_op)
                except tf.errors.OutOfRangeError:
                    break
                step = session.run(global_step)
                if log_every_n_steps and step % log_every_n_steps == 0:
                    tf.logging.info("global step %d: loss = %.4f", step, loss)
            coordinator.request_stop()
            coordinator.join(threads)
            if logdir is not None:
                tf.gfile.MakeDirs(logdir)
                saver.save(session, f"{logdir}/model.ckpt", global_step=global_step)
            return loss


learning = SimpleNamespace(train=_train, create_train_op=create_train_op)
utils = SimpleNamespace(convert_collection_to_dict=end_points)
