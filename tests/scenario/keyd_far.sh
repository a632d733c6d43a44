#!/bin/bash
# keyd on another host: two network namespaces, one cable, and what cables do: cut, slow, and led
# to somebody else.
if [ -z "${IN_NAMESPACE:-}" ]; then
	if ! command -v ip >/dev/null || ! unshare -n true 2>/dev/null; then
		echo "1..0 # SKIP no network namespace here: it wants root and iproute2"
		[ -z "${SCRIM_CI:-}" ] || exit 1
		exit 0
	fi
	IN_NAMESPACE=1 exec unshare -n "$0" "$@"
fi
. "$(dirname "$0")/../lib/world.sh"
. "$(dirname "$0")/../lib/far.sh"

HERE=192.0.2.1 THERE=192.0.2.2 # RFC 5737: nobody's
ip link set lo up
world_new
start host "$W/log/host.err" unshare -n sleep 600
HOST=${PROC_PID[host]}
cable() {
	ip link add here type veth peer name there && ip link set there netns "$HOST" &&
		ip addr add $HERE/30 dev here && ip link set here up &&
		nsenter -t "$HOST" -n ip addr add $THERE/30 dev there &&
		nsenter -t "$HOST" -n ip link set there up && nsenter -t "$HOST" -n ip link set lo up
}
await 5 cable || bail "no cable"
start_keyd() {
	TMPDIR=$W/tmp start keyd "$W/log/keyd.err" nsenter -t "$HOST" -n "$BIN/scrim-keyd" --config "$W/keyd.json" --demo
}

far_pair keyd
far_pair gateway
far_pair stranger
jq -n '[]' | world_routes -
far_keyd $THERE:7443 keyd gateway
far_scrimd $THERE:7443 keyd gateway
world_up

seal() { world_curl shop -d '{"items":[{"class":"name","value":"Ann Example","subject":"c1"}]}' "$URL/v1/seal"; }
token() { seal | jq -er '.items[0].token'; }
TOKEN=$(token)
reveal() {
	world_curl order_system -H 'Scrim-Purpose: delivery' -d "{\"items\":[{\"token\":\"$TOKEN\"}]}" "$URL/v1/reveal" |
		jq -e '.items[0].value == "Ann Example"' >/dev/null
}
not_ready() { ! ready; }

ok "a value is sealed and opened over the cable" reveal

# cut
ip link set here down
no "with the cable cut nothing is opened" reveal
ok "the gateway says so" await 40 not_ready
ip link set here up
ok "and goes on by itself when it is mended" await 60 ready
ok "what was sealed before opens after" await 10 reveal

# slow: what is large arrives whole
if tc qdisc add dev here root tbf rate 2mbit burst 32kbit latency 400ms 2>/dev/null; then
	jq -n '{items:[range(3000) | {class:"name",value:"Ann Example \(.)",subject:"many-\(. % 50)"}]}' >"$W/tmp/many.json"
	ok "three thousand values over a slow cable" sh -c "
		curl -sk --max-time 120 -H 'Authorization: Bearer $(cat "$W/keys/shop.key")' -H 'Content-Type: application/json' \
			-d @'$W/tmp/many.json' '$URL/v1/seal' | jq -e '[.items[] | select(.status == \"ok\")] | length == 3000' >/dev/null"
	tc qdisc del dev here root
else
	skip "a slow cable: no tbf in this kernel"
fi

# killed, and started again
stop keyd KILL
ok "without keyd it is not ready" await 40 not_ready
start_keyd
ok "the same keyd comes back" await 60 ready
ok "and opens what it sealed" await 10 reveal

# noise at the door
for i in 1 2 3 4 5 6 7 8 9 10; do
	(exec 3<>/dev/tcp/$THERE/7443 && printf 'SKD1 and no word of TLS' >&3) 2>/dev/null
done
ok "noise at its door leaves keyd serving" reveal

# replaced: another keyd at the same address, with all the files of the first but its key
stop keyd
far_keyd $THERE:7443 stranger gateway
start_keyd
no "another keyd in its place is not spoken to" await 5 ready
ok "and that is told" grep -q keyc.not_met "$W/log/scrimd.err"
stop keyd
far_keyd $THERE:7443 keyd stranger
start_keyd
no "and keyd does not speak with a gateway that its file does not name" await 5 ready
ok "which is told too" grep -q '"keyd.peer_refused"' "$W/log/keyd.err"
stop keyd
far_keyd $THERE:7443 keyd gateway
start_keyd
ok "the right two find each other again" await 60 ready
tap_done
