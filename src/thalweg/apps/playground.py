"""`thalweg playground`: a neural network to tinker with in the browser."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

DESCRIPTION = """Tinker with a neural network in your browser: choose points, features, layers and rates, and watch it learn.
The page is served to this machine alone; its address holds a token."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    options = parser().parse_args(arguments)
    try:
        import starlette
        import uvicorn
        import websockets
    except ModuleNotFoundError as error:
        print(f"thalweg playground: this needs {error.name}; install it with: pip install 'thalweg[playground]'", file=sys.stderr)
        return 2
    from thalweg.playground import server

    try:
        listening = server.listen(options.port)
    except OSError:
        print(f"thalweg playground: port {options.port} is taken; leave --port out to get a free one.", file=sys.stderr)
        return 2
    token = server.new_token()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}/?token={token}"
    print(f"The playground is at {address}\nStop it with Ctrl-C.", flush=True)
    if options.open:
        import webbrowser

        webbrowser.open(address)
    server.serve(listening, token)
    return 0


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    parser = argparse.ArgumentParser("thalweg playground", description=DESCRIPTION)
    parser.add_argument("--port", type=int, default=0, help="the port to listen on (default: any free one)")
    parser.add_argument("--open", action="store_true", help="open the page in the browser")
    return parser


if __name__ == "__main__":
    sys.exit(main())
