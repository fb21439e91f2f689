"""The playground: its data, its network, its server's manners, and every control of its page in a real browser."""

import asyncio
import json
import pathlib
import subprocess
import sys
import threading
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import thalweg as tf
from thalweg.playground import exporting
from thalweg.playground.data import MOST_ROWS, PATTERNS, DataError, columns_of, pattern, table
from thalweg.playground.network import GRID, Network, features_of
from thalweg.playground.settings import ACTIVATIONS, FEATURES, OPTIMIZERS, SettingsError, settings

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")
websockets = pytest.importorskip("websockets.sync.client")

SPIRAL = {
    "data": "spiral", "features": list(FEATURES),
    "layers": [{"units": 8, "activation": "tanh"}, {"units": 6, "activation": "tanh"}], "learning_rate": 0.01, "optimizer": "Adam",
}  # fmt: skip


def network(given=None, points=None):
    chosen = settings(given or {})
    return Network(chosen, points or pattern(chosen.data, chosen.noise, chosen.seed))


def five_classes(rows=300, seed=0):
    rng = np.random.default_rng(seed)
    kinds = rng.integers(0, 5, rows)
    angle = 2 * np.pi * kinds / 5
    x, y = 100 + 20 * np.cos(angle) + rng.normal(0, 4, rows), 7 + np.sin(angle) + rng.normal(0, 0.2, rows)
    return "\n".join(["east,north,kind", *[f"{a:.3f},{b:.3f},kind {k}" for a, b, k in zip(x, y, kinds)]])


# -- data -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns(name):
    points = pattern(name, 0.1, 3)
    assert points.xy.shape == (500, 2) and np.abs(points.labels).max() <= 1
    assert points.is_regression == (name in ("plane", "hills"))
    if not points.is_regression:
        assert 200 < (points.labels == 1).sum() < 300
    np.testing.assert_array_equal(points.xy, pattern(name, 0.1, 3).xy)
    assert not np.array_equal(points.xy, pattern(name, 0.1, 4).xy)


def test_a_table_of_ones_own():
    text = five_classes() + "\nnan,3,kind 1\n3,inf,kind 2\n4,5,\n"
    found = columns_of(text)
    assert (found["x"], found["y"], found["target"], found["rows"]) == ("east", "north", "kind", 303)
    points = table(text, "east", "north", "kind", 0)
    assert points.classes == [f"kind {i}" for i in range(5)] and len(points.xy) == 300
    assert np.abs(points.xy).max() == pytest.approx(5) and "3 of 303 rows were left out" in points.remarks[0]
    assert len(table(five_classes(3000), "east", "north", "kind", 0).xy) == MOST_ROWS
    assert table(five_classes(), "east", "east", "north", 0).is_regression


@pytest.mark.parametrize(("call", "said"), [
    (lambda: columns_of(""), "at least 10"),
    (lambda: columns_of("a,b\n" + "x,y\n" * 20), "two columns of numbers"),
    (lambda: table(five_classes(), "east", "north", "sort", 0), "no column 'sort'"),
    (lambda: table("a,b,c\n" + "1,2,u\n" * 20, "a", "b", "c", 0), "'a' is the same in every row"),
    (lambda: table("a,b,c\n" + "\n".join(f"{i},{i},u" for i in range(20)), "a", "b", "c", 0), "nothing to tell apart"),
    (lambda: table("a,b,c\n" + "nan,1,u\n" * 20, "a", "b", "c", 0), "Only 0 rows"),
])  # fmt: skip
def test_tables_that_cannot_be_used(call, said):
    with pytest.raises(DataError, match=said):
        call()


@pytest.mark.parametrize(("given", "said"), [
    ({"layers": [{"units": 1000}]}, "units must be a number from 1 to 32"), ({"layers": [{}] * 99}, "list of 0 to 12"),
    ({"learning_rate": float("nan")}, "learning_rate"), ({"features": ["__class__"]}, "no feature"),
    ({"features": []}, "list of 1"),
    ({"optimizer": "System"}, "no optimizer"), ({"evil": 1}, "no setting 'evil'"), ([], "object"), ({"seed": True}, "seed"),
    ({"layers": [{"activation": "exec"}]}, "no activation"), ({"data": "../x"}, "no data set"),
])  # fmt: skip
def test_settings_are_checked(given, said):
    with pytest.raises(SettingsError, match=said):
        settings(given)


