"""How much memory a fit of a table takes that is larger than it: `python bench/tabular_large.py ROWS FOLDER`.

Writes a Parquet table of twenty columns (eighteen numbers, a category and the target) into the folder, fits it in a process of its
own, and prints the rows, the bytes of the table as pandas would hold it, the peak of resident memory, seconds and R2.
"""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
import time

ROWS_AT_ONCE = 100_000
FIT = """
import json, resource, sys, time
start = time.perf_counter()
import thalweg.tabular as tabular
fitted = tabular.fit(sys.argv[1], "y", memory=0)
print(json.dumps({"peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, "seconds": time.perf_counter() - start,
                  "r2": fitted.metrics["test"]["r2"], "remarks": fitted.prepared.remarks}))
"""


def write_table(path: pathlib.Path, rows: int) -> int:
    """Write the table; give the bytes that pandas would take for it."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [f"x{place}" for place in range(18)]
    schema = pa.schema([(name, pa.float64()) for name in names] + [("town", pa.string()), ("y", pa.float64())])
    random = np.random.default_rng(0)
    with pq.ParquetWriter(path, schema) as file:
        for start in range(0, rows, ROWS_AT_ONCE):
            count = min(ROWS_AT_ONCE, rows - start)
            x = random.normal(size=(count, 18)).astype(np.float32).astype(np.float64)
            town = random.integers(0, 20, count)
            y = np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] + 0.1 * town + 0.3 * random.normal(size=count)
            columns = {name: x[:, place] for place, name in enumerate(names)}
            file.write_table(pa.table({**columns, "town": [f"t{one}" for one in town], "y": y}, schema=schema))
    return rows * (19 * 8 + 8 + 51)


def main() -> None:
    rows, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    path = folder / f"table-{rows}.parquet"
    start = time.perf_counter()
    size = write_table(path, rows)
    seconds = time.perf_counter() - start
    print(f"{rows:,} rows written in {seconds:.0f} s; pandas would hold them in {size / 1e9:.2f} GB", flush=True)
    done = subprocess.run([sys.executable, "-c", FIT, str(path)], capture_output=True, text=True, check=False)
    path.unlink()
    if done.returncode:
        sys.exit(done.stderr)
    found = json.loads(done.stdout)
    print(f"peak {found['peak_bytes'] / 1e9:.2f} GB, {found['seconds']:.0f} s, R2 {found['r2']:.4f}; {found['remarks'][-1]}")


if __name__ == "__main__":
    main()
