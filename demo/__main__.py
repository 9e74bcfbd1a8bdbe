"""`python -m demo`: open the demo on this machine; everything that can be wrong at the door is one sentence."""

from __future__ import annotations

import argparse
import atexit
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read by Gradio when it is imported
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000")  # no statistics table for each event
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "100")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
if not os.environ.get("GRADIO_TEMP_DIR"):  # else /tmp/gradio, which may belong to another user of this machine
    os.environ["GRADIO_TEMP_DIR"] = tempfile.mkdtemp(prefix="garmentgen-")
    atexit.register(shutil.rmtree, os.environ["GRADIO_TEMP_DIR"], ignore_errors=True)

from gradio.themes import Default  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402

from garmentgen import UserError  # noqa: E402

try:
    from demo import components
    from demo.app import Studio
    from demo.gate import MOST_FILE, BodyLimit
    from demo.starters import load_starters
    from garmentgen import Designer
except UserError as error:  # a machine on which Paddle cannot be imported
    sys.exit(str(error))

WAITING = 64  # events the queue holds before it says "busy": thirty people painting at once and their clicks


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line, load the weights, serve until interrupted; 2 when it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m demo", description="Paint a garment's parts, see the garment.")
    env = os.environ.get
    parser.add_argument("--host", default=env("GRADIO_SERVER_NAME", "127.0.0.1"), help="address (GRADIO_SERVER_NAME)")
    parser.add_argument("--port", type=int, default=env("GRADIO_SERVER_PORT", "7860"), help="port (GRADIO_SERVER_PORT)")
    parser.add_argument("--weights", type=Path, default=env("GARMENTGEN_WEIGHTS"), help="weights (GARMENTGEN_WEIGHTS)")
    options = parser.parse_args(arguments)
    try:
        check_port(options.host, options.port)
        designer = Designer.load(options.weights)
        studio = Studio(designer, load_starters(designer))
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # stop as on Ctrl-C; Paddle would print a stack
        serve(studio, options.host, options.port, root_path(os.environ, options.port))
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def check_port(host: str, port: int) -> None:
    """Raise UserError when the address cannot be listened on, before the slow start."""
    if not 0 < port < 65536:
        raise UserError(f"A port is between 1 and 65535, but this one is {port}.")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = error.strerror or error
            raise UserError(
                f"Port {port} on {host} cannot be used ({reason}); choose another: make demo PORT=7861, or --port 7861."
            ) from None


def root_path(environ: Mapping[str, str], port: int) -> str | None:
    """The path under which a prefix-stripping proxy shows this app, or None without one.

    Without it the page draws but no event arrives. GRADIO_ROOT_PATH wins; AI Studio shows apps below
    STUDIO_MODEL_API_URL_PREFIX + the user's prefix + gradio/PORT (not tried there), JupyterHub below
    the user's prefix + proxy/PORT.
    """
    prefix = environ.get("JUPYTERHUB_SERVICE_PREFIX", "")
    studio = environ.get("STUDIO_MODEL_API_URL_PREFIX", "")
    if environ.get("GRADIO_ROOT_PATH"):
        return environ["GRADIO_ROOT_PATH"]
    if studio:
        return f"{studio.rstrip('/')}/{prefix.strip('/')}/gradio/{port}".replace("//gradio", "/gradio")
    if prefix:
        return f"/{prefix.strip('/')}/proxy/{port}"
    return None


def serve(studio: Studio, host: str, port: int, root: str | None = None, block: bool = True) -> None:
    """Start the server with the project's Gradio settings; nothing is fetched from or sent to other machines."""
    font = ("system-ui", "-apple-system", "Segoe UI", "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "sans-serif")
    mono = ("ui-monospace", "Consolas", "monospace")
    theme = Default(primary_hue="indigo", neutral_hue="zinc", font=font, font_mono=mono, radius_size="lg")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # Gradio's own knocks at its own door
    studio.blocks.queue(max_size=WAITING)
    studio.blocks.launch(
        server_name=host,
        server_port=port,
        root_path=root,
        theme=theme,
        css=components.css(),
        head=components.head(),
        i18n=studio.i18n,
        footer_links=["api"],
        run_history=False,
        share=False,
        ssr_mode=False,
        pwa=False,
        enable_monitoring=False,
        max_file_size=MOST_FILE,
        state_session_capacity=100,
        app_kwargs={"middleware": [Middleware(BodyLimit)]},
        prevent_thread_lock=not block,
    )


if __name__ == "__main__":
    sys.exit(main())
