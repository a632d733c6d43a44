#!/bin/bash
# What an earlier release has sealed opens with this one: root key, epoch file, store, policy and
# tokens of tests/golden, by keyd and scrimd as they are, byte by byte.
. "$(dirname "$0")/../lib/world.sh"
. "$(dirname "$0")/../golden/golden.sh"

world_new
world_owner
cp "$GOLDEN/policy.json" "$W/policy.json"
jq '.gateways[0].asserts = []' "$W/keyd.json" >"$W/keyd.new" && mv "$W/keyd.new" "$W/keyd.json" # its policy has none of those roles
golden_routes | world_routes -
start_peer in order_system "$PEER_PORT"
start_peer out echo "$CARRIER_PORT"
install -m 600 "$GOLDEN/root.json" "$W/keys/root.json"
install -m 600 "$GOLDEN/keyd.epoch" "$W/run/keyd/"
(umask 077 && gzip -dc "$GOLDEN/keyd.db.gz" >"$W/run/keyd/keyd.db") || bail "the golden store is not whole"
ok "the root key is marked as a demo's" jq -e .demo "$GOLDEN/root.json"
no "and is refused without --demo" timeout 20 "$BIN/scrim-keyd" --config "$W/keyd.json" 2>"$W/log/refused"
# the logs stayed where they were: both begin anew
anew() { keyd_anew "$@" || { sed 's/^/# /' "$W/log/anew"; false; }; }
ok "keyd starts without the log of then" anew --start-anew
ok "and without scrimd's" anew --forget-head demo/scrimd
start_keyd
start_scrimd
await 20 ready || { tail -n 3 "$W/log/keyd.err" "$W/log/scrimd.err"; bail "the golden store does not start"; }

show() { # LINE
	printf '%s' "$(sed -n "$1p" "$GOLDEN/sealed.ndjson")" >"$W/asked"
	world_curl support -o "$W/shown" -w '%{http_code}' -H 'Content-Type: application/json' --data-binary @"$W/asked" "$PLAIN/out"
}
as_it_was() { cmp -s <(sed -n "$1p" "$GOLDEN/clear.ndjson") <(cat "$W/shown"; echo) || { head -c 600 "$W/shown" | sed 's/^/# /'; false; }; }
for n in 1 2 3; do
	is "document $n passes" "$(show $n)" 200
	ok "and is what it was, byte by byte" as_it_was $n
done
is "what was of somebody erased passes" "$(show 4)" 200
is "and stays closed" "$(jq -c 'del(.buyer) | [ .[] ] | unique' "$W/shown")" '[null]'

# Deterministic tokens come out as they are: what was stored stays equal to what is sealed now.
sed -n 1p "$GOLDEN/clear.ndjson" >"$W/asked"
world_curl shop -o "$W/answer" -w '%{http_code}' -H 'Content-Type: application/json' --data-binary @"$W/asked" "$PLAIN/people" >"$W/status"
is "the same person's same values are sealed" "$(cat "$W/status")" 201
plain() { jq -c 'del(.nonce)' "$@"; }
is "to the same tokens" "$(tail -1 "$W/in.ndjson" | plain)" "$(sed -n 1p "$GOLDEN/sealed.ndjson" | plain)"
# whose an order is, is known yet: what names that alone is sealed as its person's
jq -c '{ order_id, name }' "$GOLDEN/clear.ndjson" | head -1 >"$W/asked"
world_curl shop -o "$W/answer" -w '%{http_code}' -H 'Content-Type: application/json' --data-binary @"$W/asked" "$PLAIN/people" >"$W/status"
is "what names their order alone is theirs" "$(cat "$W/status")$(tail -1 "$W/in.ndjson" | jq -r .name)" "201$(sed -n 1p "$GOLDEN/sealed.ndjson" | jq -r .name)"
world_down
tap_done