# -- the network ------------------------------------------------------------------------------------------------


def test_the_spiral_is_learned():
    learner = network(SPIRAL)
    for _ in range(200):
        learner.advance()
    assert learner.losses()["test"] < 0.05


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_lowers_the_loss(optimizer):
    rate = 0.1 if optimizer in ("Ftrl", "Adadelta", "Adagrad") else 0.01
    learner = network({"optimizer": optimizer, "data": "gauss", "learning_rate": rate})
    before = learner.losses()["train"]
    for _ in range(20):
        learner.advance()
    assert learner.losses()["train"] < before


@pytest.mark.parametrize("optimizer", ["SGD", "Momentum", "Adam"])
def test_a_network_comes_back_whole_and_goes_on(optimizer):
    learner = network({"data": "hills", "optimizer": optimizer, "layers": [{"units": 4, "activation": "linear"}]})
    learner.advance(3)
    learner.good, losses = learner.snapshot(), learner.losses()
    learner.set_rates(1e38 if optimizer == "Adam" else 100, 0)
    for _ in range(50):
        learner.advance()
    assert not learner.is_sound()
    learner.set_rates(0.01, 0)
    learner.restore(learner.good)
    assert learner.epoch == 3 and learner.losses() == losses
    learner.advance()
    assert learner.is_sound() and learner.optimizer.learning_rate.numpy() == np.float32(0.01)


def test_huge_weights_are_told_in_numbers():
    learner = network()
    learner.set_weights([np.full_like(w, 3e35) for w in learner.weights()])
    json.dumps(learner.wires(), allow_nan=False)


def test_rates_change_without_compiling_again():
    learner = network()
    learner.advance()
    compiled = dict(learner.program._compiled)
    learner.set_rates(0.0, 0.0)
    before = learner.weights()
    learner.advance()
    for a, b in zip(before, learner.weights()):
        np.testing.assert_array_equal(a, b)
    assert learner.program._compiled == compiled


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_maps_show_every_neuron(activation):
    layers = [{"units": 3, "activation": activation}]
    learner = network({"layers": layers, "batch_norm": True, "dropout": 0.2, "regularization": "L1", "regularization_rate": 0.01})
    learner.advance()
    maps = np.frombuffer(learner.maps(), np.uint8).reshape(4, GRID, GRID)
    corner = learner.every(features_of(np.array([[-6.0, 6.0]], np.float32), ["x1", "x2"]), training=False)
    expected = [float(v) for layer in corner for v in np.ravel(layer)]
    np.testing.assert_allclose(maps[:, 0, 0] / 127.5 - 1, np.clip(expected, -1, 1), atol=0.01)


def test_several_classes():
    points = table(five_classes(), "east", "north", "kind", 0)
    learner = network({"optimizer": "Adam", "learning_rate": 0.03}, points)
    for _ in range(80):
        learner.advance()
    found = learner.losses()
    assert found["accuracy"] > 0.9 and np.sum(found["confusion"]) == len(learner.test[0])


def test_ten_seeds_side_by_side_are_what_each_would_be_alone():
    learner = network({"batch": 50})
    curves = learner.ten_starts(40, starts=3)
    alone = Network(learner.settings, learner.points, learner.seed + 2)
    rows = alone.rows(40)
    alone.program.run_epoch([*alone.train], rows[:40 * alone.steps])
    assert len(curves) == 3 and len(curves[0]) == 40
    assert curves[1][-1] == pytest.approx(alone.losses()["test"], rel=1e-3)


