"""The updates of TensorFlow 1's optimizers: a rule each, as an op for dense gradients and one for gradients of rows.

A rule takes the variable, its slots, the gradient and the settings, and gives the variable and its slots anew. An op of
rows applies it to the rows that `indices` names alone; the gradients of a row that is named twice are summed first.
Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops (ApplyAdam and its kin)
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes
from thalweg.engine.core.registry import FLOAT, INDEX, RESOURCE, Op, register
from thalweg.engine.ops.state import _check_rows, _value

_INTEGERS = {"global_step": dtypes.int64}


def _ops(name: str, slots: int, gradient: str = "grad") -> Callable[[Callable[..., Any]], tuple[Op, Op]]:
    """Decorator: a rule as `Apply...` and `SparseApply...`. Both write the cells and give nothing back."""

    def make(rule: Callable[..., Any]) -> tuple[Op, Op]:
        signature = inspect.signature(rule)
        parameters = list(signature.parameters.values())
        inputs = [p.name for p in parameters[1:] if p.kind is p.POSITIONAL_OR_KEYWORD]
        at = inputs.index(gradient)
        states = 1 + slots

        @functools.wraps(rule)
        def dense(xp: Any, *args: Any, use_locking: bool = False, **attrs: Any) -> None:
            values = [_value(xp, cell) for cell in args[:states]]
            for cell, value in zip(args, rule(xp, *values, *args[states:], **attrs)):
                cell.value = value

        def sparse(xp: Any, *args: Any, use_locking: bool = False, **attrs: Any) -> None:
            cells, rest = args[:states], list(args[states:])
            indices = rest.pop(at + 1 - states)
            values = [_value(xp, cell) for cell in cells]
            rows, rest[at - states] = _summed_rows(xp, rest[at - states], indices, values[0].shape[0])
            new = rule(xp, *[_take(xp, value, rows) for value in values], *rest, **attrs)
            for cell, value, part in zip(cells, values, new):
                cell.value = _put(xp, value, rows, part)

        P = inspect.Parameter
        locking = P("use_locking", P.KEYWORD_ONLY, default=False)
        more = P("indices", P.POSITIONAL_OR_KEYWORD)
        dense.__signature__ = signature.replace(parameters=[*parameters, locking])  # type: ignore[attr-defined]
        sparse.__signature__ = signature.replace(parameters=[*parameters[: at + 2], more, *parameters[at + 2 :], locking])  # type: ignore[attr-defined]
        types = [RESOURCE] * states + [_INTEGERS.get(n, "T") for n in inputs[states:]]
        nothing = lambda *_, **__: ()
        common: dict[str, Any] = {"dtypes": FLOAT, "out": (), "shape": nothing, "writes": True}
        first = Op(dense, f"Apply{name}", types=tuple(types), **common)
        second = Op(sparse, f"SparseApply{name}", types=(*types[: at + 1], "I", *types[at + 1 :]), where={"I": INDEX}, **common)
        return register(first), register(second)

    return make


def _summed_rows(xp: Any, values: Any, indices: Any, count: int) -> tuple[Any, Any]:
    """Each row number once, and the sum of its gradients. Under XLA the rest of the numbers points outside."""
    flat = indices.reshape(-1)
    values = values.reshape((flat.shape[0], *values.shape[indices.ndim :]))
    if xp is np:
        _check_rows(flat, count)
        rows, where = np.unique(flat, return_inverse=True)
        if len(rows) == len(flat):
            return flat, values
        summed = np.zeros((len(rows), *values.shape[1:]), values.dtype)
        np.add.at(summed, where, values)
        return rows, summed
    rows, where = xp.unique(flat, return_inverse=True, size=max(flat.shape[0], 1), fill_value=count)
    return rows, xp.zeros((rows.shape[0], *values.shape[1:]), values.dtype).at[where].add(values)


def _take(xp: Any, value: Any, rows: Any) -> Any:
    return value[rows] if xp is np else xp.asarray(value).at[rows].get(mode="fill", fill_value=1)


def _put(xp: Any, value: Any, rows: Any, part: Any) -> Any:
    if xp is not np:
        return xp.asarray(value).at[rows].set(part, mode="drop")
    new = np.array(value)
    new[rows] = part
    return new


# -- the rules -----------------------------------------------------------------------------------------------


@_ops("GradientDescent", slots=0, gradient="delta")
def _gradient_descent(xp: Any, var: Any, alpha: Any, delta: Any) -> Any:
    return (var - alpha * delta,)


@_ops("Momentum", slots=1)
def _momentum(xp: Any, var: Any, accum: Any, lr: Any, grad: Any, momentum: Any, *, use_nesterov: bool = False) -> Any:
    accum = accum * momentum + grad
    return var - (grad * lr + accum * (momentum * lr) if use_nesterov else accum * lr), accum


@_ops("Adam", slots=2)
def _adam(
    xp: Any, var: Any, m: Any, v: Any, beta1_power: Any, beta2_power: Any, lr: Any, beta1: Any, beta2: Any, epsilon: Any,
    grad: Any, *, use_nesterov: bool = False,
) -> Any:  # fmt: skip
    one = var.dtype.type(1)
    rate = lr * xp.sqrt(one - beta2_power) / (one - beta1_power)
    m = m + (grad - m) * (one - beta1)
    v = v + (grad * grad - v) * (one - beta2)
    direction = m * beta1 + (one - beta1) * grad if use_nesterov else m
    return var - direction * rate / (xp.sqrt(v) + epsilon), m, v


@_ops("Adagrad", slots=1)
def _adagrad(xp: Any, var: Any, accum: Any, lr: Any, grad: Any, *, update_slots: bool = True) -> Any:
    if update_slots:
        accum = accum + grad * grad
    return var - lr * grad / xp.sqrt(accum), accum


@_ops("AdagradDA", slots=2)
def _adagrad_da(
    xp: Any, var: Any, gradient_accumulator: Any, gradient_squared_accumulator: Any, grad: Any, lr: Any, l1: Any, l2: Any,
    global_step: Any,
) -> Any:  # fmt: skip
    total = gradient_accumulator + grad
    squares = gradient_squared_accumulator + grad * grad
    step = global_step.astype(var.dtype)
    shrunk = xp.where(l1 > 0, xp.sign(total) * xp.maximum(xp.abs(total) - l1 * step, var.dtype.type(0)), total)
    return -lr * shrunk / (l2 * step * lr + xp.sqrt(squares)), total, squares


@_ops("Adadelta", slots=2)
def _adadelta(xp: Any, var: Any, accum: Any, accum_update: Any, lr: Any, rho: Any, epsilon: Any, grad: Any) -> Any:
    rest = var.dtype.type(1) - rho
    accum = accum * rho + grad * grad * rest
    update = xp.sqrt(accum_update + epsilon) / xp.sqrt(accum + epsilon) * grad
    return var - update * lr, accum, accum_update * rho + update * update * rest


@_ops("RMSProp", slots=2)
def _rms_prop(xp: Any, var: Any, ms: Any, mom: Any, lr: Any, rho: Any, momentum: Any, epsilon: Any, grad: Any) -> Any:
    ms = ms + (grad * grad - ms) * (var.dtype.type(1) - rho)
    mom = mom * momentum + grad * lr / xp.sqrt(ms + epsilon)
    return var - mom, ms, mom


@_ops("CenteredRMSProp", slots=3)
def _centered_rms_prop(
    xp: Any, var: Any, mg: Any, ms: Any, mom: Any, lr: Any, rho: Any, momentum: Any, epsilon: Any, grad: Any
) -> Any:
    rest = var.dtype.type(1) - rho
    ms = ms + (grad * grad - ms) * rest
    mg = mg + (grad - mg) * rest
    mom = mom * momentum + grad * lr / xp.sqrt(ms - mg * mg + epsilon)
    return var - mom, mg, ms, mom


def _follow_the_leader(
    xp: Any, var: Any, accum: Any, linear: Any, grad: Any, pull: Any, lr: Any, l1: Any, l2: Any, lr_power: Any
) -> Any:
    """One step of FTRL-proximal; `pull` is the gradient with shrinkage, `grad` the one whose squares are summed."""
    squares = accum + grad * grad
    power = squares ** (-lr_power)
    linear = linear + pull - (power - accum ** (-lr_power)) / lr * var
    new = (l1 * xp.sign(linear) - linear) / (power / lr + l2 + l2)
    return xp.where(xp.abs(linear) > l1, new, var.dtype.type(0)), squares, linear


@_ops("Ftrl", slots=2)
def _ftrl(xp: Any, var: Any, accum: Any, linear: Any, grad: Any, lr: Any, l1: Any, l2: Any, lr_power: Any) -> Any:
    return _follow_the_leader(xp, var, accum, linear, grad, grad, lr, l1, l2, lr_power)


@_ops("FtrlV2", slots=2)
def _ftrl_v2(
    xp: Any, var: Any, accum: Any, linear: Any, grad: Any, lr: Any, l1: Any, l2: Any, l2_shrinkage: Any, lr_power: Any
) -> Any:
    pull = grad + (l2_shrinkage + l2_shrinkage) * var
    return _follow_the_leader(xp, var, accum, linear, grad, pull, lr, l1, l2, lr_power)


def _shrunk(xp: Any, x: Any, rate: Any, l1: Any, l2: Any) -> Any:
    """The proximal point of `x` for the L1 and L2 penalties."""
    return xp.sign(x) * xp.maximum(xp.abs(x) - rate * l1, x.dtype.type(0)) / (x.dtype.type(1) + l2 * rate)


@_ops("ProximalGradientDescent", slots=0, gradient="delta")
def _proximal_gradient_descent(xp: Any, var: Any, alpha: Any, l1: Any, l2: Any, delta: Any) -> Any:
    return (_shrunk(xp, var - alpha * delta, alpha, l1, l2),)


@_ops("ProximalAdagrad", slots=1)
def _proximal_adagrad(xp: Any, var: Any, accum: Any, lr: Any, l1: Any, l2: Any, grad: Any) -> Any:
    accum = accum + grad * grad
    rate = lr / xp.sqrt(accum)
    return _shrunk(xp, var - grad * rate, rate, l1, l2), accum
