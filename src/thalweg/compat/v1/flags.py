"""`tf.flags` and `tf.app.flags`: command-line flags, as absl has them.

Flags are read from the command line at the first look at one, or by `tf.app.run`.
Source: https://abseil.io/docs/python/guides/flags
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any


class Error(Exception):
    """What is wrong with flags."""


class IllegalFlagValueError(Error):
    """A flag's value is not of its kind."""


class UnrecognizedFlagError(Error):
    """The command line names a flag that is not defined."""


class UnparsedFlagAccessError(Error, AttributeError):
    """A flag that is not defined was asked for."""


class _Flag:
    def __init__(self, name: str, default: Any, help: str, parse: Callable[[str], Any], boolean: bool = False):
        self.name, self.default, self.help, self.parse, self.boolean = name, default, help, parse, boolean
        self.value, self.present, self.required = default, 0, False

    def read(self, text: str) -> None:
        try:
            self.value = self.parse(text)
        except ValueError as error:
            raise IllegalFlagValueError(f"flag --{self.name}={text}: {error}") from None
        self.present += 1


class FlagValues:
    """All flags: `FLAGS.name` gives a flag's value."""

    def __init__(self) -> None:
        object.__setattr__(self, "_flags", {})
        object.__setattr__(self, "_parsed", False)

    def __call__(self, argv: list[str], known_only: bool = False) -> list[str]:
        """Read flags from a command line (its first word is the program). Returns what is left, the program first."""
        object.__setattr__(self, "_parsed", True)
        rest, words = argv[:1], list(argv[1:])
        while words:
            word = words.pop(0)
            if word == "--":
                rest += words
                break
            if not word.startswith("-") or word == "-":
                rest.append(word)
                continue
            name, given, text = word.lstrip("-").partition("=")
            flag = self._named(name)
            if flag is None:
                if not known_only:
                    raise UnrecognizedFlagError(f"Unknown command line flag '{name}'. Known: {', '.join(sorted(self._flags))}.")
                rest.append(word)
            elif flag.boolean and not given:
                flag.read("true" if name.replace("-", "_") in (flag.name, flag.name.replace("-", "_")) else "false")
            elif given:
                flag.read(text)
            elif words:
                flag.read(words.pop(0))
            else:
                raise Error(f"Missing value for flag --{name}")
        missing = [f.name for f in self._flags.values() if f.required and f.value is None]
        if missing:
            raise IllegalFlagValueError(f"Flag --{missing[0]} must have a value other than None.")
        return rest

    def _named(self, name: str) -> _Flag | None:
        for candidate in (name, name.replace("-", "_")):
            if candidate in self._flags:
                return self._flags[candidate]
            if candidate.startswith("no") and getattr(self._flags.get(candidate[2:]), "boolean", False):
                return self._flags[candidate[2:]]
        return None

    def _read_command_line(self) -> None:
        if not self._parsed:
            self(sys.argv, known_only=True)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self._read_command_line()
        if name not in self._flags:
            raise UnparsedFlagAccessError(f"Unknown flag {name!r}: define it with tf.flags.DEFINE_... first.")
        return self._flags[name].value

    def __setattr__(self, name: str, value: Any) -> None:
        self._read_command_line()
        if name not in self._flags:
            raise UnparsedFlagAccessError(f"Unknown flag {name!r}: define it with tf.flags.DEFINE_... first.")
        self._flags[name].value = value

    def __delattr__(self, name: str) -> None:
        if self._flags.pop(name, None) is None:
            raise AttributeError(name)

    def __getitem__(self, name: str) -> _Flag:
        return self._flags[name]

    def __contains__(self, name: str) -> bool:
        return name in self._flags

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._flags))

    def __len__(self) -> int:
        return len(self._flags)

    def _parse_flags(self, args: Any = None) -> None:
        self(sys.argv if args is None else [sys.argv[0], *args], known_only=True)

    def mark_as_parsed(self) -> None:
        """Count the flags as read."""
        object.__setattr__(self, "_parsed", True)

    def is_parsed(self) -> bool:
        return self._parsed

    def flag_values_dict(self) -> dict[str, Any]:
        """All flags and their values."""
        self._read_command_line()
        return {name: flag.value for name, flag in self._flags.items()}

    def get_help(self) -> str:
        """A line for each flag."""
        return "\n".join(f"  --{f.name}: {f.help} (default: {f.default!r})" for f in self._flags.values())


