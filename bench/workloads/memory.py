"""Peak memory of a process that trains the network for five epochs."""

from bench.workload import Peak, at_most
from bench.workloads.training import epoch

memory = Peak(
    "memory",
    "peak memory of that training, whole process",
    targets=[at_most("tensorflow", 1 / 3)],
    rounds=3,
    of=epoch,
    calls=5,
)
