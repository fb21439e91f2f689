"""Regular expressions in RE2's syntax, run by Python's `re`.

Source: https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

import functools
import re
import sys
import unicodedata
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.dispatch import dispatchable
from thalweg.engine.core.registry import Sample, op
from thalweg.engine.ops.strings import WORDS, S, each

_POSIX = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": r"\x00-\x7f", "blank": r"\t ", "cntrl": r"\x00-\x1f\x7f", "digit": "0-9",
    "graph": "!-~", "lower": "a-z", "print": " -~", "punct": r"!-/:-@\[-`{-~", "space": r"\t\n\v\f\r ", "upper": "A-Z",
    "word": "0-9A-Za-z_", "xdigit": "0-9A-Fa-f",
}  # fmt: skip


@functools.cache
def _category(name: str) -> str:
    """The characters of a Unicode category, for a class."""
    found = [i for i in range(sys.maxunicode + 1) if unicodedata.category(chr(i)).startswith(name)]
    if not found:
        raise errors.invalid(f"Invalid pattern: there is no character class {name!r}; scripts are not offered.")
    ranges, start = [], found[0]
    for a, b in zip(found, [*found[1:], -1]):
        if b != a + 1:
            ranges.append(f"\\U{start:08x}-\\U{a:08x}")
            start = b
    return "".join(ranges)


def _class_escape(pattern: str, at: int) -> tuple[str, int, bool] | None:
    """`\\pL`, `\\p{Greek}`, `\\PL` at a place: the characters, where it ends, whether it is negated."""
    m = re.compile(r"\\([pP])(?:\{(\^?)(\w+)\}|(\w))").match(pattern, at)
    if m is None:
        return None
    return _category(m[3] or m[4]), m.end(), (m[1] == "P") != (m[2] == "^")


@functools.lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern. Raises InvalidArgumentError for one that RE2 or Python does not have."""
    try:
        return re.compile(_translated(pattern), re.ASCII)
    except (re.error, OverflowError) as error:
        raise errors.invalid(f"Invalid pattern: {pattern}, error: {error}") from None


def _translated(pattern: str) -> str:
    out, at, n = [], 0, len(pattern)
    lines = re.match(r"\(\?[a-zA-Z]*m", pattern) is not None
    while at < n:
        c = pattern[at]
        if c == "\\":
            special = _class_escape(pattern, at)
            if special is not None:
                characters, at, negated = special
                out.append(f"[{'^' if negated else ''}{characters}]")
            elif pattern.startswith(r"\Q", at):
                end = pattern.find(r"\E", at)
                end = n if end < 0 else end
                out.append(re.escape(pattern[at + 2 : end]))
                at = end + 2
            elif pattern[at + 1 : at + 2] in "123456789" and at + 1 < n:
                raise errors.invalid(f"Invalid pattern: {pattern}, error: invalid escape sequence: {pattern[at:at + 2]}")
            else:
                out.append({"\\z": r"\Z", "\\C": r"[\s\S]", "\\a": r"\x07"}.get(pattern[at : at + 2], pattern[at : at + 2]))
                at += 2
        elif c == "[":
            part, at = _translated_class(pattern, at)
            out.append(part)
        elif c == "$" and not lines:
            out.append(r"\Z")
            at += 1
        elif pattern.startswith(("(?=", "(?!", "(?<=", "(?<!"), at):
            raise errors.invalid(f"Invalid pattern: {pattern}, error: invalid perl operator: {pattern[at:at + 3]}")
        elif pattern.startswith("(?<", at):
            out.append("(?P<")
            at += 3
        else:
            out.append(c)
            at += 1
    return "".join(out)


