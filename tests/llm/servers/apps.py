"""apps.py KIND PORT - a judge as Python's servers have it, for ../servers.sh: its verdict is the N of
[[points N]] in the request, which goes to the file $ASKED as well; [[wait MS]] has it take so long, and
[[pad N]] makes it so much longer. wsgi, asgi and events are for servers that take such a thing; KIND is
one that takes none.
With $DIE_AFTER the process drops everything after so many answers and starts anew; with $CLOSE=1 the
answers say that the connection ends, with $CLOSE=unsaid it does all the same, and with $CLOSE=end nothing
else ends the answer (http10, http11); with $CHUNK=1 they come in chunks of 5 bytes (http11); with $GZIP=1
they are packed, asked for or not (aiohttp). $IDLE: seconds for which connections may rest."""
import asyncio
import json
import os
import re
import sys
import threading
import time

HOST, CLOSE, IDLE = "127.0.0.1", os.environ.get("CLOSE") == "1", float(os.environ.get("IDLE", "5"))
DIE_AFTER = int(os.environ.get("DIE_AFTER", "0"))
FIELDS = [("Content-Type", "application/json")] + [("Connection", "close")] * CLOSE
lock, answers = threading.Lock(), 0


def found(name, body):
    n = re.search(rb"\[\[%s (\d+)\]\]" % name, body)
    return int(n[1]) if n else 0


def points(body):
    global answers
    n = str(found(b"points", body))
    with lock:
        with open(os.environ["ASKED"], "a") as f:
            f.write(n + "\n")
        answers += 1
        if answers == DIE_AFTER:
            os.execv(sys.executable, [sys.executable] + sys.argv)
    return n


def wait_s(body):
    return found(b"wait", body) / 1000


def answer(body):
    choice = {"index": 0, "message": {"role": "assistant", "content": points(body)}, "finish_reason": "stop"}
    return json.dumps({"choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 1},
                       "pad": "x" * found(b"pad", body)}).encode()


def slow_answer(body):
    time.sleep(wait_s(body))
    return answer(body)


def wsgi(environ, start):
    out = slow_answer(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    start("200 OK", FIELDS + [("Content-Length", str(len(out)))])
    return [out]


async def asgi(scope, receive, send):
    body, more = [], scope["type"] == "http"
    while more:
        m = await receive()
        body.append(m.get("body", b""))
        more = m.get("more_body", False)
    if scope["type"] == "http":
        await asyncio.sleep(wait_s(b"".join(body)))
        out = answer(b"".join(body))
        await send({"type": "http.response.start", "status": 200,
                    "headers": [(k.lower().encode(), v.encode()) for k, v in FIELDS]})
        await send({"type": "http.response.body", "body": out})


async def events(scope, receive, send):
    """As vLLM streams: Starlette's StreamingResponse, an event a token."""
    from starlette.requests import Request
    from starlette.responses import StreamingResponse

    async def tokens(n):
        for delta in [{"role": "assistant", "content": ""}] + [{"content": c} for c in n] + [{}]:
            choice = {"index": 0, "delta": delta, "finish_reason": None if delta else "stop"}
            yield "data: %s\n\n" % json.dumps({"choices": [choice]})
            await asyncio.sleep(0)
        yield 'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":4}}\n\n'
        yield "data: [DONE]\n\n"

    if scope["type"] == "http":
        n = points(await Request(scope, receive).body())
        await StreamingResponse(tokens(n), media_type="text/event-stream")(scope, receive, send)


def http_server(port, version):
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Handler(BaseHTTPRequestHandler):
        protocol_version, timeout = version, IDLE

        def do_POST(self):
            out = slow_answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            for k, v in FIELDS:
                self.send_header(k, v)
            if os.environ.get("CHUNK"):
                self.send_header("Transfer-Encoding", "chunked")
                parts = [out[i:i + 5] for i in range(0, len(out), 5)]
                out = b"".join(b"%x;a=b\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\nX: y\r\n\r\n"
            elif os.environ.get("CLOSE") != "end":
                self.send_header("Content-Length", str(len(out)))
            self.end_headers()
            self.wfile.write(out)
            self.close_connection |= os.environ.get("CLOSE") in ("unsaid", "end")

        def log_message(self, *args):
            pass

    ThreadingHTTPServer.request_queue_size = 1024
    ThreadingHTTPServer((HOST, port), Handler).serve_forever()


def aiohttp(port):
    from aiohttp import web

    async def post(request):
        body = await request.read()
        await asyncio.sleep(wait_s(body))
        response = web.Response(body=answer(body), headers=dict(FIELDS))
        if os.environ.get("GZIP"):
            response.enable_compression(web.ContentCoding.gzip)
        return response

    app = web.Application(client_max_size=1 << 30)
    app.router.add_post("/{path:.*}", post)
    web.run_app(app, host=HOST, port=port, keepalive_timeout=IDLE, print=None, access_log=None)


def tornado(port):
    from tornado import httpserver, web

    class Handler(web.RequestHandler):
        async def post(self):
            await asyncio.sleep(wait_s(self.request.body))
            for k, v in FIELDS:
                self.set_header(k, v)
            self.write(answer(self.request.body))

    async def main():
        server = httpserver.HTTPServer(web.Application([(".*", Handler)]), idle_connection_timeout=IDLE,
                                       max_buffer_size=1 << 30)
        server.listen(port, HOST)
        await asyncio.Event().wait()

    asyncio.run(main())


def werkzeug(port):
    import logging
    from werkzeug.serving import run_simple

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    run_simple(HOST, port, wsgi, threaded=True)


if __name__ == "__main__":
    kinds = {"http10": lambda port: http_server(port, "HTTP/1.0"), "aiohttp": aiohttp, "tornado": tornado,
             "http11": lambda port: http_server(port, "HTTP/1.1"), "werkzeug": werkzeug}
    kinds[sys.argv[1]](int(sys.argv[2]))
