"""Serves the compare page to this machine alone: at its own address, to who has the token in it."""

from __future__ import annotations

import contextlib
import csv
import hmac
import importlib.resources
import io
import secrets
import socket
import sys
import threading
import webbrowser
from typing import Any

from thalweg.apps.board import BoardError, missing
from thalweg.apps.compare.runs import Runs

_FILES = {"compare.js": "text/javascript", "compare.css": "text/css"}
_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob: data:"


def serve(folder: str, port: int | None, open_browser: bool) -> int:
    """Serve until interrupted. Raises BoardError where a package is missing or the port is in use."""
    try:
        import uvicorn
    except ModuleNotFoundError as error:
        raise BoardError(missing(error)) from None
    token, runs = secrets.token_urlsafe(16), Runs(folder)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port or 0))
        listener.listen(64)  # who asks before the server runs waits
    except OSError:
        listener.close()
        raise BoardError(f"port {port} is in use; leave out --port for a free one.") from None
    stop = threading.Event()
    reader = threading.Thread(target=_keep_reading, args=(runs, stop), daemon=True)
    reader.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/?token={token}"
    print(f"Runs side by side: {url}  (Ctrl+C ends it)", flush=True)
    if open_browser:
        webbrowser.open(url)
    config = uvicorn.Config(application(runs, token), log_level="error", lifespan="off", ws="none")
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])
    stop.set()
    return 0


def _keep_reading(runs: Runs, stop: threading.Event) -> None:
    import scipy.signal  # takes a while: better now than when somebody moves the smoothing

    while not stop.is_set():
        try:
            runs.update()
        except Exception as error:  # a folder that goes away, a disk that fails: the page goes on with what it has
            print(f"thalweg: {error}", file=sys.stderr)
        stop.wait(1.0)


def application(runs: Runs, token: str) -> Any:
    """The page and its data as an ASGI application.

    Every request needs the token, as `token=` or as the header `x-token`; deleting needs the header, which no other page can
    send. Requests under another host's name are refused, so that no page can reach it by renaming this machine.
    """
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.responses import JSONResponse, PlainTextResponse, Response
    from starlette.routing import Route

    def guarded(handler: Any, by_header: bool = False) -> Any:
        async def checked(request: Any) -> Any:
            given = request.headers.get("x-token", "") or ("" if by_header else request.query_params.get("token", ""))
            if not hmac.compare_digest(given.encode(), token.encode()):
                return PlainTextResponse("Open the address that `thalweg board --compare` printed.", 403)
            response = await run_in_threadpool(handler, request)
            response.headers["Content-Security-Policy"] = _POLICY
            response.headers["Referrer-Policy"] = "no-referrer"
            response.headers["Cache-Control"] = "no-store"
            return response

        return checked

    def page(request: Any) -> Any:
        return Response(_file("compare.html").replace("TOKEN", token), media_type="text/html")

    def part(request: Any) -> Any:
        name = request.path_params["name"]
        if name not in _FILES:
            return PlainTextResponse("There is no such file.", 404)
        return Response(_file(name), media_type=_FILES[name])

    def table(request: Any) -> Any:
        if request.query_params.get("version") == str(runs.version):
            return JSONResponse({"version": runs.version})
        return JSONResponse({"version": runs.version, "folder": runs.logdir, "runs": runs.table()})

    def curves(request: Any) -> Any:
        asked = request.query_params
        try:
            width = min(max(int(asked.get("width", 1000)), 10), 8000)
            smoothing = min(max(float(asked.get("smoothing", 0)), 0.0), 0.999)
        except ValueError:
            return PlainTextResponse("width and smoothing are numbers.", 400)
        return JSONResponse(runs.curves(asked.get("tag", ""), width, smoothing, asked.get("log_x") == "1"))

    def download(request: Any) -> Any:
        return Response(as_csv(runs.table()), media_type="text/csv",
                        headers={"Content-Disposition": 'attachment; filename="runs.csv"'})  # fmt: skip

    def delete(request: Any) -> Any:
        name = request.query_params.get("run", "")
        try:
            return JSONResponse({"deleted": runs.delete(name)})
        except KeyError:
            return PlainTextResponse(f"There is no run {name!r}.", 404)
        except OSError as error:
            return PlainTextResponse(f"{name!r} could not be deleted: {error.strerror or error}.", 409)

    routes = [
        Route("/", guarded(page)), Route("/api/runs", guarded(table)), Route("/api/curves", guarded(curves)),
        Route("/runs.csv", guarded(download)), Route("/api/delete", guarded(delete, by_header=True), methods=["POST"]),
        Route("/{name}", guarded(part)),
    ]  # fmt: skip
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "testserver"])
    return Starlette(routes=routes, middleware=[hosts])


def _file(name: str) -> str:
    return (importlib.resources.files("thalweg.apps.compare") / name).read_text(encoding="utf-8")


def as_csv(rows: list[dict[str, Any]]) -> str:
    """The table as CSV: a line for each run, its settings, then the last and best values of each measure."""
    settings = sorted({k for row in rows for k in row["settings"]})
    measures = sorted({k for row in rows for k in row["measures"]})
    kinds = ("last", "min", "max")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["run", "status", *settings, *(f"{m} ({kind})" for m in measures for kind in kinds)])
    for row in rows:
        values = [row["measures"].get(m, {}).get(kind, "") for m in measures for kind in kinds]
        writer.writerow([_safe(row["name"]), row["status"], *(_safe(row["settings"].get(k, "")) for k in settings), *values])
    return out.getvalue()


def _safe(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula, as text."""
    return "'" + value if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value
