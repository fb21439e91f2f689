"""Tables larger than memory: read twice in chunks, kept on disk as shuffled blocks of numbers, trained on block by block.

The first reading draws a sample by chance: columns are found on it, preprocessing is fitted on it, and its dev and test rows are
those of the fit. The second one encodes all other rows and deals them out to blocks at random, so that each block is like the
whole however the file is sorted. Memory holds the sample, one chunk and one block.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .columns import CLASSIFICATION, is_missing, to_numbers
from .copies import Copies, Rows
from .predictor import shape_of
from .preparing import Prepared, prepare
from .problems import TableError, counted
from .reading import CHUNK_ROWS, Source, open_table
from .result import Fitted
from .running import Epoch, Keeper, Run
from .settings import Settings
from .targets import check_target, class_numbers
from .training import Goal, dev_weights, fingerprint, finish, starts_of, train_weights

if TYPE_CHECKING:
    import pandas as pd

KEY, NUMBER = "\0key", "\0number"      # columns of the sample while it is drawn
FEW_CLASSES, FEW_ROWS = 100, 5          # of each of so few classes, so many rows are in the sample at least
SAMPLE_ROWS = 100_000
BLOCK_ROWS = 1 << 17
BATCH = 1024
ROWS_TO_SEE = 5_000_000     # a training goes through the table so often that it sees about so many rows
MOST_PASSES = 20
SHARE_OF_MEMORY = 0.25      # a table that takes more of what is free is streamed: working on it takes several times its size


@dataclass(frozen=True)
class LargeTable:
    """A table that is not held in memory. `rows` and `sample` say how large it is and how much of it is looked at closely."""

    source: Source
    rows: int
    names: list[str]
    sample_rows: int = SAMPLE_ROWS
    block_rows: int = BLOCK_ROWS

    @classmethod
    def survey(cls, source: Source, **sizes: int) -> LargeTable:
        """Count the rows."""
        rows, names = 0, []
        for chunk in source.chunks(CHUNK_ROWS):
            rows, names = rows + len(chunk), list(chunk.columns)
        return cls(source, rows, names, **sizes)

    def __len__(self) -> int:
        return self.rows

    @property
    def columns(self) -> list[str]:
        return self.names

    def prepare(self, target: str, **options: Any) -> tuple[Prepared, np.ndarray]:
        """What `prepare` makes of the sample, and the numbers of the rows that are not trained on, in order."""
        for role in ("group", "time"):
            if options.get(role):
                raise TableError(f"a table that is streamed is divided by chance, not by {role}; give its test rows as a table of "
                                 "their own with --test, or more memory with --memory.")
        sample, numbers = self._draw(target, options.get("split_seed") or Settings.split_seed)
        given = {name: value for name, value in options.items() if value is not None}
        prepared = prepare(sample, target, **{"batch_size": BATCH, **given})
        passes = given.get("epochs") or int(np.clip(round(ROWS_TO_SEE / self.rows), 1, MOST_PASSES))
        prepared = replace(prepared, settings=replace(prepared.settings, epochs=passes))
        prepared.remarks.append(f"{self.rows:,} rows are streamed {counted(passes, 'time')}; columns, dev and test are those of "
                                f"{counted(len(sample), 'row')} drawn by chance")
        held = np.concatenate([prepared.split.dev, prepared.split.test])
        return prepared, np.sort(numbers[held[held < len(numbers)]])

    def _draw(self, target: str, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
        """Some rows with a target, drawn by chance, and their numbers; at least a few of each class."""
        import pandas as pd

        random = np.random.RandomState(seed)
        kept: list[pd.DataFrame] = []
        rare = _Rare(target)
        done, bound = 0, 1.0
        for chunk in self.source.chunks(CHUNK_ROWS):
            check_target(chunk, target)
            chunk = chunk.assign(**{KEY: random.uniform(size=len(chunk)), NUMBER: np.arange(done, done + len(chunk))})
            done += len(chunk)
            chunk = chunk[~is_missing(chunk[target])]
            rare.see(chunk)
            kept.append(chunk[chunk[KEY] < bound])
            if sum(map(len, kept)) > 2 * self.sample_rows:
                pool = pd.concat(kept, ignore_index=True).nsmallest(self.sample_rows, KEY)
                kept, bound = [pool], float(pool[KEY].max())
        pool = pd.concat(kept, ignore_index=True).nsmallest(self.sample_rows, KEY)
        pool = pd.concat([pool, *rare.lacking(pool)], ignore_index=True).drop_duplicates(NUMBER)
        pool = pool.sort_values(NUMBER, ignore_index=True)
        if not len(pool):
            raise TableError(f"the target {target!r} is empty in every row; it must hold what is to be predicted.")
        return pool.drop(columns=[KEY, NUMBER]), pool[NUMBER].to_numpy()


class _Rare:
    """The first rows of each class, while there are few classes: a sample may miss a rare one."""

    def __init__(self, target: str) -> None:
        self.target, self.few = target, True
        self.first: dict[str, pd.DataFrame] = {}

    def see(self, chunk: pd.DataFrame) -> None:
        import pandas as pd

        labels = chunk[self.target].astype(str)
        self.few = self.few and labels.nunique() <= FEW_CLASSES and len(self.first) <= FEW_CLASSES
        for label in labels.unique() if self.few else ():
            known = self.first.get(label)
            if known is None or len(known) < FEW_ROWS:
                self.first[label] = pd.concat([known, chunk[labels == label]]).head(FEW_ROWS)

    def lacking(self, pool: pd.DataFrame) -> list[pd.DataFrame]:
        """The rows of classes that the sample has fewer of."""
        counts = pool[self.target].astype(str).value_counts()
        return [rows for label, rows in self.first.items() if counts.get(label, 0) < FEW_ROWS] if self.few else []


def read_or_stream(path: str | Path, memory: int | None = None) -> Any:
    """The table as a frame where that fits into memory with room to work, else as a LargeTable. memory: bytes to use."""
    source = open_table(path)
    room = memory if memory is not None else SHARE_OF_MEMORY * free_memory()
    return source.read() if source.size() <= room else LargeTable.survey(source)


def free_memory() -> int:
    """Bytes of memory that are free for use."""
    try:
        with open("/proc/meminfo") as file:
            for line in file:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 8 << 30


def train_large(table: LargeTable, prepared: Prepared, held: np.ndarray, on_epoch: Callable[[Epoch], None] | None = None, *,
                seeds: int | None = None, stop: Callable[[], bool] = lambda: False, checkpoint: str | Path | None = None,
                resume: bool = True, weights: str | None = None, work: str | Path | None = None) -> Fitted:
    """Train on all rows of a large table but those of `held`. See `training.train`; an epoch is a block here."""
    start = time.perf_counter()
    settings, parts = prepared.settings, prepared.split
    goal = Goal.of(prepared, parts.train)
    dev = goal.rows(prepared, parts.dev, dev_weights(prepared, parts.train))
    with _blocks(table, prepared, goal, held, weights, work) as blocks:
        copies = Copies(starts_of(settings, seeds), shape_of(prepared.preprocessor, prepared.classes), prepared.task)
        keeper = Keeper(checkpoint, fingerprint(prepared), resume) if checkpoint is not None else None
        run = Run(copies, blocks.read, dev, settings.epochs * blocks.count, on_epoch=on_epoch, stop=stop, keeper=keeper)
        run.patience = max(settings.patience, blocks.count)
        run.advance()
        fitted = finish(prepared, run, goal, time.perf_counter() - start)
        if keeper is not None and not stop():
            keeper.forget()
    return fitted


class _Blocks:
    """Shuffled blocks of encoded rows in files, all of one length."""

    def __init__(self, folder: Path, count: int, width: int, classifies: bool) -> None:
        self.folder, self.count, self.width = folder, count, width
        self.dtype = np.dtype([("x", np.float32, (width,)), ("y", np.int32 if classifies else np.float32), ("weight", np.float32)])
        self.length, self.dealt = 0, 0
        self.files = [open(folder / f"block-{place:05d}", "wb") for place in range(count)]  # noqa: SIM115

    def add(self, rows: Rows, random: np.random.Generator) -> None:
        """Deal rows out to the blocks, in random order, one to each in turn."""
        packed = np.empty(len(rows), self.dtype)
        packed["x"], packed["y"], packed["weight"] = rows.x, rows.y, rows.weight
        order = random.permutation(len(rows))
        turn = (self.dealt + np.arange(len(rows))) % self.count
        for place in range(self.count):
            mine = order[turn == place]
            if len(mine):
                self.files[place].write(packed[mine].tobytes())
        self.dealt += len(rows)

    def close(self) -> None:
        for file in self.files:
            file.close()
        self.length = self.dealt // self.count

    def read(self, epoch: int) -> Rows:
        """The block of an epoch."""
        packed = np.fromfile(self.folder / f"block-{epoch % self.count:05d}", self.dtype, count=self.length)
        return Rows(np.ascontiguousarray(packed["x"]), np.ascontiguousarray(packed["y"]), np.ascontiguousarray(packed["weight"]))


@contextmanager
def _blocks(table: LargeTable, prepared: Prepared, goal: Goal, held: np.ndarray, weights: str | None, work: str | Path | None
            ) -> Iterator[_Blocks]:
    """The encoded rows in a temporary folder, which is gone afterwards."""
    if work is not None:
        Path(work).mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="thalweg-blocks-", dir=work))
    width = prepared.preprocessor.width
    needed, free = 4 * (width + 2) * table.rows, shutil.disk_usage(folder).free
    try:
        if needed > free:
            raise TableError(f"the encoded table takes {needed / 1e9:.1f} GB on disk, but {str(folder.parent)!r} has "
                             f"{free / 1e9:.1f} GB left; make room, or write to another place with --out.")
        blocks = _Blocks(folder, max(1, -(-table.rows // table.block_rows)), width, prepared.task == CLASSIFICATION)
        try:
            for rows in _encoded(table, prepared, goal, held, weights):
                blocks.add(rows, np.random.default_rng([prepared.settings.split_seed, blocks.dealt]))
            blocks.close()
        except OSError as error:
            raise TableError(f"cannot keep the encoded table in {str(folder)!r}: {error.strerror}.") from None
        yield blocks
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _encoded(table: LargeTable, prepared: Prepared, goal: Goal, held: np.ndarray, weights: str | None) -> Iterator[Rows]:
    """All rows to train on, chunk by chunk, as the network reads them."""
    classifies, done = prepared.task == CLASSIFICATION, 0
    by_class = _class_weights(prepared)
    scale = to_numbers(prepared.frame[weights]).mean() if weights else 1.0
    for chunk in table.source.chunks(CHUNK_ROWS):
        numbers = np.arange(done, done + len(chunk))
        done += len(chunk)
        chunk = chunk[~np.isin(numbers, held) & ~is_missing(chunk[prepared.target]).to_numpy()]
        if not len(chunk):
            continue
        values = chunk[prepared.target]
        truth = class_numbers(values, prepared.classes) if classifies else to_numbers(values)
        y = truth.astype(np.int32) if classifies else ((truth - goal.center) / goal.deviation).astype(np.float32)
        weight = by_class[truth] if classifies else np.ones(len(chunk))
        if weights:
            weight = weight * np.nan_to_num(to_numbers(chunk[weights])) / scale
        yield Rows(prepared.preprocessor.transform(chunk), y, weight.astype(np.float32))


def _class_weights(prepared: Prepared) -> np.ndarray:
    """What a row of each class counts for; of the sample's classes, as `training.train_weights` has it."""
    train = prepared.split.train
    alike = replace(prepared, weights=None)
    weight = train_weights(alike, train)
    found = np.ones(max(len(prepared.classes), 1))
    for place in range(len(prepared.classes)):
        rows = train[prepared.truth[train] == place]
        found[place] = weight[rows[0]] if len(rows) else 1.0
    return found
