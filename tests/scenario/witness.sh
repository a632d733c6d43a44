#!/bin/bash
# Somebody else remembers how long the logs were: a witness answers as c2sp.org/tlog-witness says,
# takes nothing back whatever stops it, costs an order nothing, and what was put back shows.
. "$(dirname "$0")/../lib/world.sh"
. "$ROOT/tests/lib/witness.sh"

world_new
jq -n '[]' | world_routes -
seal() {
	world_curl shop -o "$W/body" -w '%{http_code}' -d '{"items":[{"class":"name","value":"Ann Example","subject":"'"$1"'"}]}' "$URL/v1/seal"
}
entries() { # N [NAME]: so many records in both logs
	for i in $(seq "$1"); do is "an order passes" "$(seal "${2:-c}$i")" 200; done
}
size() { sed -n 2p "$1"; }
longer() { [ "$(size "$W/run/log/checkpoint")" -gt "$1" ]; }
body() { python3 "$ROOT/tests/witness/submit.py" "$@" >"$W/tmp/body"; }
witness_keys
witness_new w1

# ---- its command, its key -------------------------------------------------------------------------
is "its key is for nobody else to read" "$(stat -c %a "$W/w1.key" "$W/w1.seen" | tr '\n' ' ')" "600 700 "
is "init once more prints the same key" "$("$BIN/scrim" witness init "$W/w1.json" --json | jq -r .vkey)" "${WITNESS_VKEY[w1]}"
no "a key that others may read is not used" eval 'chmod 644 "$W/w1.key" && timeout 10 "$BIN/scrim" witness run "$W/w1.json" 2>"$W/err"'
ok "which is said" grep -q 'witness key' "$W/err"
chmod 600 "$W/w1.key"
jq '.logs[0].vkey = "x"' "$W/w1.json" >"$W/bad.json"
"$BIN/scrim" witness run "$W/bad.json" 2>"$W/err"
is "settings that are wrong are wrong usage" $? 2
ok "and it is said where" grep -q 'bad.json:.*"vkey" must be' "$W/err"
witness_start w1
timeout 10 "$BIN/scrim" witness run "$W/w1.json" 2>"$W/err"
is "two cannot serve from one folder" $? 1
ok "which is said" grep -q 'another witness serves' "$W/err"

