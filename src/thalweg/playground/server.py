"""The playground's server: one page, its files, and a WebSocket for each tab. It listens on this machine alone.

Whoever wants in needs the token that stands in the address; a page of another origin is refused even with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import secrets
import socket
from importlib.resources import files
from typing import Any

MOST_BYTES = 8 * 2**20  # of one message: a table that is pasted
PATIENCE, MOST_WAITING = 30.0, 32  # seconds that a lost tab's network is kept, and how many are
_TYPES = {"html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; img-src 'self' data: blob:; "
    "frame-src 'self'; frame-ancestors 'none'"
)


def make_app(token: str) -> Any:
    """The application, for any ASGI server."""
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse, Response
    from starlette.routing import Route, WebSocketRoute
    from starlette.websockets import WebSocketDisconnect

    from thalweg.playground.tab import Tab

    waiting: dict[str, Tab] = {}
    shown: dict[str, str] = {}  # pages for frames, by names that cannot be guessed

    def allowed(request: Any) -> bool:
        return hmac.compare_digest(request.query_params.get("token", "").encode(), token.encode())

    async def page(request: Any) -> Any:
        if not allowed(request):
            return PlainTextResponse("The address needs its token: open the one that `thalweg playground` printed.", 403)
        return _file("index.html", Response)

    async def asset(request: Any) -> Any:
        name = request.path_params["name"]
        if name not in {f.name for f in (files("thalweg.playground") / "page").iterdir()}:
            return PlainTextResponse("There is no such file.", 404)
        return _file(name, Response)

    async def show(request: Any) -> Any:
        text = shown.get(request.path_params["name"])
        if text is None:
            return PlainTextResponse("This page is gone.", 404)
        own = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'self'"
        return Response(text, media_type=_TYPES["html"], headers={"content-security-policy": own, "cache-control": "no-store"})

    async def talk(websocket: Any) -> None:
        origin = websocket.headers.get("origin")
        if not allowed(websocket) or (origin is not None and origin.split("://")[-1] != websocket.headers.get("host")):
            await websocket.close(1008, "wrong token or origin")
            return
        await websocket.accept()
        name = websocket.query_params.get("tab", "")[:64]
        tab = waiting.pop(name, None) or Tab(shown)
        tab.socket = websocket
        stream = asyncio.create_task(tab.stream())
        lost = False
        try:
            while True:
                text = await websocket.receive_text()
                try:
                    message = json.loads(text)
                except (ValueError, RecursionError):
                    await tab.say("error", text="A message must be JSON.")
                    continue
                await tab.answer(message)
        except WebSocketDisconnect as end:
            lost = end.code not in (1000, 1001)  # the tab was not closed: it may come back
        finally:
            stream.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await stream
            tab.playing = False
            if lost and name and len(waiting) < MOST_WAITING:
                waiting[name] = tab
                asyncio.get_running_loop().call_later(PATIENCE, waiting.pop, name, None)

    return Starlette(
        routes=[Route("/", page), WebSocketRoute("/talk", talk), Route("/shown/{name:str}", show), Route("/{name:str}", asset)]
    )


def _file(name: str, response: Any) -> Any:
    data = (files("thalweg.playground") / "page" / name).read_bytes()
    headers = {
        "content-security-policy": _POLICY, "cache-control": "no-store", "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
    }  # fmt: skip
    return response(data, media_type=_TYPES.get(name.rsplit(".", 1)[-1], "application/octet-stream"), headers=headers)


def listen(port: int = 0) -> socket.socket:
    """A socket on the loopback address. port 0: any free one. Raises OSError where it is taken."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    return listening


def serve(listening: socket.socket, token: str) -> None:
    """Answer until interrupted."""
    import threading

    threading.Thread(target=warm, daemon=True).start()  # while the browser opens
    runner(token).run([listening])


def warm() -> None:
    """Load and make once what the first tab will ask for."""
    from thalweg.playground.data import pattern
    from thalweg.playground.network import Network
    from thalweg.playground.settings import Settings

    network = Network(Settings(), pattern("circle", 0.0, 1))
    network.losses()
    network.advance()


def runner(token: str) -> Any:
    """The server itself, not yet started."""
    import uvicorn

    return uvicorn.Server(
        uvicorn.Config(make_app(token), log_level="error", ws_max_size=MOST_BYTES, ws="websockets-sansio", lifespan="off")
    )


def new_token() -> str:
    return secrets.token_urlsafe(12)
