#!/usr/bin/env python3
"""fake_queryd.py - answers as scrim-queryd does, over two SQLite files: for tests of the page.

	fake_queryd.py FOLDER KEY [CERT TLSKEY] [--hostile WHAT]

FOLDER has week.db and released.csv. Prints its port. WHAT: what every answer is spoilt with.
"""
import csv, http.server, json, os, sqlite3, ssl, sys

folder, key = sys.argv[1:3]
hostile = sys.argv[sys.argv.index("--hostile") + 1] if "--hostile" in sys.argv else ""
tls = [a for a in sys.argv[3:] if a.endswith((".crt", ".key", ".pem"))]
record = 1200


def load_view():
    db = sqlite3.connect(":memory:", check_same_thread=False)
    db.execute("CREATE TABLE rfm (weeks_since_order TEXT, orders TEXT, spent TEXT, favourite_category TEXT)")
    with open(f"{folder}/released.csv") as f:
        db.executemany("INSERT INTO rfm VALUES (?, ?, ?, ?)", csv.reader(f))
    return db


databases = {"week": sqlite3.connect(f"{folder}/week.db", check_same_thread=False)}
if os.path.exists(f"{folder}/released.csv"):
    databases["rfm"] = load_view()


def manifest(name):
    tables = [{"name": t} for t, in databases[name].execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")]
    if name == "rfm":
        return {"dataset": name, "number": 12, "k": 10, "checked": True, "from": "", "to": "", "tables": tables}
    number, first, last = databases[name].execute("SELECT number, from_day, to_day FROM calendar").fetchone()
    return {"dataset": name, "number": int(number), "k": 10, "checked": True, "from": first, "to": last, "tables": tables}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, value):
        body = {"": json.dumps(value), "garbage": "<html>", "deep": "[" * 100000, "short": json.dumps(value)[:-9],
                "huge": " " * (5 << 20)}[hostile].encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def known(self):
        if self.headers.get("Authorization") == "Bearer " + key:
            return True
        self.answer(401, {"title": "who are you?"})
        return False

    def do_GET(self):
        name = self.path.split("/")[3] if self.path.count("/") == 4 else ""
        if self.known():
            self.answer(200, manifest(name)) if name in databases else self.answer(404, {"title": "no such dataset"})

    def do_POST(self):
        global record
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.known():
            return
        if asked["purpose"] != "campaign":
            return self.answer(403, {"title": "not granted"})
        if asked["dataset"] not in databases:
            return self.answer(404, {"title": "no such dataset"})
        try:
            got = databases[asked["dataset"]].execute(asked["sql"])
            rows = got.fetchmany(10001)
        except sqlite3.Error as e:
            return self.answer(422, {"title": str(e)})
        record += 1
        self.answer(200, {"dataset": asked["dataset"], "release": 47, "columns": [{"name": d[0], "type": "TEXT"} for d in got.description],
                          "rows": rows[:10000], "cut": len(rows) > 10000, "record": record})


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
if tls:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*tls)
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