# ---- each status code -------------------------------------------------------------------------------
world_up
entries 3 first
ok "its log has a head" await 10 longer 3
sleep 1.2
cp -r "$W/run/log" "$W/tmp/a"
A=$(size "$W/tmp/a/checkpoint")
entries 3 second
ok "and a longer one" await 10 longer $((A + 2))
world_down
LOG=$W/run/log
B=$(size "$LOG/checkpoint")
body "$LOG" 5 "$W/tmp/a/checkpoint"
is "409 to who does not know where it is" "$(witness_add w1 "$W/tmp/body")" 409
is "with the size" "$(od -c "$W/tmp/said" | head -1)" "$(printf '0\n' | od -c | head -1)"
ok "as text/x.tlog.size" grep -qi '^content-type: text/x.tlog.size.$' "$W/tmp/said.head"
body "$LOG" 0 "$W/tmp/a/checkpoint"
is "200 to the first" "$(witness_add w1 "$W/tmp/body")" 200
ok "with one line, which is its own" test "$(wc -l <"$W/tmp/said")" = 1 -a "$(grep -c '^— witness.example/w1 ' "$W/tmp/said")" = 1
is "200 to the same once more" "$(body "$LOG" "$A" "$W/tmp/a/checkpoint"; witness_add w1 "$W/tmp/body")" 200
is "409 to an old size that is none of its" "$(body "$LOG" 0; witness_add w1 "$W/tmp/body")" 409
is "with the one that is" "$(cat "$W/tmp/said")" "$A"
is "422 to a proof from elsewhere" "$(body "$LOG" "$A" "$LOG/checkpoint" $((A - 1)); witness_add w1 "$W/tmp/body")" 422
is "422 to no proof" "$(body "$LOG" "$A" "$LOG/checkpoint" 0; witness_add w1 "$W/tmp/body")" 422
is "400 to an old size beyond the checkpoint's" "$(body "$LOG" "$B" "$W/tmp/a/checkpoint"; witness_add w1 "$W/tmp/body")" 400
body "$LOG" "$A"
sed 's/^old /0ld /' "$W/tmp/body" >"$W/tmp/x"
is "400 to what is no request" "$(witness_add w1 "$W/tmp/x")" 400
sed 's|^demo/scrimd$|demo/other|' "$W/tmp/body" >"$W/tmp/x"
is "404 to a log that it does not know" "$(witness_add w1 "$W/tmp/x")" 404
grep -v '^— demo/scrimd' "$W/tmp/body" | sed '$a— demo/other AAAAAAA=' >"$W/tmp/x"
is "403 to a checkpoint that the log has not signed" "$(witness_add w1 "$W/tmp/x")" 403
sed "s|^$B\$|$((B + 1))|" "$W/tmp/body" >"$W/tmp/x"
is "403 to one that was changed" "$(witness_add w1 "$W/tmp/x")" 403
head -c 40000 /dev/zero | tr '\0' 'a' >"$W/tmp/x"
is "and nothing that is too long" "$(witness_add w1 "$W/tmp/x")" 413
is "200 to what extends what it saw" "$(witness_add w1 "$W/tmp/body")" 200
base=http://127.0.0.1:${WITNESS_PORT[w1]}
hash=$(printf demo/scrimd | sha256sum | cut -d' ' -f1)
curl -s "$base/$hash/checkpoint" >"$W/tmp/monitor"
is "a monitor gets what it cosigned" "$(sed -n 1,2p "$W/tmp/monitor" | tr '\n' ' ')$(grep -c '^— ' "$W/tmp/monitor")" "demo/scrimd $B 2"
is "404 of a log that it never saw" "$(curl -s -o /dev/null -w '%{http_code}' "$base/$(printf 'scrim/demo/keyd' | sha256sum | cut -d' ' -f1)/checkpoint")" 404
is "405 to GET" "$(curl -s -o /dev/null -w '%{http_code} %header{allow}' "$base/add-checkpoint")" "405 POST"
is "405 to POST of what is read" "$(curl -s -o /dev/null -w '%{http_code} %header{allow}' -X POST "$base/healthz")" "405 GET"
is "501 to a method that nobody knows" "$(curl -s -o /dev/null -w '%{http_code} %header{allow}' -X TRACE "$base/add-checkpoint")" "501 "

