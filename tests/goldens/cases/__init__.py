"""The golden tables, by family."""

import importlib
import pkgutil


def load():
    """`{family: [case, ...]}` of every table, ids unique within a family."""
    families = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        cases = importlib.import_module(f"{__name__}.{module.name}").CASES
        ids = [case.id for case in cases]
        twice = sorted({i for i in ids if ids.count(i) > 1}) if len(set(ids)) < len(ids) else []
        if twice:
            raise ValueError(f"These cases stand twice in {module.name}: {twice}")
        families[module.name] = cases
    return families
