#!/bin/bash
# scrim query at a prompt: lines make a statement, Ctrl-C takes one back, and what was asked is
# kept in a file that is its owner's alone, or nowhere.
. "$(dirname "$0")/../lib/query.sh"

QUERY_LIMITS='{ "time": "60s", "steps": 100000000000 }'
query_world
publish weekly 1 1000
grant ana
start_queryd
mkdir "$W/home"

# type HOME LINE...: what a terminal shows; "^C" is the key, a second after the line before it
type() {
	local home=$1
	shift
	HOME=$home TERM=dumb python3 - "$BIN/scrim" query --server "$Q" --key "$W/ana.key" -- "$@" <<-'END'
		import os, pty, select, sys, time
		args = sys.argv[1:]
		lines = args[args.index("--") + 1:]
		pid, fd = pty.fork()
		if pid == 0:
		    os.execv(args[0], args[:args.index("--")])
		out = b""
		def drain(seconds, until=None):
		    global out
		    end = time.time() + seconds
		    while time.time() < end and not (until and until in out):
		        if select.select([fd], [], [], 0.05)[0]:
		            try:
		                got = os.read(fd, 65536)
		            except OSError:
		                return
		            if not got:
		                return
		            out += got
		drain(10, b"scrim>")
		for line in lines:
		    if line == "^C":
		        drain(1)
		        os.write(fd, b"\x03")
		        drain(1)
		    else:
		        os.write(fd, line.encode() + b"\n")
		        drain(0.7)
		drain(5)
		_, status = os.waitpid(pid, 0)
		sys.stdout.write(out.decode("utf-8", "replace"))
		print("\nexit", os.waitstatus_to_exitcode(status))
	END
}

type "$W/home" 'SELECT count(*) AS many' 'FROM sales;' '\d sales' '\nonsense' '\q' >"$W/screen"
ok "lines make a statement" grep -q '(1 row; release 1' "$W/screen"
ok "a table's columns are told" grep -q 'What was bought' "$W/screen"
ok "what is no command is said" grep -q 'no such command' "$W/screen"
ok "and it ends well" grep -q '^exit 0' "$W/screen"
is "the history is its owner's alone" "$(stat -c %a "$W/home/.scrim_query_history")" 600
ok "and has what was asked" grep -q many "$W/home/.scrim_query_history"
type "$W/home" 'SELECT count(*) FROM sales a, sales b, sales c, sales d;' '^C' 'SELECT 41 + 1;' '\q' >"$W/screen"
ok "Ctrl-C takes a question back" grep -q 'taken back' "$W/screen"
ok "and the next is answered" grep -q 42 "$W/screen"
gone() { curl -s "$Q/metrics" | grep -q '^scrim_queries_total{outcome="gone"} 1'; }
ok "queryd ended the one that nobody waits for" await 10 gone
mkdir "$W/empty"
(cd "$W/empty" && type '' 'SELECT 1;' '\q' >"$W/screen")
ok "without a home it works" grep -q '^exit 0' "$W/screen"
is "and writes nothing" "$(ls -A "$W/empty")" ''
tap_done