# ---- killed, at whatever moment: it never says less than it said --------------------------------------
stop w1
rm -f "$W/w1.seen"/*[0-9a-f]
last=0
back=
for _ in $(seq 12); do
	witness_start w1
	(
		for n in $(seq 40); do
			body "$LOG" "$last" "$W/tmp/$([ $((n % 2)) = 0 ] && echo a || echo ../run/log)/checkpoint"
			status=$(witness_add w1 "$W/tmp/body")
			case $status in
			200) last=$(size "$W/tmp/$([ $((n % 2)) = 0 ] && echo a || echo ../run/log)/checkpoint"); echo "$last" >>"$W/tmp/answered" ;;
			409) last=$(cat "$W/tmp/said") ;;
			000) break ;;
			esac
		done
	) &
	feeder=$!
	sleep 0.0$((RANDOM % 90 + 10))
	stop w1 KILL
	wait $feeder
	witness_start w1
	body "$LOG" 1
	[ "$(witness_add w1 "$W/tmp/body")" = 409 ] || back+=" no-409"
	seen=$(cat "$W/tmp/said")
	answered=$(sort -n "$W/tmp/answered" 2>/dev/null | tail -1)
	[ "${seen:-0}" -ge "${answered:-0}" ] || back+=" $answered>$seen"
	last=$seen
	stop w1
	[ "${seen:-0}" -lt "$B" ] || { rm -f "$W/w1.seen"/*[0-9a-f] "$W/tmp/answered"; last=0; }
done
is "what was answered is what it knows after it was killed" "$back" ""
f=$W/w1.seen/$hash
witness_start w1
body "$LOG" 0
witness_add w1 "$W/tmp/body" >/dev/null
stop w1
sed -i '2s/.*/3/' "$f"
timeout 10 "$BIN/scrim" witness run "$W/w1.json" 2>"$W/err"
is "a file that it has not written stops it" $? 1
ok "which is said" grep -q 'its own cosignature does not hold' "$W/err"
rm -f "$W/w1.seen"/*[0-9a-f]

# ---- two logs, one witness, told by scrimd ---------------------------------------------------------------
witness_start w1
witness_new w2
witness_join w1 w2
world_up
said() { [ "$(witness_said "$1" "${3:-w1}")" -ge "$2" ] 2>/dev/null; }
ok "scrimd's log is cosigned" await 20 said scrimd "$B"
ok "keyd's log is cosigned" await 20 said keyd 5
ok "a witness that is not there is told of" await 10 witness_away
ok "by doctor too, as a warning" eval '"$BIN/scrim" doctor --config "$W/scrim.json" | grep -q "a witness is away"'
is "and costs no readiness" "$(curl -s -o /dev/null -w '%{http_code}' "$PLAIN/readyz")" 200
ok "as the metrics tell" eval 'curl -s "$PLAIN/metrics" | grep -q "^scrim_witness_away{witness=\"witness.example/w2\",log=\"scrimd\"} 1$"'
witness_start w2
ok "once there, it is told of both logs" await 90 said keyd 5 w2
ok "and heard" await 20 witness_heard
cosigned() { [ "$(grep -c '^— witness' "$1")" = "$2" ]; }
entries 2 third
ok "the checkpoint has both their lines" await 20 cosigned "$LOG/checkpoint" 2
ok "as the newest that was cosigned has" cosigned "$W/run/heads/scrimd.cosigned" 2
ok "keyd's stands beside it" grep -q '^scrim/demo/keyd$' "$W/run/heads/keyd.cosigned"
ok "audit verify takes it" logs_verified --config "$W/scrim.json"
"$BIN/scrim" audit prove 2 --config "$W/scrim.json" --out "$W/receipt"
ok "and so does a receipt" eval '"$BIN/scrim" audit show --json --since 2 --limit 1 --config "$W/scrim.json" >"$W/entry"; test -s "$W/receipt"'

# ---- orders do not wait -------------------------------------------------------------------------------
kill -STOP "${PROC_PID[w1]}"
entries 5 fourth
sleep 2
entries 5 fifth
is "with a witness that hangs scrimd is ready" "$(curl -s -o /dev/null -w '%{http_code}' "$PLAIN/readyz")" 200
ok "the other is told all the same" await 20 said scrimd "$(size "$LOG/checkpoint")" w2
kill -CONT "${PROC_PID[w1]}"
ok "and it, when it goes on" await 90 said scrimd "$(size "$LOG/checkpoint")"
stop w2
entries 3 sixth

# ---- the host's whole snapshot put back --------------------------------------------------------------------
world_down
cp -r "$W/run" "$W/tmp/snapshot"
world_up
entries 4 lost
ok "what came after the snapshot was seen" await 20 said scrimd $(($(size "$W/tmp/snapshot/log/checkpoint") + 4))
ok "of keyd's log too" await 20 said keyd $(($(size "$W/tmp/snapshot/keyd/log/checkpoint") + 4))
world_down
cp -r "$W/run" "$W/tmp/newest"
rm -rf "$W/run"
cp -r "$W/tmp/snapshot" "$W/run"
start_keyd
start_scrimd
ok "the snapshot is red by the witness" await 30 witness_red
is "so scrimd is not ready" "$(curl -s -o /dev/null -w '%{http_code}' "$PLAIN/readyz")" 503
ok "and tells" grep -q '"event":"gateway.witness".*certain of another past' "$W/log/scrimd.err"
ok "doctor is red" eval '"$BIN/scrim" doctor --config "$W/scrim.json" | grep -q "witnesses.*false"'
stop w1
sleep 2
ok "a witness that goes away does not make it good" witness_red
witness_start w1
for i in $(seq 12); do seal "fork$i" >/dev/null; done
sleep 3
ok "nor does another past that has grown beyond" witness_red
no "which it has not cosigned" grep -q '^— witness.example/w1' "$LOG/checkpoint"
world_down
rm -rf "$W/run"
cp -r "$W/tmp/newest" "$W/run"
start_keyd
start_scrimd
ok "the newest, put back, is well" await 60 eval 'ready && witness_green && said scrimd 1'
ok "and cosigned on" await 30 said keyd 5
no "nothing of a person is in what the witness kept or wrote" grep -rqi 'ann example\|lost[1-4]' "$W/w1.seen" "$W/log/w1.err"
world_down
tap_done