def _translated_class(pattern: str, at: int) -> tuple[str, int]:
    """`[...]` from a place on, and where it ends."""
    out, at = ["["], at + 1
    if pattern[at : at + 1] == "^":
        out.append("^")
        at += 1
    first = True
    while at < len(pattern) and (pattern[at] != "]" or first):
        posix = re.compile(r"\[:(\w+):\]").match(pattern, at)
        special = _class_escape(pattern, at)
        if posix is not None and posix[1] in _POSIX:
            out.append(_POSIX[posix[1]])
            at = posix.end()
        elif special is not None:
            characters, at, negated = special
            if negated:
                raise errors.invalid(f"Invalid pattern: {pattern}, error: a negated class within brackets is not offered.")
            out.append(characters)
        elif pattern[at] == "\\":
            out.append(pattern[at : at + 2])
            at += 2
        else:
            out.append("\\" + pattern[at] if pattern[at] in "[&~|" or (first and pattern[at] == "]") else pattern[at])
            at += 1
        first = False
    return "".join(out) + "]", at + 1


def _template(rewrite: str) -> str:
    """A replacement: RE2 has only `\\0` to `\\9` and `\\\\`."""
    out, at = [], 0
    while at < len(rewrite):
        c = rewrite[at]
        if c == "\\":
            follows = rewrite[at + 1 : at + 2]
            if follows.isdigit():
                out.append(f"\\g<{follows}>")
            elif follows == "\\":
                out.append("\\\\")
            else:
                raise errors.invalid(f"Invalid rewrite pattern: {rewrite}")
            at += 2
        else:
            out.append(c)
            at += 1
    return "".join(out)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


def _replaced(input: Any, pattern: str, rewrite: str, replace_global: bool) -> np.ndarray:
    expression, template = compiled(pattern), _template(rewrite)
    if any(int(i) > expression.groups for i in re.findall(r"\\g<(\d)>", template)):
        raise errors.invalid(f"Invalid rewrite pattern: {rewrite}: the pattern has {expression.groups} groups.")
    count = 0 if replace_global else 1
    return each(input, lambda v: expression.sub(template, _text(v), count=count).encode("utf-8", "surrogateescape"))


def _scalar(value: Any, what: str) -> str:
    if value.ndim:
        raise errors.invalid(f"{what} must be scalar, but received {list(value.shape)}")
    return _text(value.item())


_EXAMPLE = (WORDS, np.array(b"l+", object), np.array(b"<\\0>", object))


@op("RegexReplace", types=(S, S, S), out=S, shape=lambda x, *_, **__: x, host=True, elementwise=True, samples=[Sample(*_EXAMPLE)])
def regex_replace_op(xp: Any, input: Any, pattern: Any, rewrite: Any, *, replace_global: bool = True) -> Any:
    return _replaced(input, _scalar(pattern, "Pattern"), _scalar(rewrite, "Rewrite"), replace_global)


@dispatchable
def regex_replace(input: Any, pattern: Any, rewrite: Any, replace_global: bool = True, name: str | None = None) -> Any:
    """Strings with what matches a pattern replaced; `\\1` in `rewrite` stands for its first group, `\\0` for all of it.

    The syntax is RE2's, without Unicode scripts. Raises InvalidArgumentError for a wrong pattern.

    >>> tf.strings.regex_replace("Text with tags.<br /><b>contains html</b>", "<[^>]+>", " ").numpy()
    b'Text with tags.  contains html '
    """
    return regex_replace_op(input, pattern, rewrite, replace_global=replace_global, name=name)


@op("RegexFullMatch", types=(S, S), out=dtypes.bool, shape=lambda x, *_, **__: x, host=True, elementwise=True,
    samples=[Sample(*_EXAMPLE[:2])])
def regex_full_match_op(xp: Any, input: Any, pattern: Any) -> Any:
    expression = compiled(_scalar(pattern, "Pattern"))
    return np.array([expression.fullmatch(_text(v)) is not None for v in input.ravel().tolist()], bool).reshape(input.shape)


@dispatchable
def regex_full_match(input: Any, pattern: Any, name: str | None = None) -> Any:
    """Whether each string matches a pattern, the whole of it.

    >>> tf.strings.regex_full_match(["TF lib", "lib TF"], ".*TF").numpy()
    array([False,  True])
    """
    return regex_full_match_op(input, pattern, name=name)


