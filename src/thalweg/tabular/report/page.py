"""The page: one file with its style and pictures inside, which asks nothing of any network and runs no script."""

from __future__ import annotations

import platform
from dataclasses import fields
from importlib import metadata, resources
from typing import TYPE_CHECKING, Any

from thalweg.version import __version__

from ..figures.look import COLOURS
from ..figures.picture import Picture
from ..interpretation.study import Study
from ..settings import choose_settings
from . import sections
from .parts import card, esc

if TYPE_CHECKING:
    from ..result import Fitted

CONTENTS = (("data", "Table"), ("network", "Network"), ("training", "Training"), ("answers", "How well"), ("reasons", "Why"),
            ("mistakes", "Hardest rows"), ("comparison", "Others"), ("repeat", "Again"))
PACKAGES = ("numpy", "jax", "pandas", "matplotlib", "scikit-learn")


def make_page(study: Study, pictures: dict[str, Picture], drawn: dict[str, bytes], files: list[str]) -> str:
    """The report as HTML.

    drawn: the pictures' SVG files by name; files: the names of what lies beside the page.
    """
    def draw(name: str) -> str:
        picture = pictures[name]
        return card(picture.title, picture.inline(drawn[name]), picture.reading)

    fitted = study.fitted
    parts = [sections.data(study, draw), sections.network(study, draw), sections.training(study, draw),
             sections.answers(study, draw), sections.reasons(study, draw), sections.mistakes(study), sections.comparison(study),
             sections.repeat(study, versions(fitted), command(fitted), files)]
    body = "".join(parts)
    links = "".join(f'<li><a href="#{name}">{title}</a></li>' for name, title in CONTENTS if f'<section id="{name}"' in body)
    title = esc(f"{fitted.target} · thalweg fit", 100)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="generator" content="Thalweg {__version__}">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>
{_colours()}
{resources.files(__package__).joinpath("style.css").read_text(encoding="utf-8")}</style>
</head>
<body>
<nav aria-label="Contents"><ul><li class="name"><a class="name" href="#top">{esc(fitted.target, 30)}</a></li>{links}</ul></nav>
<main id="top">
{sections.head(study)}
{body}
<footer>Made by thalweg fit, Thalweg {__version__}.</footer>
</main>
</body>
</html>
"""


def _colours() -> str:
    """The palette as CSS variables: the dark one where the reader's system is dark, and never on paper."""
    light, dark = ("; ".join(f"--{role}: {pair[side]}" for role, pair in COLOURS.items()) for side in (0, 1))
    more = ("--page: #0e1419; --quiet: #202a34; --line: #2a3540; --wash: rgba(85, 182, 222, .2); --warn: #2c2416; "
            "--warn-line: #a87a33")
    return f":root {{ {light} }}\n@media screen and (prefers-color-scheme: dark) {{ :root:root {{ {dark}; {more} }} }}"


def versions(fitted: Fitted) -> dict[str, str]:
    """What the fit was made with; as recorded, or what runs now."""
    if fitted.record.versions:
        return fitted.record.versions
    found = {"Python": platform.python_version(), "Thalweg": __version__}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def command(fitted: Fitted) -> str:
    """The line that repeats the fit: the recorded one, or a call with every setting that is not the recipe's."""
    if fitted.record.command:
        return fitted.record.command
    settings, rows = fitted.settings, len(fitted.prepared.split.train)
    recipe = choose_settings(fitted.task, rows)
    own: dict[str, Any] = {}
    if tuple(settings.hidden) != recipe.hidden:     # naming the layers asks for the plain recipe
        own["hidden"] = tuple(settings.hidden)
        recipe = choose_settings(fitted.task, rows, **own)
    changed = own | {entry.name: value for entry in fields(recipe) if entry.name != "hidden"
                     and (value := getattr(settings, entry.name)) != getattr(recipe, entry.name)}
    options = "".join(f", {name}={value!r}" for name, value in changed.items())
    return f"thalweg.tabular.fit(table, {fitted.target!r}, task={fitted.task!r}{options})"
