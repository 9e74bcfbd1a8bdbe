"""`python -m demo`: open the demo on this machine; everything that can be wrong at the door is one sentence."""

from __future__ import annotations

import argparse
import atexit
import functools
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Mapping

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read by Gradio when it is imported
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000")  # no statistics table for each event
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "100")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ["no_proxy"] = "*"  # Gradio knocks at its own door: no company's or VPN's proxy has a part in that
try:
    if not os.environ.get("GRADIO_TEMP_DIR"):  # else /tmp/gradio, which may belong to another user of this machine
        os.environ["GRADIO_TEMP_DIR"] = tempfile.mkdtemp(prefix="garmentgen-")
        atexit.register(shutil.rmtree, os.environ["GRADIO_TEMP_DIR"], ignore_errors=True)
    tempfile.TemporaryFile(dir=os.environ["GRADIO_TEMP_DIR"]).close()
except OSError as error:
    sys.exit(f"Uploads need a folder that can be written ({error}); set GRADIO_TEMP_DIR to one, or make room.")

from demo.memory import import_later, never_import  # noqa: E402
from garmentgen import UserError, environment  # noqa: E402

import_later("pandas")
try:
    from gradio.themes import Default
    from starlette.middleware import Middleware

    from demo import components, tool
    from demo.app import Studio
    from demo.ask import door
    from demo.gate import HANDLERS, MOST_FILE, BodyLimit
    from demo.starters import load_starters
    from garmentgen import Designer
except ModuleNotFoundError as error:
    sys.exit(f"The package {error.name} is not installed here: python -m pip install -r requirements.txt")
except UserError as error:  # a machine on which Paddle cannot be imported
    sys.exit(str(error))

WAITING = 64  # calls of the endpoint that the queue holds before it says "busy"
STATUS_SECONDS = 2  # how often a waiting call is told its place; all were told at every garment else


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line, load the weights, serve until interrupted; 2 when it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m demo", description="Paint a garment's parts, see the garment.")
    said = {name: value for name, value in os.environ.items() if value}
    host, port = said.get("GRADIO_SERVER_NAME", "127.0.0.1"), said.get("GRADIO_SERVER_PORT", "7860")
    parser.add_argument("--host", default=host, help="address (GRADIO_SERVER_NAME)")
    parser.add_argument("--port", default=port, help="port (GRADIO_SERVER_PORT)")
    parser.add_argument("--mcp", action="store_true", help="also answer as an MCP server, at /gradio_api/mcp/")
    parser.add_argument("--weights", default=said.get("GARMENTGEN_WEIGHTS"), help="weights (GARMENTGEN_WEIGHTS)")
    options = parser.parse_args(arguments)
    try:
        port = check_address(options.host, options.port)
        if options.mcp:
            tool.check_package()
        environment.share_one_heap()
        designer = Designer.load(options.weights)
        print(f"engine: {designer.engine}", flush=True)
        studio = Studio(designer, load_starters(designer))
        never_import("matplotlib")
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # stop as on Ctrl-C; Paddle would print a stack
        serve(studio, options.host, port, root_path(os.environ, port), mcp=options.mcp)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def check_address(host: str, text: str) -> int:
    """The port; raises UserError, before the slow start, when this address cannot be listened on."""
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) < 65536):
        raise UserError(f"A port is a whole number between 1 and 65535, but this one is {text:.20}.")
    port = int(text)
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (socket.gaierror, TypeError, ValueError):  # no such name, or nothing that could be one
            raise UserError(
                f"{host!a:.80} is no address of this machine; choose 127.0.0.1 to be seen here alone, or 0.0.0.0."
            ) from None
        except OSError as error:
            reason = error.strerror or error
            raise UserError(
                f"Port {port} on {host} cannot be used ({reason}); choose another: make demo PORT=7861, or --port 7861."
            ) from None
    return port


def root_path(environ: Mapping[str, str], port: int) -> str | None:
    """The path under which a prefix-stripping proxy shows this app, or None without one.

    Without it the page draws but no event arrives. GRADIO_ROOT_PATH wins; AI Studio shows apps below
    STUDIO_MODEL_API_URL_PREFIX + the user's prefix + gradio/PORT (not tried there), JupyterHub below
    the user's prefix + proxy/PORT.
    """
    prefix = environ.get("JUPYTERHUB_SERVICE_PREFIX", "")
    studio = environ.get("STUDIO_MODEL_API_URL_PREFIX", "")
    if given := environ.get("GRADIO_ROOT_PATH", "").rstrip("/"):
        return given if "://" in given else f"/{given.lstrip('/')}"
    if studio:
        return f"{studio.rstrip('/')}/{prefix.strip('/')}/gradio/{port}".replace("//gradio", "/gradio")
    if prefix:
        return f"/{prefix.strip('/')}/proxy/{port}"
    return None


def serve(studio: Studio, host: str, port: int, root: str | None = None, block: bool = True, mcp: bool = False) -> None:
    """Start the server with the project's Gradio settings; nothing is fetched from or sent to other machines.

    Args:
        mcp: whether `generate` is a tool of the Model Context Protocol too; needs the package `mcp`.
    """
    font = ("system-ui", "-apple-system", "Segoe UI", "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "sans-serif")
    mono = ("ui-monospace", "Consolas", "monospace")
    theme = Default(primary_hue="indigo", neutral_hue="zinc", font=font, font_mono=mono, radius_size="lg")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # Gradio's own knocks at its own door
    studio.blocks.queue(max_size=WAITING, status_update_rate=STATUS_SECONDS)
    studio.blocks._queue.sleep_when_free = 0.01  # else it looks for work a thousand times a second: 4 % of a core, ever
    launch = functools.partial(
        studio.blocks.launch,
        server_name=host,
        server_port=port,
        root_path=root,
        theme=theme,
        css=components.css(),
        head=components.head(),
        footer_links=["api"],
        run_history=False,
        share=False,
        _frontend=False,  # else Gradio fetches its own page and gives up where that takes a busy machine 3 s
        ssr_mode=False,
        pwa=False,
        mcp_server=mcp,
        enable_monitoring=False,
        max_file_size=MOST_FILE,
        state_session_capacity=100,  # Gradio's own notes of a tab; the page needs none of them
        app_kwargs={
            "middleware": [Middleware(BodyLimit)],
            "exception_handlers": HANDLERS,
            "routes": [door(studio.lines)],
        },
        prevent_thread_lock=True,
    )
    try:
        launch()
    except (OSError, ValueError) as error:
        raise UserError(f"The app could not start on {host}:{port} ({error}); try another --port or --host.") from error
    if agents := studio.blocks.mcp_server_obj:
        tool.name_arguments(agents.mcp_server)
    if block:
        studio.blocks.block_thread()


if __name__ == "__main__":
    sys.exit(main())
