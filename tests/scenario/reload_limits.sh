#!/bin/bash
# SIGHUP takes over every limit it says it took, for whatever begins from then on, and
# says which members wait for a restart.
. "$(dirname "$0")/../lib/world.sh"

world_new
CORES=$(nproc)
export CORES
WORLD_LIMITS='{"head":"60s","keepalive":"60s","body_idle":"60s","first_byte":"60s","connect":"60s","total":"60s","upstream_idle":"60s","drain":"30s"}'
jq -n --arg peer "http://127.0.0.1:$PEER_PORT" --arg silent "https://127.0.0.1:$CARRIER_PORT" '
	{ purpose: "order_processing" } as $r |
	[ $r + { name: "orders", match: { path: "/orders" }, upstream: $peer, request: [{ at: "$.phone", class: "phone", do: "seal" }] },
	  $r + { name: "silent", match: { path: "/silent" }, upstream: { url: $silent, ca: "keys/tls.crt" } } ]' | world_routes -
start_peer orders order_system "$PEER_PORT" --fault-file "$W/fault"
start_peer silent order_system "$CARRIER_PORT"
world_up
J='Content-Type: application/json'

reloads() { grep -c '"gateway.reloaded"' "$W/log/scrimd.err"; }
more_reloads() { [ "$(reloads)" -gt "$1" ]; }
reload() { # JQ-EDIT
	local before
	before=$(reloads)
	jq "$1" "$W/scrim.json" >"$W/x" && mv "$W/x" "$W/scrim.json"
	kill -HUP "${PROC_PID[scrimd]}"
	await 5 more_reloads "$before" || bail "no reload"
	sleep 0.3	# each thread takes it over on its own loop
}
# What comes back on a connection that says TEXT and then nothing, within SECONDS.
stalled() { # SECONDS TEXT
	exec 3<>"/dev/tcp/127.0.0.1/$PLAIN_PORT" || return 1
	printf "$2" >&3
	timeout "$1" head -c 1000 <&3 >"$W/stalled"
	local rc=$?
	exec 3>&-
	return $rc
}
closed() { stalled "$@" && { [ -z "${3:-}" ] || grep -q "$3" "$W/stalled"; }; }	# closed by the other side
status() { world_curl shop -o "$W/answer" -w '%{http_code}' -H "$J" "$@"; }

AUTH="Authorization: Bearer $(cat "$W/keys/shop.key")"
HEAD='POST /orders HTTP/1.1\r\nHost: x\r\nCont'
BODY="POST /orders HTTP/1.1\r\nHost: x\r\n$AUTH\r\n$J\r\nContent-Length: 90\r\n\r\n{"

no "a stalled head waits" closed 2 "$HEAD"
reload '.limits.head = "1s"'
ok "limits.head: a stalled head is cut" closed 10 "$HEAD" ' 408 '
no "a stalled body waits" closed 2 "$BODY"
reload '.limits.body_idle = "1s"'
ok "limits.body_idle: a stalled body is cut" closed 10 "$BODY" ' 408 '
reload '.limits.body_min_rate = 0'
no "limits.body_min_rate: without a floor it is not" closed 3 "$BODY"
no "an idle connection waits" closed 2 ''
reload '.limits.keepalive = "1s"'
ok "limits.keepalive: an idle connection is closed" closed 10 ''

big=$(printf '{"phone":"07700 900123","note":"%02000d"}' 0)
is "a body is taken" "$(status -d "$big" "$URL/orders")" 201
reload '.limits.body_max = "1KiB"'
is "limits.body_max: it is not" "$(status -d "$big" "$URL/orders")" 413
N='{"class":"name","value":"Ann"}'
is "two items are taken" "$(status -d "{\"items\":[$N,$N]}" "$URL/v1/mask")" 200
reload '.limits.items_max = 1'
is "limits.items_max: they are not" "$(status -d "{\"items\":[$N,$N]}" "$URL/v1/mask")" 400

echo slow >"$W/fault"
order='{"phone":"07700 900123"}'
is "a slow upstream is waited for" "$(status -d "$order" "$URL/orders")" 201
reload '.limits.first_byte = "1s"'
is "limits.first_byte: it is not" "$(status -d "$order" "$URL/orders")" 504
reload '.limits.first_byte = "60s"'
is "and is again" "$(status -d "$order" "$URL/orders")" 201
reload '.limits.total = "1s"'
is "limits.total: it is not" "$(status -d "$order" "$URL/orders" | cut -c1)" 5
reload '.limits.total = "60s"'
: >"$W/fault"
unreached() { [ "$(CURL_MAX=$1 status -d "$order" "$URL/silent")" = 502 ]; }
no "an upstream that does not shake hands is waited for" unreached 2
reload '.limits.connect = "1s"'
ok "limits.connect: it is not" unreached 10

