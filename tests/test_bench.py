"""The benchmarks' own arithmetic, harness and report, on workloads made up here: no peer is needed, no time asserted."""

import dataclasses
import json
import math
import sys

import pytest
from bench import __main__ as cli, harness, report
from bench.peers import PEERS, BenchError, settings as process_settings
from bench.samplers import Settings, Worker, calls_that_fill
from bench.summary import disagreement, judge, summarize
from bench.worker import serve
from bench.workload import Calls, Peak, Program, Workload, at_most, below, faster
from bench.workloads import ALL

HERE = {name: dataclasses.replace(PEERS[name], environment=None) for name in ("thalweg", "pytorch")}  # all in this Python


@pytest.fixture
def settings(tmp_path):
    return Settings(process_settings(1) | {"PYTHONPATH": str(tmp_path)}, rounds=3, seconds=0.001)


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """Writes a module of workloads that this process and the workers can import."""
    monkeypatch.syspath_prepend(str(tmp_path))
    names = iter(f"fake_workloads_{i}" for i in range(9))

    def write(source: str):
        name = next(names)
        (tmp_path / f"{name}.py").write_text("from bench.workload import Calls\n" + source)
        monkeypatch.delitem(sys.modules, name, raising=False)
        return __import__(name)

    return write


# -- arithmetic ----------------------------------------------------------------------------------------------------


def test_median_and_quartiles():
    found = summarize([5.0, 1.0, 3.0, 2.0, 4.0])
    assert (found.median, found.low, found.high, found.count) == (3.0, 2.0, 4.0, 5)
    assert summarize([7.0]) == summarize([7.0, 7.0, 7.0]).__class__(7.0, 7.0, 7.0, 1)


def test_targets_compare_medians():
    summaries = {"thalweg": summarize([2.0]), "tensorflow": summarize([22.0]), "pytorch": summarize([1.0])}
    targets = [faster("tensorflow", n) for n in (10, 12)] + [at_most("pytorch", n) for n in (2, 1.9)] + [below(2), below(1.9)]
    assert [v.met for v in judge(targets, summaries)] == [True, False] * 3
    assert [v.measured for v in judge(targets, summaries)] == pytest.approx([1 / 11, 1 / 11, 2, 2, 2, 2])


def test_targets_of_absent_peers_are_left_out():
    assert judge([faster("tensorflow", 10), below(1)], {"thalweg": summarize([2.0])})[0].target == below(1)
    assert judge([below(1)], {"tensorflow": summarize([2.0])}) == []


def test_disagreement():
    assert disagreement({"a": [1.0, 100.0], "b": [1.0, 101.0]}, "a", rtol=0.011, atol=0) == (pytest.approx(0.01), True)
    assert disagreement({"a": [1.0, 100.0], "b": [1.1, 100.0]}, "a", rtol=0.011, atol=0) == (pytest.approx(0.001), False)
    assert disagreement({"a": [0.0], "b": [1e-9]}, "a", rtol=0, atol=1e-8)[1]
    assert not disagreement({"a": [0.0], "b": [1e-9]}, "a", rtol=1, atol=0)[1]
    assert disagreement({"a": [1.0], "b": [1.0, 2.0]}, "a", 1, 1) == (math.inf, False)
    assert not disagreement({"a": [1.0], "b": [math.nan]}, "a", 1, 1)[1]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1.0, "s", "1 s"), (0.0123, "s", "12.3 ms"), (4.56e-6, "s", "4.56 us"), (3e-10, "s", "0.3 ns"), (123456, "s", "123456 s"),
        (2.5e8, "B", "250 MB"),
    ],
)
def test_amounts_read_well(value, unit, text):
    assert report.amount(value, unit) == text


def test_calls_fill_the_time():
    asked = []

    def run(calls):
        asked.append(calls)
        return calls * 1e-3

    assert calls_that_fill(0.1, run) == 100
    assert sum(asked) >= 300  # warmed up
    assert calls_that_fill(0.1, lambda calls: calls * 2.0) == 1


# -- processes -----------------------------------------------------------------------------------------------------


class Recorder:
    """Stands in for a sampler: notes who was asked when."""

    asked: list[str] = []

    def __init__(self, name):
        self.name = name

    def sample(self):
        self.asked.append(self.name)
        return float(len(self.asked))