def test_the_program_reaches_the_same_loss(tmp_path):
    learner = network({"batch": 250, "data": "gauss", "learning_rate": 0.1})  # whole batches: no shuffle tells them apart
    start = learner.weights()
    text = exporting.program(learner, 15)
    for _ in range(15):
        learner.advance()
    # From the same first weights, so that the two can be compared.
    first = f"model.set_weights([np.array(w, np.float32) for w in {[w.tolist() for w in start]}])\n"
    text = text.replace("model.compile", first + "model.compile", 1)
    path = tmp_path / "copied.py"
    path.write_text(text)
    done = subprocess.run([sys.executable, "-m", "thalweg", "run", str(path)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    losses = [float(line.split()[-1]) for line in done.stdout.splitlines()]
    np.testing.assert_allclose(losses, [learner.losses()["train"], learner.losses()["test"]], rtol=1e-3)


def test_weights_and_keras_files_travel(tmp_path):
    learner = network()
    learner.advance()
    saved = json.loads(json.dumps(exporting.weights_of(learner)))
    again = Network(settings(saved["settings"]), learner.points)
    again.set_weights(saved["weights"])
    np.testing.assert_allclose(again.losses()["test"], learner.losses()["test"], rtol=1e-6)
    (tmp_path / "m.keras").write_bytes(exporting.keras_file(learner))
    model = tf.keras.models.load_model(tmp_path / "m.keras")
    # The file holds Keras' own layers, which sum in another order.
    np.testing.assert_allclose(model(learner.test[0]), learner.model(learner.test[0]), rtol=1e-5, atol=1e-6)
    with pytest.raises(ValueError, match="finite"):
        again.set_weights([np.full_like(w, np.nan) for w in again.weights()])


@pytest.mark.parametrize("norm", [False, True])
def test_one_step_of_backpropagation_is_explained(norm):
    learner = network({"batch_norm": norm})
    learner.advance(3)
    page = exporting.explanation(learner, 3)
    (outputs,) = (learner.model(learner.train[0][3:4]).numpy()[0],)
    loss = (outputs[0] - learner.train[1][3]) ** 2 / 2
    assert f"= {loss:.5g}" in page and "layer_1_neuron_1" in page


# -- the server -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def playground():
    """A running server: its address."""
    from thalweg.playground import server

    listening, token = server.listen(), server.new_token()
    running = server.runner(token)
    thread = threading.Thread(target=lambda: asyncio.run(running.serve([listening])), daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    yield f"127.0.0.1:{listening.getsockname()[1]}", token
    running.should_exit = True
    thread.join(10)


def talk(playground, **more):
    host, token = playground
    return websockets.connect(f"ws://{host}/talk?token={token}", max_size=None, **more)


def receive(socket, kind, timeout=30):
    """The next message of a kind: a dict, or for frames their state."""
    until = time.monotonic() + timeout
    while time.monotonic() < until:
        data = socket.recv(timeout=until - time.monotonic())
        if isinstance(data, bytes):
            socket.send('{"type": "ack"}')
            if kind == "frame" and data[:1] == b"F":
                return json.loads(data[5 : 5 + int.from_bytes(data[1:5], "little")])
        elif (message := json.loads(data))["type"] == kind:
            return message
    raise TimeoutError(kind)


def test_strangers_are_refused(playground):
    import urllib.error
    import urllib.request

    host, _ = playground
    for path, code in (("?token=wrong", 403), ("..%2fserver.py", 404)):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"http://{host}/{path}")
        with refused.value:
            assert refused.value.code == code
    with pytest.raises(Exception, match="403"):
        websockets.connect(f"ws://{host}/talk?token=wrong").close()
    with pytest.raises(Exception, match="403"):
        talk(playground, origin="http://elsewhere.example").close()
    talk(playground, origin=f"http://{host}").close()


def test_nonsense_is_answered_by_a_sentence(playground):
    with talk(playground) as socket:
        for text, said in [
            ("{", "must be JSON"), ("[1]", "nothing called"), ('{"type": "__init__"}', "nothing called"),
            ('{"type": "step"}', "no network yet"),
            ('{"type": "configure", "settings": {"batch": -1}}', "batch must be"), ('{"type": "table", "text": 3}', "must be text"),
            ('{"type": "load", "saved": {"format": "pickle"}}', "no network saved"),
        ]:  # fmt: skip
            socket.send(text)
            assert said in receive(socket, "error")["text"]


def test_frames_wait_for_a_slow_browser_and_numbers_beyond_all_come_back(playground):
    with talk(playground) as socket:
        chosen = {"data": "hills", "layers": [{"units": 4, "activation": "relu"}]}
        socket.send(json.dumps({"type": "configure", "settings": chosen}))
        receive(socket, "frame")
        socket.send('{"type": "speed", "value": 1000000}')
        socket.send('{"type": "play"}')
        time.sleep(2)
        waiting = []
        while True:
            try:
                waiting.append(socket.recv(timeout=0.5))
            except TimeoutError:
                break
        assert sum(isinstance(d, bytes) for d in waiting) <= 3, "no queue of frames without their acknowledgement"
        socket.send('{"type": "rates", "learning_rate": 100}')
        for _ in range(8):
            socket.send('{"type": "ack"}')
        told = receive(socket, "diverged")
        assert "is too bold" in told["text"]
        state = receive(socket, "frame")
        assert np.isfinite(state["train"]) and all(np.isfinite(w).all() for w in map(np.array, state["weights"]))


def test_a_tab_that_lost_its_socket_finds_its_network_again(playground):
    host, token = playground
    address = f"ws://{host}/talk?token={token}&tab=abc"
    socket = websockets.connect(address)
    socket.send('{"type": "configure", "settings": {}}')
    receive(socket, "frame")
    for _ in range(3):
        socket.send('{"type": "step"}')
        receive(socket, "frame")
    socket.socket.close()  # no farewell
    time.sleep(0.5)
    with websockets.connect(address) as again:
        again.send('{"type": "hello"}')
        assert receive(again, "frame")["epoch"] == 3
    with websockets.connect(address) as closed:  # the one before was closed properly: its network is gone
        closed.send('{"type": "hello"}')
        assert receive(closed, "new")


# -- the page ---------------------------------------------------------------------------------------------------------


class Driver:
    """A page of the playground and what a person does with it."""

    def __init__(self, chromium, playground, settings=None, sockets=None, **how):
        host, token = playground
        self.page = chromium.new_page(**({"viewport": {"width": 1360, "height": 900}} | how))
        self.wrong = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        at_home = (f"http://{host}", f"ws://{host}", "data:", "blob:")
        self.page.on("request", lambda r: None if r.url.startswith(at_home) else self.wrong.append(r.url))
        if sockets is not None:
            self.page.route_web_socket(f"ws://{host}/**", sockets)
        address = "#s=" + urllib.parse.quote(json.dumps(settings)) if settings else ""
        self.page.goto(f"http://{host}/?token={token}{address}")
        self.until("document.getElementById('test-loss').textContent.length > 2")

    def until(self, condition, timeout=40):
        end = time.monotonic() + timeout
        while not self.page.evaluate(condition):
            assert time.monotonic() < end, f"{condition} never came true"
            time.sleep(0.03)

    @property
    def epoch(self):
        return int(self.page.inner_text("#epoch").replace(",", ""))

    def map(self):
        return self.page.evaluate("document.getElementById('map').toDataURL()")

    def settled(self):
        self.until("document.getElementById('epoch').textContent === '0'")


@pytest.fixture
def driver(chromium, playground):
    made = Driver(chromium, playground)
    yield made
    assert not made.wrong
    made.page.close()


def test_play_step_reset_and_the_network_learns(driver):
    page = driver.page
    page.click("#step")
    driver.until("document.getElementById('epoch').textContent === '1'")
    page.fill("#speed", "80")
    page.click("#play")
    driver.until("Number(document.getElementById('test-loss').textContent) < 0.03")
    page.click("#play")
    assert page.get_attribute("#play", "aria-label") == "Play"
    assert page.inner_text("#confusion td").isdigit() and driver.epoch > 10
    page.click("#reset")
    driver.settled()
    page.keyboard.press("Tab")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("n")
    driver.until("document.getElementById('epoch').textContent === '1'")


def test_the_spiral_is_learned_in_the_browser_from_an_address(chromium, playground):
    driver = Driver(chromium, playground, settings={**SPIRAL, "learning_rate": 0.03, "optimizer": "SGD"})
    assert driver.page.get_attribute("[data-pattern=spiral]", "aria-checked") == "true"
    driver.page.fill("#speed", "80")
    driver.page.click("#play")
    driver.until("Number(document.getElementById('test-loss').textContent) < 0.05", 60)
    assert not driver.wrong
    driver.page.close()


def test_a_dropped_socket_is_opened_again_and_the_network_is_still_there(chromium, playground):
    sockets = []

    def pass_on(route):
        sockets.append((route, route.connect_to_server()))

    driver = Driver(chromium, playground, sockets=pass_on)
    driver.page.click("#step")
    driver.until("document.getElementById('epoch').textContent === '1'")
    page_end, server_end = sockets[0]
    server_end.close(code=3001, reason="dropped")
    page_end.close(code=3001, reason="dropped")
    driver.until("!document.getElementById('notice').hidden || document.getElementById('epoch').textContent === '1'")
    end = time.monotonic() + 20
    while len(sockets) < 2 and time.monotonic() < end:
        driver.page.wait_for_timeout(50)
    assert len(sockets) == 2
    driver.page.click("#step")
    driver.until("document.getElementById('epoch').textContent === '2'")
    driver.page.close()


def test_every_setting_makes_the_network_it_says(driver):
    page = driver.page
    page.click("#more-layers")
    driver.until("document.getElementById('layer-count').textContent === '3 hidden layers'")
    page.click("[aria-label='One neuron more in layer 1']")
    driver.until("document.querySelectorAll('[aria-label^=\"Layer 1, neuron\"]').length === 5")
    page.select_option("[aria-label='Activation of layer 2']", "relu")
    page.click("[aria-label='Feature sin x1']")
    driver.until("document.querySelector('[data-feature=\"sin x1\"]').getAttribute('aria-pressed') === 'true'")
    page.select_option("#set-optimizer", "Adam")
    page.select_option("#set-regularization", "L2")
    page.select_option("#set-regularization_rate", "0.01")
    page.fill("#set-dropout", "0.1")
    page.dispatch_event("#set-dropout", "change")
    page.check("#set-batch_norm")
    page.fill("#set-seed", "7")
    page.dispatch_event("#set-seed", "change")
    page.fill("#set-noise", "20")
    page.fill("#set-train_share", "70")
    driver.until("document.getElementById('about-data').textContent.startsWith('350')")
    page.click("[data-pattern=xor]")
    driver.until("document.querySelector('[data-pattern=xor]').getAttribute('aria-checked') === 'true'")
    address = json.loads(page.evaluate("decodeURIComponent(location.hash.slice(3))"))
    assert address == {
        "layers": [{"units": 5, "activation": "tanh"}, {"units": 2, "activation": "relu"}, {"units": 2, "activation": "tanh"}],
        "features": ["x1", "x2", "sin x1"], "data": "xor", "optimizer": "Adam", "regularization": "L2", "regularization_rate": 0.01,
        "dropout": 0.1, "batch_norm": True, "seed": 7, "noise": 0.2, "train_share": 0.7,
    }  # fmt: skip
    page.reload()
    driver.until("document.getElementById('layer-count').textContent === '3 hidden layers'")
    page.click("#fewer-layers")
    page.click("[data-pattern=plane]")
    driver.until("document.getElementById('accuracy-box').hidden")
    page.click("#again")
    driver.until("document.getElementById('set-seed').value === '8'")


def test_maps_points_and_an_edited_weight(driver):
    page = driver.page
    before = driver.map()
    page.hover("[aria-label='Layer 1, neuron 1']")
    looked = driver.map()
    page.hover("#output-title")
    assert looked != before and driver.map() == before
    page.check("#discrete")
    discrete = driver.map()
    page.check("#show-test")
    assert len({before, discrete, driver.map()}) == 3
    page.uncheck("#discrete")
    page.uncheck("#show-test")
    page.locator("#diagram path").last.focus()
    page.keyboard.press("Enter")
    page.fill("#edit-value", "5")
    driver.until("[...document.querySelectorAll('#diagram path')].at(-1).getAttribute('aria-label').includes('5.00')")
    assert driver.map() != before
    page.keyboard.press("Escape")
    page.locator(".bias").last.click()
    page.fill("#edit-value", "-3")
    driver.until("[...document.querySelectorAll('.bias')].at(-1).title === 'bias -3.000'")


def test_a_table_with_five_classes_trains(driver):
    page = driver.page
    page.click("#own")
    page.fill("#table-text", five_classes())
    driver.until("!document.getElementById('table-use').disabled")
    page.click("#table-use")
    driver.until("document.querySelectorAll('#key span').length === 5")
    page.select_option("#set-optimizer", "Adam")
    page.fill("#speed", "70")
    page.click("#play")
    driver.until("parseFloat(document.getElementById('accuracy').textContent) > 90")
    assert page.locator("#confusion td").count() == 25


def test_hostile_tables_are_refused_politely(driver):
    page = driver.page
    page.click("#own")
    paste = """text => { const data = new DataTransfer(); data.setData('text/plain', 'a,b,c\\n' + text.repeat(%d));
               const paste = new ClipboardEvent('paste', { clipboardData: data, bubbles: true });
               document.getElementById('table-text').dispatchEvent(paste); }"""
    page.evaluate(paste % 33e6, "1,2,x\n")
    driver.until("document.getElementById('table-note').textContent.includes('MB; the playground takes up to')")
    page.fill("#table-text", "a,b,c\n" + "nan,nan,x\n" * 30)
    driver.until("document.getElementById('table-note').textContent.includes('two columns of numbers')")
    page.evaluate(paste % 5e5, "1,2,x\n4,1,y\n")  # a million rows
    driver.until("document.getElementById('table-note').textContent === '1,000,000 rows.'", 60)
    page.click("#table-dialog button[value=cancel]")
    page.click("#step")
    driver.until("document.getElementById('epoch').textContent === '1'")


def test_taking_it_home(driver, tmp_path):
    page = driver.page
    page.click("#step")
    driver.until("document.getElementById('epoch').textContent === '1'")
    page.click("#more")
    with page.expect_download() as saved:
        page.click("#save")
    assert json.loads(pathlib.Path(saved.value.path()).read_text())["epoch"] == 1
    page.click("#more") if page.is_hidden("#keras") else None
    with page.expect_download() as exported:
        page.click("#keras")
    assert pathlib.Path(exported.value.path()).read_bytes()[:2] == b"PK"
    with page.expect_file_chooser() as chooser:
        page.click("#load")
    chooser.value.set_files(saved.value.path())
    driver.until("document.getElementById('epoch').textContent === '1'")
    page.click("#hide")
    assert page.is_hidden("#settings") and page.is_visible("#map")
    page.click("#hide")
    page.click("#explain")
    driver.until("document.getElementById('page-dialog').open")
    frame = page.frame_locator("#page-frame")
    frame.locator("#last").click()
    assert "∂f/∂" in frame.locator("#lines p").first.inner_text()


def test_changes_in_quick_succession_all_count(driver):
    driver.page.evaluate("""() => {
        const click = (label) => document.querySelector(`[aria-label='${label}']`).click();
        click('One neuron more in layer 1');
        click('One neuron more in layer 1');
        click('Feature sin x1');
        click('Feature sin x2');
        const rate = document.getElementById('set-learning_rate');
        rate.value = '0.1';
        rate.dispatchEvent(new Event('change'));
    }""")
    driver.until("document.querySelectorAll('[aria-label^=\"Layer 1, neuron\"]').length === 6")
    driver.page.click("#step")
    driver.until("document.getElementById('epoch').textContent === '1'")
    address = json.loads(driver.page.evaluate("decodeURIComponent(location.hash.slice(3))"))
    assert address["features"] == ["x1", "x2", "sin x1", "sin x2"] and address["learning_rate"] == 0.1
    assert address["layers"][0]["units"] == 6 and driver.page.input_value("#set-learning_rate") == "0.1"


def test_what_is_being_typed_stays(driver):
    page = driver.page
    page.check("#set-batch_norm")
    page.fill("#set-seed", "7")  # while the network with batch normalization is built
    page.click("#step")
    driver.until("document.getElementById('epoch').textContent === '1'")
    assert page.input_value("#set-seed") == "7" and page.is_checked("#set-batch_norm")
    page.select_option("[aria-label='Activation of layer 1']", "relu")
    driver.until("document.getElementById('set-activation').value === 'each its own'")


def test_the_rest_of_the_controls(driver):
    page = driver.page
    assert page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") < 1000, "the first paint"
    page.fill("#set-batch", "250")
    page.dispatch_event("#set-batch", "change")
    page.select_option("#set-learning_rate", "0.1")
    page.fill("#speed", "100")
    assert page.inner_text("#speed-text") == "as fast as it goes"
    page.click("#play")
    driver.until("parseFloat(document.getElementById('speed-shown').textContent) > 0")
    driver.until("document.getElementById('curve-note').textContent.startsWith('Test loss was least at epoch')")
    page.click("#play")
    driver.until("document.getElementById('play').getAttribute('aria-label') === 'Play'")
    before = page.evaluate("document.getElementById('curve').toDataURL()")
    page.click("#seeds")
    driver.until("!document.getElementById('seeds').disabled", 90)
    assert page.evaluate("document.getElementById('curve').toDataURL()") != before, "the spread is drawn"
    page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    page.click("#python")
    driver.until("window.copied?.includes('batch_size=250') && window.copied.includes('SGD(0.1)')")
    page.click("#more")
    page.click("#share")
    driver.until("window.copied === location.href")


def test_tables_that_are_dropped_and_the_example(driver):
    page = driver.page
    page.evaluate("""text => {
        const data = new DataTransfer();
        data.items.add(new File([text], 'own.csv', { type: 'text/csv' }));
        document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    }""", five_classes())  # fmt: skip
    driver.until("document.getElementById('table-note').textContent === '300 rows.'")
    assert [page.input_value(f"#column-{name}") for name in ("x", "y", "target")] == ["east", "north", "kind"]
    page.click("#housing")
    driver.until("document.getElementById('column-target').value === 'ocean_proximity'")
    page.click("#table-use")
    driver.until("document.getElementById('about-data').textContent.startsWith('ocean_proximity by longitude and latitude')")
    assert page.locator("#key span").count() >= 4


def test_two_tabs_have_their_own_networks(chromium, playground):
    one, two = Driver(chromium, playground), Driver(chromium, playground)
    one.page.click("#step")
    one.until("document.getElementById('epoch').textContent === '1'")
    assert two.epoch == 0
    two.page.click("[data-pattern=gauss]")
    two.until("document.querySelector('[data-pattern=gauss]').getAttribute('aria-checked') === 'true'")
    assert one.page.get_attribute("[data-pattern=circle]", "aria-checked") == "true" and one.epoch == 1
    one.page.close()
    two.page.close()


@pytest.mark.parametrize(("width", "scheme"), [(1360, "light"), (390, "dark")])
def test_it_fits_and_is_light(chromium, playground, width, scheme):
    driver = Driver(chromium, playground, viewport={"width": width, "height": 844}, color_scheme=scheme)
    assert driver.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
    unnamed = driver.page.evaluate(
        "[...document.querySelectorAll('button, input, select')].filter(e => e.offsetParent && !(e.textContent.trim() || "
        "e.getAttribute('aria-label') || e.title || e.labels?.length)).map(e => e.outerHTML)"
    )
    assert unnamed == [], "everything that can be worked has a name"
    folder = pathlib.Path(exporting.__file__).parent / "page"
    assert sum(f.stat().st_size for f in folder.iterdir()) < 200_000
    driver.page.close()


def test_the_command_prints_an_address(capsys):
    process = subprocess.Popen([sys.executable, "-m", "thalweg", "playground"], stdout=subprocess.PIPE, text=True)
    try:
        assert "http://127.0.0.1:" in process.stdout.readline()
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def test_an_error_while_training_is_told_and_the_tab_goes_on():
    from thalweg.playground.tab import Tab

    class Socket:
        def __init__(self):
            self.said = []

        async def send_text(self, text):
            self.said.append(json.loads(text))

        async def send_bytes(self, data): ...

    async def scene():
        tab = Tab({})
        tab.socket = Socket()
        await tab.on_configure({"settings": {}})
        stream = asyncio.create_task(tab.stream())

        async def broken(epochs):
            raise OSError("no more memory")

        tab.train = broken
        await tab.on_play({})
        for _ in range(100):
            await asyncio.sleep(0.02)
            if any(m["type"] == "paused" for m in tab.socket.said):
                break
        assert not stream.done() and not tab.playing
        stream.cancel()
        return tab.socket.said

    with ThreadPoolExecutor(1) as thread:  # the browser's own loop may run in this one
        said = thread.submit(asyncio.run, scene()).result()
    assert {"type": "error", "text": "Training stopped: no more memory"} in said
