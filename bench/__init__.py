"""Thalweg and its peers on the same work, measured side by side: `make bench`.

`workloads/` says what is measured, a small file each; `workload` how such a file is written; `peers` who takes part and
how each is installed; `worker` runs inside a peer's own process, `samplers` asks it for measurements, `harness` takes
them in turn; `summary` and `report` say what came out. What a worker imports (`workload`, `workloads`, `mlp`) needs the
standard library and NumPy only, since it runs in every peer's environment.
"""