def test_peers_are_measured_in_turn_and_another_one_goes_first_each_round():
    Recorder.asked.clear()
    samples = harness.in_turn({name: Recorder(name) for name in "abc"}, 3)
    assert Recorder.asked == ["a", "b", "c", "b", "c", "a", "c", "a", "b"]
    assert samples == {"a": [1.0, 6.0, 8.0], "b": [2.0, 4.0, 9.0], "c": [3.0, 5.0, 7.0]}


def test_calls_are_timed_in_processes_and_their_numbers_compared(fake, settings):
    work = fake("""
work = Calls("work", "some work", calls=4, rtol=0.1)

@work.on("thalweg", "pytorch")
def _(peer):
    print("this must not get between the answers")
    count = [0]
    def call():
        count[0] += 1
    return call, lambda: [count[0], 1.0 if peer == "thalweg" else 1.05]
""").work
    result = harness.measure(work, HERE, settings)
    assert {name: len(samples) for name, samples in result.samples.items()} == {"thalweg": 3, "pytorch": 3}
    assert all(s > 0 for samples in result.samples.values() for s in samples)
    ((sentence, holds),) = result.checks.items()
    assert holds and "within 0.1 relative" in sentence
    work.rtol = 0.01
    assert list(harness.check(work, {"thalweg": [12, 1.0], "pytorch": [12, 1.05]}).values()) == [False]


def test_only_peers_that_are_asked_for_take_part(fake, settings):
    work = fake('work = Calls("work", "")\nwork.on("thalweg", "pytorch")(lambda peer: lambda: 1.0)\n').work
    assert list(harness.measure(work, {"pytorch": HERE["pytorch"]}, settings).samples) == ["pytorch"]


def test_a_failing_peer_is_named_with_its_traceback(fake, settings):
    work = fake('work = Calls("broken", "")\nwork.on("thalweg")(lambda peer: 1 / 0)\n').work
    with pytest.raises(BenchError, match=r"Thalweg on 'broken' failed:[\s\S]*ZeroDivisionError"):
        Worker(work, HERE["thalweg"], settings)


def test_a_peer_that_ends_is_named(fake, settings):
    work = fake('import os\nwork = Calls("gone", "")\nwork.on("thalweg")(lambda peer: os._exit(3))\n').work
    with pytest.raises(BenchError, match=r"Thalweg on 'gone' ended without an answer: Status 3"):
        Worker(work, HERE["thalweg"], settings)


def test_a_worker_answers_each_request(fake):
    module = fake('work = Calls("work", "")\nwork.on("jax")(lambda peer: lambda: ([1, 2], 3.5))\n')
    answers = []
    requests = [json.dumps(r) for r in ({"do": "value"}, {"do": "run", "calls": 2}, {"do": "peak"})]
    serve(module.__name__, "work", "jax", requests, answers.append)
    assert answers[:2] == [{"ready": True}, {"value": [1.0, 2.0, 3.5]}]
    assert answers[2]["seconds"] > 0 and answers[3]["bytes"] > 1e6


def test_programs_are_measured_whole_or_by_what_they_print(tmp_path, settings):
    script = tmp_path / "program.py"
    script.write_text("import sys, json; print(json.dumps({'seconds': float(sys.argv[1])}))")
    arguments = {"thalweg": ["0.25"], "pytorch": ["0.5"]}
    printed = Program(
        "p", "", script=script, arguments=arguments, measured="printed", checks={"it is short": lambda text: "0.25" in text}
    )
    result = harness.measure(printed, HERE, settings)
    assert result.samples == {"thalweg": [0.25] * 3, "pytorch": [0.5] * 3}
    assert result.checks == {"it is short": True}
    whole = Program("p", "", script=script, arguments=arguments, same_output=True, rounds=1, warmup=1)
    result = harness.measure(whole, HERE, settings)
    assert [len(s) for s in result.samples.values()] == [1, 1]
    assert result.checks == {"the peers print the same": False}


def test_a_failing_program_is_named(tmp_path, settings):
    script = tmp_path / "program.py"
    script.write_text("raise SystemExit('no such thing')")
    with pytest.raises(BenchError, match=r"PyTorch on 'p' ended with status 1:\nno such thing"):
        harness.measure(Program("p", "", script=script, arguments={"pytorch": []}), HERE, settings)


