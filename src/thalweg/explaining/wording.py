"""Numbers, formulas and sums in words: what the text, the picture and the page share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from thalweg.explaining.explanation import Explanation, Node, Part

_FEW = 4  # as many numbers are written out; of more, what they are like

# How an op is written where it has a sign; others are written as functions of their inputs.
_SIGNS = {
    "AddV2": "{} + {}", "Add": "{} + {}", "BiasAdd": "{} + {}", "Sub": "{} - {}", "Mul": "{} * {}", "RealDiv": "{} / {}",
    "Pow": "{} ^ {}", "Neg": "-{}", "Square": "{} ^ 2",
    "MatMul": "{} @ {}", "BatchMatMulV2": "{} @ {}", "Identity": "{}", "Reciprocal": "1 / {}",
    "FloorDiv": "{} // {}", "FloorMod": "{} % {}", "SquaredDifference": "({} - {}) ^ 2",
}  # fmt: skip
_PLAIN_SETTINGS = ("T", "name", "dtype", "data_format", "use_cudnn_on_gpu", "explicit_paddings", "keep_dims", "Tidx")


def number(x: Any) -> str:
    """One number, to five digits."""
    if isinstance(x, (bool, np.bool_)):
        return str(bool(x))
    if isinstance(x, (bytes, str)):
        return repr(x)
    if isinstance(x, (int, np.integer)):
        return str(x)
    return f"{x:.5g}"


def shape(x: np.ndarray) -> str:
    return "x".join(map(str, x.shape)) or "scalar"


def amount(x: np.ndarray) -> str:
    """A value for a line: a number, a few of them, or the shape and the mean of many."""
    if not x.ndim:
        return number(x[()])
    if x.size <= _FEW and x.ndim == 1:
        return "[" + ", ".join(map(number, x)) + "]"
    if not x.size or x.dtype.kind not in "fcV":
        return f"{shape(x)} {x.dtype.name}"
    return f"{shape(x)}, mean {number(np.mean(x, dtype=np.complex128 if x.dtype.kind == 'c' else np.float64))}"


def statistics(x: np.ndarray) -> dict[str, str]:
    """What many numbers are like: mean, spread, extremes, length and how many are zero. Empty for a scalar and for text."""
    if not x.size or not x.ndim or x.dtype.kind not in "fiuV":
        return {}
    wide = x.astype(np.float64)
    with np.errstate(all="ignore"):
        facts = {
            "mean": number(wide.mean()), "std": number(wide.std()), "min": number(wide.min()), "max": number(wide.max()),
            "norm": number(np.sqrt((wide * wide).sum())), "zeros": f"{(wide == 0).mean():.0%}",
        }  # fmt: skip
    lost = int((~np.isfinite(wide)).sum())
    return {"shape": shape(x), **facts, **({"not finite": str(lost)} if lost else {})}


def formula(node: Node, nodes: list[Node]) -> str:
    """How a node is made of others, by their short names; a source's own name."""
    if node.kind != "step":
        return node.title if node.kind != "constant" else ""
    names = [nodes[i - 1].label for i in node.inputs]
    if node.op in _SIGNS and len(names) == _SIGNS[node.op].count("{}"):
        turned = [n + "ᵀ" * bool(node.given.get(f"transpose_{side}") or node.given.get(f"adj_{'xy'[i]}"))
                  for i, (n, side) in enumerate(zip(names, "ab"))] if "@" in _SIGNS[node.op] else names  # fmt: skip
        return _SIGNS[node.op].format(*turned)
    return f"{node.op}({', '.join(names + settings(node))})"


def settings(node: Node) -> list[str]:
    """An op's settings that say something."""
    said = {k: _setting(v) for k, v in node.given.items() if k not in _PLAIN_SETTINGS and not callable(v)}
    return [f"{k}={text}" for k, text in said.items() if text not in ("None", "", "False", "()", "[]") and len(text) <= 24][:3]


def _setting(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return str(value.tolist())
    return getattr(value, "name", None) or (value.decode(errors="replace") if isinstance(value, bytes) else str(value))


def by(node: Node) -> str:
    """The derivative of the result by a node: what it is called."""
    return f"∂f/∂{node.title if node.kind in ('input', 'variable') else node.label}"


def term(part: Part, node: Node, nodes: list[Node]) -> tuple[str, str]:
    """One term of the chain rule, in names and in numbers."""
    consumer = nodes[part.consumer - 1]
    names = f"{by(consumer)} · ∂{consumer.label}/∂{node.label}"
    if part.local is None or consumer.derivative is None:
        return names, amount(part.value)
    return names, f"{number(consumer.derivative[()])} · {number(part.local[()])}"


def sweeps(explanation: Explanation) -> str:
    """The text of an explanation."""
    nodes = explanation.nodes
    lines = ["Forward"]
    rows = [(n.label, formula(n, nodes), amount(n.value), n.name if n.kind == "step" and n.scope else "") for n in nodes]
    wide = [max(len(row[i]) for row in rows) for i in range(3)]
    for label, made, value, name in rows:
        lines.append(f"  {label:<{wide[0]}} = {made:<{wide[1]}}  = {value:<{wide[2]}}  {name}".rstrip() if made
                     else f"  {label:<{wide[0]}} = {'':<{wide[1]}}    {value}".rstrip())  # fmt: skip
    lines += ["", "Backward"]
    for node in explanation.backward:
        if node.number in explanation.targets and not node.parts:
            lines.append(f"  {by(node)} = {amount(node.derivative)}")  # type: ignore[arg-type]
            continue
        terms = [term(p, node, nodes) for p in node.parts]
        lines.append(f"  {by(node)} = {' + '.join(t[0] for t in terms)}")
        if any(p.local is not None for p in node.parts) or len(terms) > 1:
            lines.append(f"    = {' + '.join(t[1] for t in terms)}")
        lines.append(f"    = {amount(node.derivative)}")  # type: ignore[arg-type]
    return "\n".join(lines)
