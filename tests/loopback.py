"""An HTTP server on loopback that stands for somebody else's API."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class LoopbackApi:
    """Say in `hear` what is answered: (status, JSON, headers), or None to hang up without a word.

    JSON that is None is an empty body. `asked` is what came in; hold `lock` to look at it while requests are under way.
    """

    def __init__(self) -> None:
        self.asked, self.lock, api = [], threading.Lock(), self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.answer(self.rfile.read(int(self.headers["Content-Length"])))

            do_PUT = do_POST  # noqa: N815 - the name by which the library calls it

            def do_GET(self):
                self.answer(b"")

            def answer(self, raw):
                said = api.hear(self.command, self.path, dict(self.headers), raw)
                if said is None:
                    self.close_connection = True
                    return
                status, tree, headers = said
                body = b"" if tree is None else json.dumps(tree).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args):
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def hear(self, method: str, path: str, headers: dict[str, str], raw: bytes) -> tuple[int, object, dict] | None:
        raise NotImplementedError

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