def test_peak_memory_counts_what_the_calls_hold(fake, settings):
    module = fake("""
small, large = Calls("small", ""), Calls("large", "")
kept = []
small.on("thalweg")(lambda peer: lambda: None)
large.on("thalweg")(lambda peer: lambda: kept.append(bytearray(b"x") * 20_000_000))
""")
    peaks = [
        harness.measure(Peak("m", "", of=work, calls=2, rounds=1), HERE, settings).samples["thalweg"][0]
        for work in (module.small, module.large)
    ]
    assert 35e6 < peaks[1] - peaks[0] < 60e6


# -- the report and the command ------------------------------------------------------------------------------------


def made_up_results():
    fast = Calls("fast", "fast work", targets=[faster("tensorflow", 10), at_most("pytorch", 0.9), at_most("pytorch", 1)])
    lean = Peak("lean", "lean work", targets=[below(1e8)])
    samples = {"thalweg": [2e-6] * 3, "tensorflow": [24e-6, 25e-6, 26e-6], "pytorch": [2e-6] * 3}
    return [
        harness.Result(fast, samples, {"they agree": True}),
        harness.Result(lean, {"thalweg": [2e8]}, {"it holds": False}),
    ]


def test_report():
    text = report.report(made_up_results(), {"CPU": "a fast one"})
    lines = [[c.strip() for c in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    assert ["**CPU**", "a fast one"] in lines
    assert ["work", "Thalweg", "TensorFlow", "PyTorch", "again with"] in lines
    times = ["2 us (2 - 2)", "25 us (24.5 - 25.5), 12.5 x", "2 us (2 - 2), 1 x", '`make bench ARGS="--only fast"`']
    assert ["fast work", *times] in lines
    assert ["lean work", "200 MB (200 - 200)", "", "", '`make bench ARGS="--only lean"`'] in lines
    assert ["fast work", "at least 10 x faster than TensorFlow", "12.5 x faster", "yes"] in lines
    assert ["fast work", "at most 0.9 x PyTorch", "1 x", "**no**"] in lines
    assert ["fast work", "no more than PyTorch", "1 x", "yes"] in lines
    assert ["lean work", "at most 100 MB", "200 MB", "**no**"] in lines
    assert "- fast work: they agree" in text and "- lean work: **failed**: it holds" in text


@pytest.fixture
def command(monkeypatch, tmp_path):
    """The command with made-up results, writing into a folder of its own; gives its status."""
    results = {r.workload.name: r for r in made_up_results()}

    def measure(workload, *_):
        if workload.name not in results:
            raise BenchError("It broke.\nIn detail.")
        return results[workload.name]

    monkeypatch.setattr(cli, "ROOT", tmp_path)
    monkeypatch.setattr(cli, "ALL", tuple(r.workload for r in results.values()) + (Workload("broken", "broken work"),))
    monkeypatch.setattr(harness, "measure", measure)
    monkeypatch.setattr(cli.peers, "install", lambda environment: None)
    monkeypatch.setattr(cli.peers, "use_cpus", lambda threads: None)
    monkeypatch.setattr(cli.machine, "describe", lambda threads, names: {"peers": ", ".join(names)})
    return lambda *given: cli.main(given)


def test_the_file_is_written_when_everything_was_measured(command, tmp_path, capsys):
    file = tmp_path / "BENCHMARKS.md"
    assert command("--only", "fast") == 0 and not file.exists()
    assert command("--peers", "thalweg,pytorch") == 1 and not file.exists()
    assert "PyTorch" in capsys.readouterr().out
    assert command() == 1  # a check failed
    assert file.read_text() in capsys.readouterr().out
    assert "- broken work: **failed**: It broke." in file.read_text()
    assert command("--only", "fast", "--output", str(tmp_path / "other.md")) == 0
    assert "fast work" in (tmp_path / "other.md").read_text()


def test_unknown_names_are_refused(command, capsys):
    with pytest.raises(SystemExit):
        command("--only", "fats")
    assert "fats: choose from fast, lean, broken" in capsys.readouterr().err


def test_every_workload_is_in_order():
    assert len({w.name for w in ALL}) == len(ALL)
    for work in ALL:
        assert "thalweg" in work.peers and set(work.peers) <= set(PEERS), work.name
        assert work.targets and all(t.peer is None or t.peer in work.peers for t in work.targets), work.name
