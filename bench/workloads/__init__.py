"""All workloads, in the order of the report. A new one is a file here and its name in `ALL`."""

from bench.workload import Workload
from bench.workloads.eager import add, matmul
from bench.workloads.events import histograms, scalars
from bench.workloads.feeding import feed_cnn, feed_lstm, feed_mlp
from bench.workloads.functions import function_call, lstm, while_loop
from bench.workloads.memory import memory
from bench.workloads.networks import lenet_steps
from bench.workloads.pipelines import decoding, pipeline
from bench.workloads.playground import playground
from bench.workloads.session import session_run
from bench.workloads.startup import hello, importing
from bench.workloads.tape import tape
from bench.workloads.training import epoch, predict

ALL: tuple[Workload, ...] = (
    importing, hello, add, matmul, tape, session_run, function_call, while_loop, lstm, pipeline, decoding, epoch, predict,
    lenet_steps, feed_mlp, feed_cnn, feed_lstm, scalars, histograms, playground, memory,
)  # fmt: skip
