#!/bin/bash
# A change is told from a first writing: where another token stands at a place of an order that is
# known, the log says who, when and of which class, and what was there is nowhere to be read.
. "$(dirname "$0")/../lib/world.sh"

world_new
jq -n --arg orders "http://127.0.0.1:$PEER_PORT" '
	def store($name; $more): { name: $name, match: { path: "/\($name)" }, upstream: $orders, purpose: "order_processing",
		subject: "$.buyer.id", request: [ { at: "$.phone", class: "phone", do: "seal" }, { at: "$.address", class: "address", do: "seal" },
			{ at: "$.receivers[*].name", class: "name", do: "seal" } ] } + $more;
	[ store("orders"; { order: "$.id", changes: true }), store("returns"; { order: "$.id", changes: true }), store("silent"; {}) ]' | world_routes -
start_peer orders order_system "$PEER_PORT"
world_up

put() { # PATH BODY [ROLE]: the status
	world_curl "${3:-shop}" -o "$W/answer" -w '%{http_code}' -H 'Content-Type: application/json' -d "$2" "$PLAIN/$1"
}
order() { # ID PHONE [more]: an order of a buyer of its own
	jq -cn --arg i "$1" --arg p "$2" --argjson more "${3:-{\}}" '{ id: $i, buyer: { id: "b-\($i)" }, phone: $p, address: "1 Example Street", receivers: [ { name: "Ann Example" }, { name: "Ben Example" } ] } + $more'
}
entries() { "$BIN/scrim" audit show --config "$W/scrim.json" --kind change --json 2>/dev/null | jq -c .entry; }
n_changes() { entries | wc -l; }
told() { # N: so many changes are told, and no more come
	await 10 eval "[ \"\$(n_changes)\" -ge $1 ]" && sleep 0.3 && [ "$(n_changes)" = "$1" ]
}
last() { entries | tail -1; }

is "an order is stored" "$(put orders "$(order A-1 '07700 900123')")" 201
is "and another" "$(put orders "$(order A-2 '07700 900456')")" 201
is "the first again, as it was" "$(put orders "$(order A-1 '07700 900123')")" 201
sleep 1
is "first writings are no changes, nor are repeated ones" "$(n_changes)" 0
put orders "$(order A-1 '07700 900789')" order_system >/dev/null
ok "another phone is told" told 1
is "who, whose route, which class and how many" "$(last | jq -r '"\(.kind) \(.who.principal) \(.where.route) \(.what.op) \(.what.classes | tojson) \(.outcome.result)"')" \
	'change order_system-1 orders write {"phone":1} ok'
is "when, by which request" "$(last | jq -r .req)" \
	"$("$BIN/scrim" audit show --config "$W/scrim.json" --kind request --json 2>/dev/null | jq -r .entry.req | tail -1)"
put orders "$(order A-1 '07700 900789')" >/dev/null
sleep 0.5
is "the same once more is none" "$(n_changes)" 1
put orders "$(order A-1 '07700 900123' '{"address":"2 Example Street"}')" >/dev/null
ok "two classes at once" told 2
is "are one record" "$(last | jq -c .what.classes)" '{"phone":1,"address":1}'
put orders "$(order A-1 '07700 900123' '{"address":"2 Example Street","receivers":[{"name":"Ben Example"},{"name":"Ann Example"}]}')" >/dev/null
ok "places of one rule are told apart" told 3
is "both of them" "$(last | jq -c .what.classes)" '{"name":2}'
put orders "$(order A-1 '07700 900123' '{"address":"2 Example Street","receivers":[{"name":"Ben Example"},{"name":"Ann Example"},{"name":"Cem Example"}]}')" >/dev/null
sleep 0.5
is "one more place is a first writing" "$(n_changes)" 3
put returns "$(order A-1 '07700 900321')" >/dev/null
sleep 0.5
is "so is the same order's number on another route" "$(n_changes)" 3
put silent "$(order A-9 '07700 900321')" >/dev/null
put silent "$(order A-9 '07700 900654')" >/dev/null
put orders "$(order '' '07700 900321' | jq -c 'del(.id)')" >/dev/null
put orders "$(order '' '07700 900654' | jq -c 'del(.id)')" >/dev/null
sleep 0.5
is "nothing is told where a route does not ask for it, or names no order" "$(n_changes)" 3
token=$(tail -1 "$W/orders.ndjson" | jq -r .phone)
put orders "$(order A-2 '07700 900456')" >/dev/null
sleep 0.5
is "an order that went by unchanged in between is unchanged" "$(n_changes)" 3
put orders "$(jq -cn --arg t "$token" '{ id: "A-2", buyer: { id: "b-A-2" }, phone: $t, address: "1 Example Street" }')" >/dev/null
ok "a token in a value's place is told as well" told 4

# a body of many records, and a start anew
world_down
start_keyd
start_scrimd
await 20 ready
{ order A-1 '07700 900111' '{"address":"2 Example Street","receivers":[]}'; order A-3 '07700 900222'; order A-2 '07700 900333'; } |
	"$BIN/scrim" rewrite --config "$W/scrim.json" --server "$PLAIN" --key "$W/keys/shop.key" --route orders >/dev/null 2>"$W/err" || cat "$W/err"
ok "what stood there outlives a restart, and each record of a bulk is looked at" told 6
is "both by their class" "$(entries | tail -2 | jq -c .what.classes | paste -sd,)" '{"phone":1},{"phone":1}'

# ---- what is kept ------------------------------------------------------------------------------
world_down
"$BIN/scrim" audit show --config "$W/scrim.json" --json >"$W/all" 2>/dev/null
no "neither log nor database has an order, a token or a value" grep -aqE 'A-[123]|b-A|sct1-|07700|Example' "$W/run/changes.db" "$W/all"
ok "the log verifies" logs_verified --config "$W/scrim.json"
is "eight bytes and eight of a place" "$(sqlite3 "$W/run/changes.db" 'SELECT count(*) FROM place')" 17
jq '.routes[0] |= del(.order)' "$W/scrim.json" >"$W/bad.json"
ok "a route that names no order cannot tell" eval '! "$BIN/scrim" config check "$W/bad.json" >"$W/said" 2>&1 && grep -q "changes.*does not say where its .order. is" "$W/said"'
jq 'del(.store)' "$W/scrim.json" >"$W/bad.json"
ok "nor where nothing is stored" eval '! "$BIN/scrim" config check "$W/bad.json" >"$W/said" 2>&1 && grep -q "needs .store" "$W/said"'
jq '.routes[0].request = [{ at: "$.phone", class: "phone", do: "mask" }]' "$W/scrim.json" >"$W/bad.json"
ok "nor one that seals nothing" eval '! "$BIN/scrim" config check "$W/bad.json" >"$W/said" 2>&1 && grep -q "seals nothing" "$W/said"'
tap_done
