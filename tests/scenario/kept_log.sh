#!/bin/bash
# Another process's log, which scrimd looks after: keyd signs its heads, what was signed is kept
# where its writer does not reach, and a log that is not its continuation is red until it is again.
. "$(dirname "$0")/../lib/world.sh"

world_new
world_order_routes "http://127.0.0.1:$PEER_PORT" | world_routes -
jq '.logs = [{ name: "queryd", dir: "run/query-log" }]' "$W/scrim.json" >"$W/tmp/c" && mv "$W/tmp/c" "$W/scrim.json"
export SCRIM_CONFIG=$W/scrim.json
LOG=$W/run/query-log

start_writer() {
	rm -f "$W/tmp/entries"
	mkfifo "$W/tmp/entries"
	TMPDIR=$W/tmp start writer "$W/log/writer.err" bash -c 'exec "$0" "$1" "$2" <"$3" >>"$4"' \
		"$TOOLS/log_writer" "$LOG" demo/queryd "$W/tmp/entries" "$W/log/writer.out"
	exec 9>"$W/tmp/entries"
}
stop_writer() {
	exec 9>&-
	await 10 not_running writer
}
not_running() { ! alive "$1"; }
entries() { # N [AT]: so many more; another AT is another past
	for _ in $(seq "$1"); do echo '{"v":1,"at":'"${2:-5}"',"kind":"search"}' >&9; done
}
gauge() { curl -s "$PLAIN/metrics" | sed -n "s/^scrim_kept_log_$1{log=\"queryd\"} //p"; }
signed() { [ "$(gauge signed)" = "$1" ]; }
check() { curl -s "$PLAIN/readyz" | jq -r .logs; }
red() { [ "$(check)" = false ]; }
green() { [ "$(check)" = true ]; }
head_size() { sed -n 2p "$W/run/heads/queryd.checkpoint"; }
events() { grep -c "\"event\":\"gateway.kept_log_$1\"" "$W/log/scrimd.err"; }

# ---- a log that keyd.json does not name ------------------------------------------------------
world_up
is "a log that is not there yet is no trouble" "$(check)" true
is "and has nothing signed" "$(gauge signed)" 0
start_writer
entries 3
ok "keyd signs no log that its configuration does not name" await 10 red
is "which makes scrimd not ready" "$(curl -s -o /dev/null -w '%{http_code}' "$PLAIN/readyz")" 503
is "as the metrics tell" "$(gauge refused)" 1
ok "and scrimd's own words, with what to do" grep -q '"event":"gateway.kept_log_refused".*name it in keyd.json' "$W/log/scrimd.err"
no "nothing was kept" test -e "$W/run/heads/queryd.checkpoint"
world_down
jq '.logs = [{ name: "queryd" }]' "$W/keyd.json" >"$W/tmp/c" && mv "$W/tmp/c" "$W/keyd.json"
world_up

# ---- signed --------------------------------------------------------------------------------
ok "named there, it is signed" await 10 signed 3
ok "and all is well" green
entries 300
ok "as it grows" await 10 signed 303
is "the signed head is kept" "$(head -1 "$W/run/heads/queryd.checkpoint") $(head_size)" "demo/queryd 303"
ok "with its key" grep -q '^demo/queryd+' "$W/run/heads/queryd.vkey"
is "its writer's folder has neither" "$(cd "$LOG" && ls checkpoint vkey 2>/dev/null)" ''
ok "audit verify takes it too" logs_verified
"$BIN/scrim" audit verify >"$W/out"
ok "by the signed head" grep -qE '^queryd +verified +303 entries under a signature;' "$W/out"
is "and tells it in JSON" "$("$BIN/scrim" audit verify --json | jq -c '.[] | select(.log == "queryd") | [.ok, .origin, .signed, .signature_checked]')" \
	'[true,"demo/queryd",303,true]'
before=$(grep -c '"kind":"head"' <("$BIN/scrim" audit show --keyd --json))
sleep 2.5
is "a log that rests is not signed again and again" "$(grep -c '"demo/queryd"' <("$BIN/scrim" audit show --keyd --json))" \
	"$(grep -c '"demo/queryd"' <("$BIN/scrim" audit show --keyd --json))"
ok "keyd has a record of each head it signed" test "$before" -ge 2

# ---- keyd away, scrimd away ----------------------------------------------------------------
stop keyd
entries 2
sleep 1.2
is "without keyd nothing is signed" "$(head_size)" 303
start_keyd
ok "when it is back it is" await 15 signed 305
stop scrimd
entries 4
start_scrimd
await 20 ready
ok "what came while scrimd was away is signed too" await 10 signed 309

# ---- another past ---------------------------------------------------------------------------
stop_writer
ok "its last words are signed" await 10 signed 309
cp -r "$LOG" "$W/tmp/good"
rm -rf "$LOG"
start_writer
entries 5 6
ok "a log that was begun anew is refused" await 10 red
is "audit verify calls it broken as well" "$("$BIN/scrim" audit verify >"$W/out" 2>&1; echo $?)" 7
ok "scrimd says so" grep -q '"event":"gateway.kept_log_refused".*"signed":309' "$W/log/scrimd.err"
sleep 2.2 # each head that it had meanwhile is another past
n=$(events refused)
sleep 2.2
is "once" "$(events refused)" "$n"
ok "for as long as it lasts" red
is "and what was signed is what is kept" "$(head_size)" 309
stop_writer
rm -rf "$LOG"
ok "a log that is gone is red as well" eval 'sleep 2; red'
cp -r "$W/tmp/good" "$LOG"
ok "the log itself, put back, is well" await 10 green
ok "which scrimd says" test "$(events well)" -ge 1

# A longer log of another past: it was signed to 309, and keyd knows which 309.
rm -rf "$LOG"
start_writer
entries 400 6
ok "a longer one of another past is refused" await 10 red
stop_writer
ok "by keyd" await 10 grep -q '"event":"gateway.kept_log_refused".*does not extend' "$W/log/scrimd.err"
in_log() { "$BIN/scrim" audit show --kind head --outcome refused --json | grep -q '"origin":"demo/queryd"'; }
ok "which is in the access log, with its head" await 5 in_log
is "and what was signed is what is kept" "$(head_size)" 309
rm -rf "$LOG"
"$TOOLS/log_writer" "$LOG" demo/other <<<'{"v":1}' >/dev/null
ok "the log of another origin is refused" await 10 eval 'red && grep -q "another origin" "$W/log/scrimd.err"'
rm -rf "$LOG"
cp -r "$W/tmp/good" "$LOG"
find "$LOG/tile/0" -type f -exec sh -c 'printf x | dd of="$1" bs=1 conv=notrunc 2>/dev/null' sh {} \;
ok "with the files of old" await 10 green
is "a byte that was changed is found by audit verify" "$("$BIN/scrim" audit verify >"$W/out" 2>&1; echo $?)" 7
rm -rf "$LOG"
cp -r "$W/tmp/good" "$LOG"
start_writer
entries 1
ok "the log itself goes on" await 10 signed 310
ok "and all is well" green
ok "audit verify says so" logs_verified
tap_done
