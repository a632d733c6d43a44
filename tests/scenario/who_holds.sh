#!/bin/bash
# Whoever holds ... (SECURITY.md): rows of its table tried with real processes under two users, in
# both directions: what the row says can be done is done, and what it says cannot is tried.
. "$(dirname "$0")/../lib/world.sh"
. "$(dirname "$0")/../lib/two_users.sh"

if ! two_users_can; then
	skip "rows of SECURITY.md under two users" "only root can be two others here"
	tap_done
	exit
fi

NAME="Ann Example" STREET="12 Example Street" PHONE="07700 900123"
two_users_new
world_signer fraud
jq -n --arg orders "http://127.0.0.1:$PEER_PORT" '
	[ { name: "orders", match: { path: "/orders" }, upstream: $orders, purpose: "order_processing", subject: "$.buyer.id",
	    request: [ { at: "$.name", class: "name", do: "seal" }, { at: "$.street", class: "address", do: "seal" },
		       { at: "$.phone", class: "phone", do: "seal" }, { at: "$.card", class: "passport", do: "seal" } ] } ]' >"$W/routes.json"
start_peer orders order_system "$PEER_PORT"
two_users_up "$W/routes.json"

order() { # BUYER NAME
	jq -nc --arg b "$1" --arg n "$2" --arg s "$STREET" --arg p "$PHONE" '{ buyer: { id: $b }, name: $n, street: $s, phone: $p, card: "X0000001" }' |
		world_curl shop -o "$W/answer" -w '%{http_code}\n' -H 'Content-Type: application/json' --data-binary @- "$URL/orders"
}
is "orders pass" "$(order c1 "$NAME"; order c1 "Al Ex"; order c2 "$NAME")" "$(printf '201\n201\n201')"
of() { sed -n "$1p" "$W/orders.ndjson" | jq -r ".$2"; } # ORDER FIELD
hacked() { # USER ROLE PURPOSE args... open <tokens
	as "$1" "$W/bin/hacked_gateway" --socket "$W/meet/keyd.sock" --policy "$W/policy.json" --role "$2" --purpose "$3" "${@:4}" 2>/dev/null
}
opens() { grep -q '^ok reveal'; }

# ---- the order database -------------------------------------------------------------------

ok "order database: equal values of one customer show" [ "$(of 1 street)" = "$(of 2 street)" ]
no "those of two do not" test "$(of 1 street)" = "$(of 3 street)"
is "nor does how long a name is" "$(of 1 name | wc -c)" "$(of 2 name | wc -c)"
no "it has no value" grep -qE "$NAME|$STREET|$PHONE" "$W/orders.ndjson"
of 1 name >"$W/tokens"
no "and opens no token: keyd answers its user not" opens < <(hacked nobody order_system delivery open <"$W/tokens")

# ---- each daemon's files, and the other's user ----------------------------------------------

ok "each user reads its own: keyd's" grep -q "^$W/run/keyd/keyd.db$" < <(seen_by keyd)
ok "scrimd's" grep -q "^$W/gate/scrim.json$" < <(seen_by scrimd)
ok "everybody what is everybody's" grep -q "^$W/policy.json$" < <(seen_by nobody)
no "keyd's user reads nothing of scrimd's" grep -q "^$W/gate/" < <(seen_by keyd)
no "scrimd's user reads nothing of keyd's" grep -q "^$W/run/keyd/" < <(seen_by scrimd)
no "nobody else reads either's" grep -qE "^$W/(gate|run/keyd)/" < <(seen_by nobody)
for one in keyd scrimd; do
	other=$([ $one = keyd ] && echo scrimd || echo keyd)
	for what in environ maps fd/0; do
		ok "root reads $what of $one's process" eval "head -c 1 /proc/${PROC_PID[$one]}/$what >/dev/null"
		no "$other's user reads no $what of $one's process" eval "as $other head -c 1 /proc/${PROC_PID[$one]}/$what 2>/dev/null"
	done
	no "and does not stop it" eval "as $other kill -STOP ${PROC_PID[$one]} 2>/dev/null"
done

# ---- scrimd's disk ---------------------------------------------------------------------------

logged() { as scrimd "$W/bin/scrim" audit show --config "$W/gate/scrim.json" --json; }
ok "scrimd's disk: who ordered stands in its log" eval 'logged | grep -q shop-1'
no "no value is in any file of scrimd's" as scrimd grep -rqaE "$NAME|$STREET|$PHONE|X0000001" "$W/gate"
# keyd's newest comes with a signature of ours, and a log that does not grow asks for none
head_told() { logged | grep -q '"kind":"head"' || { order c1 "Al Ex"; false; }; }
ok "and a head of keyd's" await 20 head_told
stop scrimd
word() { # who has one log alone cannot hold its heads of keyd's log against anything
	as scrimd env SCRIM_TRUST="$W/gate/trust" "$W/bin/scrim" audit verify --log "$W/gate/log" --json 2>/dev/null | jq -r '.[0].word'
}
is "its log holds, as far as one log tells" "$(word)" incomplete
entries=$(find "$W/gate/log" -type f -path '*entries*' | sort -V | tail -1)
cp -a "$W/gate/log" "$W/log.before"
as scrimd truncate -s $(($(stat -c %s "$entries") / 2)) "$entries"
is "and not when it was shortened" "$(word)" broken
rm -rf "$W/gate/log"
cp -a "$W/log.before" "$W/gate/log"
as scrimd sed -i 's/shop-1/shop-2/' "$entries"
is "nor when another's name stands in it" "$(word)" broken
rm -rf "$W/gate/log"
mv "$W/log.before" "$W/gate/log"
is "it is as it was" "$(word)" incomplete
start_scrimd_as_itself
ok "scrimd is there again" await 20 ready

