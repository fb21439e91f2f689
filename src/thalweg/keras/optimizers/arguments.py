"""The arguments that every optimizer takes, and what they must be."""

from __future__ import annotations

import difflib
import inspect
from typing import Any, TypedDict


class ArgumentsButDecay(TypedDict, total=False):
    """Arguments of the optimizers that have a `weight_decay` of their own."""

    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    loss_scale_factor: float | None
    gradient_accumulation_steps: int | None
    name: str | None
    lr: float
    decay: float
    jit_compile: bool


class CommonArguments(ArgumentsButDecay, total=False):
    """Arguments that every optimizer takes besides its own."""

    weight_decay: float | None


def refuse_unknown(cls: type, kwargs: dict[str, Any]) -> None:
    """Raise ValueError for arguments that `cls` does not take, naming the closest."""
    if not kwargs:
        return
    known = [*ArgumentsButDecay.__annotations__, *inspect.signature(cls).parameters]
    hints = [hint for argument in kwargs for hint in difflib.get_close_matches(argument, known, 1)]
    raise ValueError(
        f"Argument(s) not recognized by {cls.__name__}: {', '.join(map(repr, kwargs))}."
        + (f" Did you mean {', '.join(map(repr, hints))}?" if hints else "")
    )


def check_common(clipnorm: Any, clipvalue: Any, global_clipnorm: Any, accumulation_steps: Any) -> None:
    """Raise ValueError for settings that contradict each other."""
    if sum(argument is not None for argument in (clipnorm, clipvalue, global_clipnorm)) > 1:
        raise ValueError(
            "Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be set; "
            f"got clipnorm={clipnorm}, clipvalue={clipvalue}, global_clipnorm={global_clipnorm}."
        )
    if accumulation_steps and not accumulation_steps >= 2:
        raise ValueError(f"`gradient_accumulation_steps` must be an integer >= 2, got {accumulation_steps}.")


def check_average(momentum: float, frequency: Any) -> None:
    """Raise ValueError for settings that make no moving average."""
    if not 0 <= momentum <= 1:
        raise ValueError(f"`ema_momentum` must be in the range [0, 1], got {momentum}.")
    if frequency and (not isinstance(frequency, int) or frequency < 1):
        raise ValueError(f"`ema_overwrite_frequency` must be an integer >= 1 or None, got {frequency}.")
