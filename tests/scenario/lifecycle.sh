#!/bin/bash
# Reload and drain: SIGHUP takes over a good configuration and keeps the old one
# when the new is bad; SIGTERM finishes what was begun and loses nothing.
. "$(dirname "$0")/../lib/world.sh"

world_new
world_order_routes "http://127.0.0.1:$PEER_PORT" | world_routes -
start_peer orders order_system "$PEER_PORT" --fault-file "$W/fault"
world_up
"$TOOLS/gen_orders" --shape crm --count 200 --seed 4 >"$W/in"
head -1 "$W/in" >"$W/one"
post() { # PATH
	world_curl order_system -o "$W/answer" -w '%{http_code}' -H 'Content-Type: application/json' --data-binary @"$W/one" "$URL$1"
}
is "an unknown path is nobody's" "$(post /crm2)" 404

# Calls that it does not need end it: every thread, also those that begin later.
if [[ ${VARIANT:-release} != san-* ]]; then
	unconfined() { grep -L '^Seccomp:[[:space:]]*2$' "/proc/${PROC_PID[scrimd]}"/task/*/status; }
	ok "every thread of scrimd is under seccomp" [ -z "$(unconfined)" ]
	ok "and they are several" [ "$(ls "/proc/${PROC_PID[scrimd]}/task" | wc -l)" -gt 3 ]
	ok "which it says" grep -q sandbox.seccomp "$W/log/scrimd.err"
fi

# A new route is there after SIGHUP, without a restart.
cp "$W/scrim.json" "$W/scrim.old"
jq '.routes += [ .routes[] | select(.name == "crm") | .name = "crm2" | .match.path = "/crm2" ]' "$W/scrim.old" >"$W/scrim.json"
kill -HUP "${PROC_PID[scrimd]}"
has() { [ "$(post "$1")" = "$2" ]; }
ok "a reload takes over the new routes" await 5 has /crm2 201

# A bad file changes nothing, and is said.
echo '{ "tenant": "demo", "routes": 7 }' >"$W/scrim.json"
kill -HUP "${PROC_PID[scrimd]}"
sleep 0.5
is "a bad file leaves the old configuration running" "$(post /crm2)" 201
ok "and the log says which line is wrong" grep -q 'scrim.json' "$W/log/scrimd.err"
cp "$W/scrim.old" "$W/scrim.json"

# While orders come in, reload over and over: nobody notices.
(for i in 1 2 3 4 5 6; do kill -HUP "${PROC_PID[scrimd]}"; sleep 0.2; done) &
world_post_lines order_system /crm "$W/in" "$W/status" 8
wait $!
is "200 orders during six reloads are all answered 201" "$(grep -c ' 201$' "$W/status")" 200

# SIGTERM: the order being answered is answered, new ones are turned away.
before=$(wc -l <"$W/orders.ndjson")
echo slow >"$W/fault"
(post /crm >"$W/slow") &
slow=$!
sleep 1
kill -TERM "${PROC_PID[scrimd]}"
wait $slow
: >"$W/fault"
is "an order under way when SIGTERM came is answered" "$(cat "$W/slow")" 201
is "and is stored" "$(wc -l <"$W/orders.ndjson")" $((before + 1))
gone() { ! alive scrimd; }
ok "then scrimd ends" await 10 gone
no "and its ports are free" port_open "$TLS_PORT"
start_scrimd
ok "and comes up again" await 10 ready
is "and serves" "$(post /crm)" 201
sleep 1.5
ok "both logs verify over the restart" logs_verified --config "$W/scrim.json"
tail -1 "$W/orders.ndjson" | grep -o 'sct1-[0-9a-z]*' | head -3 | jq -Rn '{ items: [ inputs | { token: . } ] }' >"$W/open.json"
is "a support agent looks at three values" "$(world_curl support -o "$W/opened" -w '%{http_code}' -H 'Scrim-Purpose: service' \
	-H 'Content-Type: application/json' --data-binary @"$W/open.json" "$URL/v1/reveal")" 200
sleep 1
ok "that opening is in keyd's log" test "$("$BIN/scrim" audit show --config "$W/scrim.json" --keyd --kind reveal --json | wc -l)" -ge 1
ok "both sides tell the same story" "$BIN/scrim" audit reconcile --config "$W/scrim.json" --grace-ms 0
tap_done