FLAGS = FlagValues()


def _boolean(text: str) -> bool:
    known = {"true": True, "t": True, "1": True, "yes": True, "false": False, "f": False, "0": False, "no": False}
    if text.lower() not in known:
        raise ValueError("Non-boolean argument to boolean flag: write true or false")
    return known[text.lower()]


def _define(name: str, default: Any, help: str, parse: Callable[[str], Any], flag_values: Any, boolean: bool = False) -> None:
    if isinstance(default, str) and parse is not str:
        default = parse(default)
    (flag_values or FLAGS)._flags[name] = _Flag(name, default, help or "", parse, boolean)


def DEFINE_string(name: str, default: Any, help: str, flag_values: Any = None, **_: Any) -> None:
    """A flag that holds text."""
    _define(name, default, help, str, flag_values)


def DEFINE_integer(name: str, default: Any, help: str, lower_bound: Any = None, upper_bound: Any = None, flag_values: Any = None,
                   **_: Any) -> None:  # fmt: skip
    """A flag that holds an integer."""
    _define(name, default, help, _bounded(lambda text: int(text, 0), lower_bound, upper_bound), flag_values)


def DEFINE_float(name: str, default: Any, help: str, lower_bound: Any = None, upper_bound: Any = None, flag_values: Any = None,
                 **_: Any) -> None:  # fmt: skip
    """A flag that holds a number."""
    _define(name, float(default) if isinstance(default, int) else default, help, _bounded(float, lower_bound, upper_bound),
    flag_values)


def _bounded(parse: Callable[[str], Any], low: Any, high: Any) -> Callable[[str], Any]:
    def bounded(text: str) -> Any:
        value = parse(text)
        if (low is not None and value < low) or (high is not None and value > high):
            raise ValueError(f"{value} is not between {low} and {high}")
        return value

    return bounded


def DEFINE_boolean(name: str, default: Any, help: str, flag_values: Any = None, **_: Any) -> None:
    """A flag that is on (`--name`) or off (`--noname`)."""
    _define(name, None if default is None else bool(default) if not isinstance(default, str) else default, help, _boolean,
    flag_values,
            True)  # fmt: skip


DEFINE_bool = DEFINE_boolean


def DEFINE_enum(name: str, default: Any, enum_values: Any, help: str, flag_values: Any = None, **_: Any) -> None:
    """A flag that holds one of `enum_values`."""

    def parse(text: str) -> str:
        if text not in enum_values:
            raise ValueError(f"value should be one of <{'|'.join(enum_values)}>")
        return text

    _define(name, default, help, parse, flag_values)


def DEFINE_list(name: str, default: Any, help: str, flag_values: Any = None, **_: Any) -> None:
    """A flag that holds words between commas."""
    _define(name, default, help, lambda text: [w.strip() for w in text.split(",")] if text else [], flag_values)


def DEFINE_multi_string(name: str, default: Any, help: str, flag_values: Any = None, **_: Any) -> None:
    """A flag that may be given several times."""
    values = flag_values or FLAGS
    seen: list[str] = []

    def parse(text: str) -> list[str]:
        seen.append(text)
        return list(seen)

    _define(name, None, help, parse, values)
    values._flags[name].value = [default] if isinstance(default, str) else default


def mark_flag_as_required(flag_name: str, flag_values: Any = None) -> None:
    """Refuse to run without the flag."""
    (flag_values or FLAGS)._flags[flag_name].required = True


def mark_flags_as_required(flag_names: Any, flag_values: Any = None) -> None:
    for name in flag_names:
        mark_flag_as_required(name, flag_values)
