"""Stands in for manage.py: pages that answer, processes that wait, migrations that are done at once."""

import http.server
import os
import sys
import time
from pathlib import Path


class Pages(http.server.BaseHTTPRequestHandler):
    """Every page is fine."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()


def main(command: str) -> None:
    home = Path(os.environ["HANDRAIL_HOME"])
    home.joinpath(f"{command}.environment").write_text("\n".join(sorted(os.environ)))
    if command == "web":
        http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Pages).serve_forever()
    if command == "sample":
        home.joinpath("logins.txt").write_text("reviewer\trita\tsecret-words\n")
        print("accuracy 0.87")
    if command == "worker":
        os.fork()
    if command in {"worker", "clock"}:
        time.sleep(3600)


main(sys.argv[1])
