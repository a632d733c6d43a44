#!/bin/bash
# Logs that an earlier release wrote, of tests/golden: they verify with the auditor's file of then, show
# what stood in them, byte by byte, a receipt of then holds, and both daemons go on from them.
. "$(dirname "$0")/../lib/world.sh"
. "$(dirname "$0")/../golden/golden.sh"

world_new
cp "$GOLDEN/policy.json" "$W/policy.json"
jq '.gateways[0].asserts = []' "$W/keyd.json" >"$W/keyd.new" && mv "$W/keyd.new" "$W/keyd.json" # its policy has none of those roles
golden_routes | world_routes -
start_peer out echo "$CARRIER_PORT"
tar -C "$W/run" -xzf "$GOLDEN/logs.tar.gz" || bail "the golden logs are not whole"
install -m 600 "$GOLDEN/trust" "$W/trust"
LOGS=(--log "$W/run/log" --keyd-log "$W/run/keyd/log")
verify() { "$BIN/scrim" audit verify "${LOGS[@]}" --trust "$W/trust" "$@"; }
words() { verify --json | jq -r 'map("\(.log) \(.word)") | join(", ")'; }

is "they verify, by the auditor's file of then" "$(words)" "scrimd verified, keyd verified"
cmp -s "$W/trust" "$GOLDEN/trust"
is "which is as it was, for nothing is newer" "$?" 0
if python3 -c 'import cryptography' 2>/dev/null; then
	is "an independent verifier says so, too" "$(python3 "$ROOT/tests/lib/verify_logs.py" word "scrimd=demo/scrimd=$W/run/log" "keyd=scrim/demo/keyd=$W/run/keyd/log" --trust "$W/trust" 2>&1 | head -1)" verified
else
	skip "an independent verifier says so, too" "python3-cryptography is not here: NOTHING was compared"
fi
ok "scrimd's shows what stood in it" cmp "$GOLDEN/scrimd.entries" <("$BIN/scrim" audit show --log "$W/run/log" --json)
ok "and keyd's" cmp "$GOLDEN/keyd.entries" <("$BIN/scrim" audit show --log "$W/run/keyd/log" --kind people --json; "$BIN/scrim" audit show --log "$W/run/keyd/log" --json)
sed 's/ .*//' "$GOLDEN/trust" >"$W/vkeys"
grep '^scrim/demo/keyd' "$W/vkeys" >"$W/vkey"
ok "a receipt of then holds" "$BIN/scrim" audit prove --check "$GOLDEN/receipt" --vkey "$W/vkey" <"$GOLDEN/receipt.entry"
no "and for no other entry" "$BIN/scrim" audit prove --check "$GOLDEN/receipt" --vkey "$W/vkey" <<<'{"v":1}' 2>/dev/null

# ---- they go on ------------------------------------------------------------------------------------
install -m 600 "$GOLDEN/root.json" "$W/keys/root.json"
install -m 600 "$GOLDEN/keyd.epoch" "$W/run/keyd/"
(umask 077 && gzip -dc "$GOLDEN/keyd.db.gz" >"$W/run/keyd/keyd.db") || bail "the golden store is not whole"
start_keyd
start_scrimd
ok "both daemons start on them, with nobody's word" await 20 ready
head -1 "$GOLDEN/sealed.ndjson" >"$W/asked"
is "what was sealed then is opened" "$(world_curl support -o "$W/answer" -w '%{http_code}' -H 'Content-Type: application/json' --data-binary @"$W/asked" "$PLAIN/out")" 200
before=$(sed -n 's/^demo.scrimd[^ ]* \([0-9]*\) .*/\1/p' "$GOLDEN/trust")
ok "and the auditor's file moves on with what came" eval 'await 20 eval "verify >/dev/null && [ \"\$(sed -n \"s/^demo.scrimd[^ ]* \\([0-9]*\\) .*/\\1/p\" \"$W/trust\")\" -gt $before ]"'
is "as verified" "$(words)" "scrimd verified, keyd verified"
world_down
tap_done
