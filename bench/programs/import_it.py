"""Import the module that is named, first thing in a process; print how long that took and what it brought along."""

import sys
from time import perf_counter

start = perf_counter()
__import__(sys.argv[1])
seconds = perf_counter() - start

import json  # noqa: E402  # after the measurement

loaded = sorted({name.partition(".")[0] for name in sys.modules})
print(json.dumps({"seconds": seconds, "loaded": loaded}))