# A connection to the upstream, kept for the next order.
pooled() { awk -v port="$(printf ':%04X' "$PEER_PORT")" '$4 == "01" && index($3, port)' /proc/net/tcp | wc -l; }
none_pooled() { [ "$(pooled)" = 0 ]; }
status -d "$order" "$URL/orders" >/dev/null
no "a connection to the upstream is kept" await 2 none_pooled
reload '.limits.upstream_idle = "1s"'
for i in 1 2 3 4 5 6 7 8; do status -d "$order" "$URL/orders" >/dev/null; done
closing() { # those kept under the old limit are used once more, and then end
	status -d "$order" "$URL/orders" >/dev/null
	sleep 2.5
	none_pooled
}
ok "limits.upstream_idle: it is closed" await 40 closing

exec 4<>"/dev/tcp/127.0.0.1/$PLAIN_PORT" 5<>"/dev/tcp/127.0.0.1/$PLAIN_PORT"
reload '.limits.keepalive = "60s" | .limits.connections_max = 2'
exec 6<>"/dev/tcp/127.0.0.1/$PLAIN_PORT" 7<>"/dev/tcp/127.0.0.1/$PLAIN_PORT"
no "limits.connections_max: one connection more is not served" ready
exec 4>&- 5>&- 6>&- 7>&-
ok "until others end" await 5 ready
reload '.limits.connections_max = 1000'

# ---- what waits for a restart ----
restart() { # JQ-EDIT: the members that a reload says need one
	local lines
	lines=$(wc -l <"$W/log/scrimd.err")
	reload "$1"
	RESTART=$(tail -n "+$((lines + 1))" "$W/log/scrimd.err" | jq -rs '[.[] | select(.event == "gateway.reload_needs_restart") | .member] | join(" ")')
}
cp "$W/scrim.json" "$W/scrim.old"
wants() { # WHAT JQ-EDIT MEMBERS: and with the old file again, none
	restart "$2"
	is "$1" "$RESTART" "$3"
	cp "$W/scrim.old" "$W/scrim.json"
	restart .
	is "$1: and back" "$RESTART" ""
}
wants "nothing changed: nothing to say" . ""
wants "routes, principals and limits need none" '.routes |= .[:1] | .principals |= .[:-1] | .limits.head = "2s"' ""
wants "threads" '.threads = 3' threads
wants "threads said or not" 'del(.threads) | if ($ENV.CORES | tonumber) == 2 then .threads = 3 else . end' threads
wants "the way to keyd" '.keyd = "unix:run/other.sock"' keyd
wants "the log" '.log = "run/other"' log
wants "the tenant" '.tenant = "other"' tenant
wants "another address" '.listen[1].address = "127.0.0.1:1"' listen
wants "a listener less" '.listen |= .[:1]' listen
wants "a listener without TLS" 'del(.listen[0].tls) | .listen[0].plain = true' listen
wants "another certificate" '.listen[0].tls.cert = "keys/other.crt"' listen
wants "another key" '.listen[0].tls.key = "keys/other.key"' listen
wants "a client authority" '.listen[0].tls.client_ca = "keys/tls.crt"' listen
wants "all of them" '.threads = 3 | .keyd = "unix:run/other.sock" | .log = "run/other" | .tenant = "other" | .listen |= .[:1]' "tenant listen keyd log threads"
cp -p "$W/keys/tls.crt" "$W/keys/tls.old"
echo >>"$W/keys/tls.crt"
restart .
is "a certificate that was written to" "$RESTART" listen.tls
cp "$W/keys/tls.key" "$W/keys/tls.new" && mv "$W/keys/tls.new" "$W/keys/tls.key"
mv "$W/keys/tls.old" "$W/keys/tls.crt"
restart .
is "a key that was replaced, told once" "$RESTART" listen.tls

# ---- and the last one: how long an ending may take ----
reload '.limits.drain = "1s"'
echo slow >"$W/fault"
(status -d "$order" "$URL/orders" >"$W/slow") &
sleep 0.7
kill -TERM "${PROC_PID[scrimd]}"
gone() { ! alive scrimd; }
ok "scrimd ends" await 10 gone
wait $!
is "limits.drain: what takes longer is broken off" "$(cat "$W/slow")" 000
ok "and that is said" grep -q gateway.drain_cut_short "$W/log/scrimd.err"
tap_done
