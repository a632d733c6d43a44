#!/bin/bash
# scrim-queryd comes and goes: stopped under load, killed, started on the log it left, and not
# started at all by what would not do.
. "$(dirname "$0")/../lib/query.sh"

QUERY_LIMITS='{ "time": "60s", "steps": 100000000000, "queue": 256, "at_once": 256 }'
query_world
publish weekly 1 1000
grant ana
start_queryd
A_WHILE='SELECT count(*) FROM sales a, sales b WHERE a.orders + b.orders > '	# a tenth of a second or so
FOR_EVER='SELECT count(*) FROM sales a, sales b, sales c WHERE a.orders + b.orders + c.orders > '
load() { # NAME COUNT SQL: a line for each, "STATUS EXIT ROWS"
	local i
	for i in $(seq "$2"); do
		jq -n --arg sql "$3$i" '{ dataset: "weekly", sql: $sql }' | curl -s -o "$W/tmp/$1.$i" -w '%{http_code} %{exitcode}' --max-time 60 \
			-H "Authorization: Bearer $(cat "$W/ana.key")" -H 'Content-Type: application/json' -d @- "$Q/v1/query" >"$W/tmp/$1.$i.code" &
	done
	wait
	for i in $(seq "$2"); do echo "$(cat "$W/tmp/$1.$i.code") $(jq -c '.rows | length' "$W/tmp/$1.$i" 2>/dev/null)"; done >"$W/$1"
}
busy() { [ "$(records | jq -s 'map(select(tostring | test("\"query\""))) | length')" -ge "$1" ]; }
answered() { jq -es 'map(tostring | select(test("\"query\"") and test("\"result\":\"ok\""))) | length'; }

# ---- SIGTERM ----------------------------------------------------------------------------
load term 12 "$A_WHILE" &
await 10 busy 3
kill -TERM "${PROC_PID[queryd]}"
gone() { ! alive queryd; }
wait $!
ok "under load it ends by SIGTERM" await 20 gone
is "each that was taken has its whole answer" "$(grep -cvE '^200 0 1$' "$W/term")" 0
is "and a record of it" "$(records | answered)" 12
ok "the last is its end" shows '[.[] | tostring] | last | test("\"stop\"")'
no "its port is free" port_open "$PORT"

# ---- kill -9 ----------------------------------------------------------------------------
start_queryd
load before 6 "$A_WHILE"
load kill 6 "$FOR_EVER" &
await 10 busy $((24 + 12 + 2))
stop queryd KILL
wait $!
is "who had an answer had it whole" "$(sort "$W/before" | uniq -c | xargs)" "6 200 0 1"
is "who waited for one has none" "$(grep -c ^200 "$W/kill")" 0
start_queryd
ok "it comes up on the log it left" queryd_says .log
is "and answers" "$(ask ana 'SELECT count(*) FROM sales'; jq -c .rows "$W/body")" '200[[1000]]'
question() { jq -es --argjson n "$1" 'any(.[]; .index == $n and (tostring | test("\"question\"")))' "$W/tmp/records" >/dev/null; }
records >"$W/tmp/records"
is "each of the answers that were had has its question on record" "$(jq -r .record "$W"/tmp/before.? | while read -r n; do question "$n" && echo "$n"; done | wc -l)" 6

# ---- what would not do ------------------------------------------------------------------
refuses() { # WHAT IT SAYS
	timeout 20 "$BIN/scrim-queryd" --config "$W/queryd.json" >"$W/out" 2>&1
	[ $? = 1 ] && tail -n 1 "$W/out" | grep -q -- "^scrim-queryd: .*$1" || { sed 's/^/# /' "$W/out"; return 1; }
}
cp "$W/queryd.json" "$W/good"
ok "a second one on its log does not start" refuses "another process has this log open"
jq '.log = "run/other"' "$W/good" >"$W/queryd.json"
ok "nor one on its port" refuses "cannot listen on 127.0.0.1:$PORT: Address already in use"
is "which disturbs nobody" "$(ask ana 'SELECT 1')" 200
stop queryd
jq '.listn = .listen | del(.listen)' "$W/good" >"$W/queryd.json"
ok "a mistake in its configuration is told, by the line" refuses 'queryd.json:[0-9]*:[0-9]*: unknown key "listn": did you mean "listen"?'
jq '.limits.heap = 5' "$W/good" >"$W/queryd.json"
ok "so is a limit with which nothing can be answered" refuses 'queryd.json:[0-9]*:[0-9]*: .*"heap" 1MiB'
cp "$W/good" "$W/queryd.json"
mv "$W/grants/grants.json" "$W/grants.good"
echo '{ "grants": [ {' >"$W/grants/grants.json"
ok "grants that are none, by theirs" refuses 'grants.json:2:1: '
rm "$W/grants/grants.json"
mkdir "$W/grants/grants.json"
ok "and what is no file" refuses 'grants.json'
rmdir "$W/grants/grants.json"
touch "$W/grants/private"
ok "other things beside the grants are not left readable" refuses "give the grants a folder of their own"
rm "$W/grants/private"
mv "$W/vkey" "$W/vkey.good"
ok "without the key of the gateway's log it does not start, and says who makes it" refuses "scrimd writes it when keyd has signed its first head"
mv "$W/vkey.good" "$W/vkey"

# ---- what may be missing ----------------------------------------------------------------
start_queryd
is "without grants nobody asks" "$(ask ana 'SELECT 1')" 401
mv "$W/grants.good" "$W/grants/grants.json"
is "until there are some" "$(ask ana 'SELECT 1')" 200
mv "$W/views" "$W/views.away"
ok "a folder of releases that went away is told" await 10 queryd_says '.folder == false and .ready == false and .served == 0'
is "and nothing is answered from it" "$(ask ana 'SELECT 1')" 403
mv "$W/views.away" "$W/views"
ok "when it is back all is well" await 10 queryd_says '.ready and .served == 1'
is "and asked again" "$(ask ana 'SELECT 1')" 200
stop queryd
rm -rf "$W/views"
start_queryd
ok "a new one has an empty folder, and is ready" queryd_says '.ready and .served == 0'
tap_done
