#!/bin/bash
# A second witness, in another language and written from the C2SP texts over Go's sumdb packages, cosigns
# our logs; the same packages read our checkpoints, tiles, entries and proofs.
. "$(dirname "$0")/../lib/world.sh"
. "$ROOT/tests/lib/witness.sh"

if ! command -v go >/dev/null || [ ! -d /usr/share/gocode/src/golang.org/x/mod/sumdb ]; then
	[ -z "${SCRIM_CI:-}" ] || bail "golang-go and golang-golang-x-mod-dev must be there: make deps-heavy"
	skip "a second witness" "NEITHER go NOR golang.org/x/mod IS HERE: make deps-heavy"
	tap_done
	exit
fi
world_new
jq -n '[]' | world_routes -
SECOND=$W/second
GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$ROOT/build/gocache go build -o "$SECOND" "$ROOT/tests/witness/second.go" ||
	bail "the second witness does not compile"
seal() {
	world_curl shop -o "$W/body" -w '%{http_code}' -d '{"items":[{"class":"name","value":"Ann Example","subject":"'"$1"'"}]}' "$URL/v1/seal"
}
size() { sed -n 2p "$1"; }
witness_keys
witness_new w1
witness_start w1
free_port
WITNESS_PORT[go]=$PORT
mkdir "$W/go.seen"
start go "$W/go.out" "$SECOND" serve "127.0.0.1:$PORT" witness.example/go "$W/go.seen" "$SCRIMD_VKEY" "$KEYD_VKEY"
await 5 port_open "$PORT"
WITNESS_VKEY[go]=$(head -1 "$W/go.out")
witness_join w1 go
world_up
LOG=$W/run/log
said() { [ "$(witness_said "$1" "${3:-w1}")" -ge "$2" ] 2>/dev/null; }
two() { [ "$(grep -c '^— witness' "$1")" = 2 ]; }
for i in $(seq 300); do seal "c$i" >/dev/null; done
is "orders pass" "$(seal last)" 200
ok "the second witness cosigns our log" await 30 said scrimd 300 go
ok "and keyd's" await 30 said keyd 100 go
ok "both stand beneath the checkpoint" await 30 two "$LOG/checkpoint"
world_down

keys=("${WITNESS_VKEY[w1]}" "${WITNESS_VKEY[go]}")
ok "its packages read our log: root, entries, inclusion and consistency" eval '"$SECOND" read "$LOG" "$SCRIMD_VKEY" "${keys[@]}" >"$W/out"'
is "of that size" "$(cut -d' ' -f1,2 "$W/out")" "demo/scrimd $(size "$LOG/checkpoint")"
ok "and keyd's" eval '"$SECOND" read "$W/run/keyd/log" "$KEYD_VKEY" >"$W/out"'
mkdir "$W/cosigned"
for log in scrimd:run/log keyd:run/keyd/log; do
	rm -rf "$W/cosigned"/*
	cp -r "$W/${log#*:}/tile" "$W/cosigned/"
	cp "$W/run/heads/${log%%:*}.cosigned" "$W/cosigned/checkpoint"
	key=$SCRIMD_VKEY
	[ "${log%%:*}" = scrimd ] || key=$KEYD_VKEY
	ok "what witnesses said of ${log%%:*}'s newest verifies there" eval '"$SECOND" read "$W/cosigned" "$key" "${keys[@]}" >"$W/out"'
	ok "by both" grep -q 'witness.example/w1.*witness.example/go\|witness.example/go.*witness.example/w1' "$W/out"
done
jq '.key = "other.key"' "$W/w1.json" >"$W/other.json"
"$SECOND" read "$W/cosigned" "$KEYD_VKEY" "$("$BIN/scrim" witness init "$W/other.json")" >"$W/out"
no "another key of the same name has said nothing" grep -q witness "$W/out"
find "$W/cosigned/tile/0" -type f | while read -r f; do
	printf '\0\1\2\3' | dd of="$f" bs=1 seek=40 conv=notrunc 2>/dev/null
done
no "nor is a tile taken that was changed" eval '"$SECOND" read "$W/cosigned" "$KEYD_VKEY" >"$W/out" 2>&1'
"$BIN/scrim" audit prove 7 --config "$W/scrim.json" --out "$W/receipt" >/dev/null
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$ROOT/tests/witness python3 -c 'import submit, sys
sys.stdout.buffer.write(submit.entries(sys.argv[1], 8)[7])' "$LOG" >"$W/entry"
ok "our receipt of an entry holds there" eval '"$SECOND" receipt "$W/receipt" "$SCRIMD_VKEY" <"$W/entry"'
no "and of no other entry" eval 'echo x | "$SECOND" receipt "$W/receipt" "$SCRIMD_VKEY" 2>"$W/err"'

# ---- both answer the same -----------------------------------------------------------------------
same() { # WHAT FILE WANTED
	is "$1: ours" "$(witness_add w1 "$2")" "$3"
	is "$1: the second" "$(witness_add go "$2")" "$3"
}
has() { witness_add "$1" "$W/tmp/body" >/dev/null; cat "$W/tmp/said"; }
python3 "$ROOT/tests/witness/submit.py" "$LOG" 1 >"$W/tmp/body"
same "from where neither is" "$W/tmp/body" 409
for w in w1 go; do
	at=$(has $w)
	python3 "$ROOT/tests/witness/submit.py" "$LOG" "$at" >"$W/tmp/next"
	is "where it is: $w" "$(witness_add $w "$W/tmp/next")" 200
	is "a body once more is a conflict, unless it is the same head: $w" \
		"$(witness_add $w "$W/tmp/next")" "$([ "$at" = "$(size "$LOG/checkpoint")" ] && echo 200 || echo 409)"
done
N=$(size "$LOG/checkpoint")
python3 "$ROOT/tests/witness/submit.py" "$LOG" "$N" >"$W/tmp/body"
same "the same head" "$W/tmp/body" 200
sed "s/^old .*/old $((N + 1))/" "$W/tmp/body" >"$W/tmp/x"
same "an old size beyond it" "$W/tmp/x" 400
sed "s/^old .*/old 0$N/" "$W/tmp/body" >"$W/tmp/x"
same "a zero before the size" "$W/tmp/x" 400
sed "s/^old .*/&\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=/" "$W/tmp/body" >"$W/tmp/x"
same "a proof where none is due" "$W/tmp/x" 422
sed 's|^demo/scrimd$|demo/nobody|' "$W/tmp/body" >"$W/tmp/x"
same "an unknown log" "$W/tmp/x" 404
sed "s|^$N\$|$((N + 1))|" "$W/tmp/body" >"$W/tmp/x"
same "a size that the log has not signed" "$W/tmp/x" 403
tap_done