# ---- scrimd's process, taken over --------------------------------------------------------------

is "scrimd's process: it is answered for whose key passed" \
	"$(cp "$W/keys/order_system.key" "$W/gate/passed.key"; chown "${USER_ID[scrimd]}" "$W/gate/passed.key"
	hacked scrimd order_system delivery --principal order_system-1 --key "$W/gate/passed.key" open <"$W/tokens")" "ok reveal $NAME"
no "and not in another role" opens < <(hacked scrimd support_lead service --principal order_system-1 --key "$W/gate/passed.key" --reason x open <"$W/tokens")
no "nor for whom it makes up" opens < <(hacked scrimd order_system delivery --principal somebody open <"$W/tokens")
no "nor for whose key did not pass" opens < <(hacked scrimd order_system delivery --principal order_system-1 open <"$W/tokens")
of 1 card >"$W/card"
no "nor what the policy wants signed" opens < <(hacked scrimd order_system delivery --principal order_system-1 --key "$W/gate/passed.key" open <"$W/card")
told() { as keyd "$W/bin/scrim" audit show --log "$W/run/keyd/log" --json | jq -s 'map(.entry // .)'; }
ok "each is in keyd's log, as keyd knows it" eval 'told | jq -e "any(.[]; .who.auth == \"proved\" and .outcome.revealed == 1)" >/dev/null'
rm -f "$W/gate/passed.key"

# ---- a caller's signing key -------------------------------------------------------------------

signs() { # ROLE-OF-THE-API-KEY
	"$BIN/scrim" reveal --server "$PLAIN" --key "$W/keys/$1.key" --sign "$W/keys/fraud.sign" --purpose fraud_investigation \
		--reason "case 7" --ticket 7 <"$W/card" 2>/dev/null
}
is "a caller's signing key: with the API key it opens" "$(signs fraud)" X0000001
is "without it, with another's, nothing" "$(signs support)" ""
ok "it is in keyd's log as signed" eval 'told | jq -e "any(.[]; .who.auth == \"signed\" and .outcome.revealed == 1)" >/dev/null'

ok "and what was refused as refused" eval 'told | jq -e "any(.[]; .kind == \"denial\")" >/dev/null'

# ---- keyd's disk ------------------------------------------------------------------------------

ok "keyd's disk: its log says of whom, by handles" eval 'told | jq -e "[.[].what.subjects // [] | .[]] | unique | length == 2" >/dev/null'
no "it has no value and no token" as keyd grep -rqaE "$NAME|$STREET|$PHONE|X0000001|sct1-" "$W/run/keyd"
stop keyd
mv "$W/run/keyd/root.json" "$W/root.json"
no "without the root key keyd does not start" eval 'as keyd timeout 10 "$W/bin/scrim-keyd" --config "$W/keyd.json" --demo >"$W/out" 2>&1'
ok "and says what is wanting" grep -q 'root key' "$W/out"
openssl rand -hex 32 >"$W/run/keyd/root.json"
chown "${USER_ID[keyd]}" "$W/run/keyd/root.json"
no "nor with one that is made up" eval 'as keyd timeout 10 "$W/bin/scrim-keyd" --config "$W/keyd.json" --demo >"$W/out" 2>&1'
mv "$W/root.json" "$W/run/keyd/root.json"
start_keyd_as_itself
ok "with it all is as it was" await 20 eval '[ "$(signs fraud)" = X0000001 ]'

# ---- the operators' socket ----------------------------------------------------------------------

rotates() { as "$1" "$W/bin/scrim" keys rotate epoch --keyd-config "$W/keyd.json" >"$W/out" 2>&1; }
ok "the operators' socket: keyd's user rotates" rotates keyd
no "scrimd's user does not" rotates scrimd
no "nor nobody" rotates nobody
ok "the one that was is on record" eval 'told | jq -e "[.[] | select(.act == \"keys.rotate\")] | length > 0" >/dev/null'
no "keyd's user is no gateway: it opens nothing" opens < <(hacked keyd order_system delivery --key "$W/keys/order_system.key" open <"$W/tokens")

# ---- keyd's process -----------------------------------------------------------------------------

inet_sockets() { # PROCESS: how many it has
	find "/proc/${PROC_PID[$1]}/fd" -lname 'socket:*' -printf '%l\n' | tr -dc '0-9\n' |
		grep -cFwf - <(cat /proc/net/{tcp,tcp6,udp,udp6,raw} 2>/dev/null | awk '{print $10}')
}
ok "scrimd's process has sockets of the network" [ "$(inet_sockets scrimd)" -ge 2 ]
is "keyd's process has none" "$(inet_sockets keyd)" 0
for one in keyd scrimd; do
	ok "$one is under seccomp, without new privileges" eval 'grep -q "^Seccomp:[[:space:]]*2" /proc/${PROC_PID[$one]}/status &&
		grep -q "^NoNewPrivs:[[:space:]]*1" /proc/${PROC_PID[$one]}/status'
done

# ---- a role's API key ---------------------------------------------------------------------------

reveal() { # ROLE PURPOSE
	"$BIN/scrim" reveal --server "$PLAIN" --key "$W/keys/$1.key" --purpose "$2" <"$W/tokens" 2>/dev/null
}
is "a role's key: what policy gives it" "$(reveal order_system delivery)" "$NAME"
is "and no more: support reads a mask" "$(reveal support service | grep -c '\*')" 1
is "and an analyst nothing" "$(reveal analyst analytics)" ""
tap_done
