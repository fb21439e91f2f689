"""One browser tab: its network, what it asks for, and the stream of frames that it is sent.

Work runs in threads, so that one tab's compiling does not hold up another. A frame is sent only when the browser has taken the ones
before it: a slow one gets fewer frames, not a queue of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import secrets
import struct
import time
from typing import Any

from thalweg.playground import exporting
from thalweg.playground.data import DataError, Points, columns_of, pattern, table
from thalweg.playground.network import Network
from thalweg.playground.settings import Settings, SettingsError, settings

FRAME = 1 / 30
MOST_SHOWN = 16
BURST = 256  # epochs in one program when they are many


class Tab:
    """The conversation with one browser tab, over whatever socket it has now."""

    def __init__(self, shown: dict[str, str]):
        self.socket: Any = None
        self.shown = shown  # pages that the server gives by name
        self.settings = Settings()
        self.text = ""  # the user's own table
        self.network: Network | None = None
        self.playing = False
        self.speed = 60.0  # epochs a second
        self.measured = 0.0  # steps a second
        self.best = (float("inf"), 0)
        self.unseen = 0
        self._wake = asyncio.Event()
        self._lock = asyncio.Lock()  # one piece of work on the network at a time
        self._warm = 0

    # -- what a browser asks ------------------------------------------------------------------------------

    async def answer(self, message: Any) -> None:
        """Do what one message asks. A fault in it is answered by one sentence."""
        kind = message.get("type") if isinstance(message, dict) else None
        method = getattr(self, f"on_{kind}", None) if isinstance(kind, str) and kind.isidentifier() else None
        if method is None:
            await self.say("error", text=f"There is nothing called {kind!r} to ask for.")
            return
        try:
            await method(message)
        except (SettingsError, DataError) as error:
            await self.say("error", text=str(error))
        except (ValueError, IndexError, TypeError, KeyError) as error:
            await self.say("error", text=f"{kind}: {error}")

    async def on_hello(self, message: dict[str, Any]) -> None:
        """A page is there: a new one, or the same one again after its socket was lost."""
        self.unseen = 0
        if self.network is None:
            await self.say("new")
        else:
            await self.show()

    async def on_ack(self, message: dict[str, Any]) -> None:
        self.unseen = max(0, self.unseen - 1)
        self._wake.set()

    async def on_configure(self, message: dict[str, Any]) -> None:
        chosen = settings(message.get("settings"))
        await self.rebuild(chosen, message.get("change"))

    async def on_reset(self, message: dict[str, Any]) -> None:
        self.playing = False
        await self.rebuild(self.settings)

    async def on_play(self, message: dict[str, Any]) -> None:
        self.playing = True
        self._wake.set()

    async def on_pause(self, message: dict[str, Any]) -> None:
        self.playing = False
        await self.say("paused")

    async def on_step(self, message: dict[str, Any]) -> None:
        self.playing = False
        await self.train(1)
        await self.frame()

    async def on_speed(self, message: dict[str, Any]) -> None:
        self.speed = min(1e6, max(1.0, float(message["value"])))

    async def on_rates(self, message: dict[str, Any]) -> None:
        checked = settings({k: message[k] for k in ("learning_rate", "regularization_rate") if k in message})
        network = self._network()
        async with self._lock:
            network.set_rates(checked.learning_rate, checked.regularization_rate)

    async def on_wire(self, message: dict[str, Any]) -> None:
        source = message.get("source")
        value = float(message["value"])
        if not -1e6 <= value <= 1e6:
            raise ValueError("A weight must be a number between -1,000,000 and 1,000,000.")
        async with self._lock:
            self._network().set_wire(int(message["layer"]), None if source is None else int(source), int(message["target"]), value)
        await self.frame()

    async def on_table(self, message: dict[str, Any]) -> None:
        text = message.get("text")
        if not isinstance(text, str):
            raise DataError("A table must be text.")
        found = await asyncio.to_thread(columns_of, text)
        self.text = text
        await self.say("columns", **found)

    async def on_example(self, message: dict[str, Any]) -> None:
        await self.on_table({"text": await asyncio.to_thread(housing_text)})

    async def on_seeds(self, message: dict[str, Any]) -> None:
        network, epochs = self._network(), int(min(2000, max(40, int(message.get("epochs", 200)))))
        async with self._lock:
            curves = await asyncio.to_thread(network.ten_starts, epochs)
        await self.say("seeds", curves=curves, epochs=epochs)

    async def on_explain(self, message: dict[str, Any]) -> None:
        async with self._lock:
            page = await asyncio.to_thread(exporting.explanation, self._network(), int(message.get("point", 0)))
        name = secrets.token_urlsafe(12)
        self.shown[name] = page
        while len(self.shown) > MOST_SHOWN:
            self.shown.pop(next(iter(self.shown)))
        await self.say("explanation", name=name)

    async def on_python(self, message: dict[str, Any]) -> None:
        network = self._network()
        await self.say("python", text=exporting.program(network, max(1, network.epoch)))

    async def on_save(self, message: dict[str, Any]) -> None:
        async with self._lock:
            await self.say("saved", saved=exporting.weights_of(self._network()))

    async def on_load(self, message: dict[str, Any]) -> None:
        saved = message.get("saved")
        if not isinstance(saved, dict) or saved.get("format") != "thalweg-playground-1":
            raise SettingsError("This is no network saved by the playground.")
        await self.rebuild(settings(saved.get("settings")))
        async with self._lock:
            network = self._network()
            network.set_weights(list(saved.get("weights", [])))
            network.epoch = int(saved.get("epoch", 0))
        await self.frame()

    async def on_keras(self, message: dict[str, Any]) -> None:
        async with self._lock:
            data = await asyncio.to_thread(exporting.keras_file, self._network())
        await self.socket.send_bytes(b"K" + data)

    # -- the network ----------------------------------------------------------------------------------------

    def _network(self) -> Network:
        if self.network is None:
            raise SettingsError("There is no network yet: configure one first.")
        return self.network

    def _points(self, chosen: Settings) -> Points:
        if chosen.data != "own":
            return pattern(chosen.data, chosen.noise, chosen.seed)
        if not self.text:
            raise DataError("There is no table yet: paste or drop one first.")
        x, y, target = [chosen.own.get(k, "") for k in ("x", "y", "target")]
        return table(self.text, x, y, target, chosen.seed)

    async def rebuild(self, chosen: Settings, change: Any = None) -> None:
        """A new network for these settings; the old one stays until the new one is there. change: the page's count."""
        points = await asyncio.to_thread(self._points, chosen)
        network = await asyncio.to_thread(Network, chosen, points)
        async with self._lock:
            self.settings, self.network, self._warm, self.best = chosen, network, 0, (float("inf"), 0)
        await self.show(change)

    async def show(self, change: Any = None) -> None:
        """Tell the browser what there is, and what it looks like now. change: which of the page's changes this answers."""
        network = self._network()
        points = network.points
        await self.say(
            "structure", settings=network.settings.plain(), classes=points.classes, axes=points.axes, target=points.target,
            remarks=points.remarks,
            points=[[round(float(a), 3), round(float(b), 3), round(float(c), 4)] for (a, b), c in zip(points.xy, points.labels)],
            split=len(network.train[0]), outputs=network.outputs, steps=network.steps,
            change=change if isinstance(change, int) else None,
        )  # fmt: skip
        await self.frame()

    async def train(self, epochs: int) -> bool:
        """Some epochs; if the weights are no numbers afterwards, the last sound ones come back. Says whether it went well."""
        network = self._network()
        async with self._lock:
            while epochs > 0:
                burst = BURST if epochs >= BURST and self._warm > 30 else 1
                await asyncio.to_thread(network.advance, burst)
                self._warm += 1
                epochs -= burst
            if network.is_sound():
                return True
        await self.come_back()
        return False

    async def come_back(self) -> None:
        """Give up what has grown beyond all numbers for the last network whose losses were numbers."""
        network = self._network()
        async with self._lock:
            diverged, back = network.epoch, network.good[0]
            network.restore(network.good)
        self.playing = False
        await self.say(
            "diverged", epoch=diverged, back=back,
            text=f"The weights grew beyond all numbers by epoch {diverged}: the learning rate, {network.settings.learning_rate:g}, "
            f"is too bold here. The network of epoch {back} is back; try a smaller rate.",
        )  # fmt: skip

    # -- frames -----------------------------------------------------------------------------------------------

    async def stream(self) -> None:
        """Train and send frames for as long as the tab is there. Whatever goes wrong is told, and the tab goes on."""
        while True:
            try:
                await self._stream()
            except Exception as error:
                self.playing = False
                await self.say("error", text=f"Training stopped: {error}")
                await self.say("paused")

    async def _stream(self) -> None:
        owed, last = 0.0, time.monotonic()
        while True:
            if not self.playing or self.network is None:
                self._wake.clear()
                await self._wake.wait()
                owed, last = 0.0, time.monotonic()
                continue
            start = time.monotonic()
            owed = min(owed + (start - last) * self.speed, self.speed)
            last = start
            trained = 0
            sound = True
            while owed >= 1 and sound and time.monotonic() - start < FRAME:
                count = min(int(owed), BURST)
                sound = await self.train(count)
                owed -= count
                trained += count
            spent = time.monotonic() - start
            if trained and spent:
                steps = trained * self.network.steps / max(spent, FRAME if owed < 1 else spent)
                self.measured = steps if not self.measured else 0.9 * self.measured + 0.1 * steps
            if owed >= 1:
                owed = 0.0  # as quick as it goes: nothing is owed
            if (trained or not sound) and self.unseen < 2:
                await self.frame()
            await asyncio.sleep(max(0.0, FRAME - (time.monotonic() - start)))

    async def frame(self) -> None:
        """What the network looks like now: a line of JSON, then a byte for each point of each neuron's map."""
        network = self._network()
        state, maps = await self.look(network)
        if not state and network is self.network:
            await self.come_back()
            state, maps = await self.look(network)
        if network is not self.network:
            return  # another has taken its place meanwhile, and is shown by itself
        if state["test"] < self.best[0]:
            self.best = state["test"], network.epoch
        state |= {"epoch": network.epoch, "best": self.best[1], "speed": round(self.measured), "playing": self.playing}
        header = json.dumps(state).encode()
        self.unseen += 1
        await self.socket.send_bytes(b"F" + struct.pack("<I", len(header)) + header + maps)

    async def look(self, network: Network) -> tuple[dict[str, Any], bytes]:
        """Losses and weights, and maps; nothing where a loss is no number. What has losses is a network to come back to."""

        def work() -> tuple[dict[str, Any], bytes]:
            losses = network.losses()
            if not (network.is_sound() and math.isfinite(losses["train"]) and math.isfinite(losses["test"])):
                return {}, b""
            network.good = network.snapshot()
            return {**losses, **network.wires()}, network.maps()

        async with self._lock:
            return await asyncio.to_thread(work)

    async def say(self, kind: str, **what: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the socket has closed meanwhile
            await self.socket.send_text(json.dumps({"type": kind, **what}))


def housing_text() -> str:
    """California housing as text: the example of a table of one's own."""
    from thalweg.tabular.california import load_california

    frame, _ = load_california()
    columns = ["longitude", "latitude", "median_house_value", "ocean_proximity"]
    return frame.sample(2000, random_state=0)[columns].to_csv(index=False)
