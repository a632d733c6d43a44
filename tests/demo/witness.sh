# witness.sh - the demo's witness: somebody else who remembers how long both logs were. Its key is made
# before scrimd starts, which is told of it; the logs' keys come into being with their first heads, and
# then it starts. As root it is a user of its own, who is none of the others.

witness_give() { [ -z "$APART" ] || chown -R "$WITNESS_USER:$WITNESS_USER" "$D/witness"; }

witness_prepare() {
	local vkey
	mkdir -p "$D/witness"
	if [ ! -e "$D/witness/witness.json" ]; then
		free_port
		jq -n --arg port "$PORT" '{ name: "witness.demo.example/w1", key: "witness.key", state: "seen",
			listen: { address: "127.0.0.1:\($port)" }, logs: [] }' >"$D/witness/witness.json" || return 1
	fi
	witness_give
	WITNESS_URL=http://$(jq -r .listen.address "$D/witness/witness.json")
	if [ -n "$APART" ]; then
		vkey=$(as_user "$WITNESS_USER" "$PROGRAMS/scrim" witness init "$D/witness/witness.json") || return 1
	else
		vkey=$("$BIN/scrim" witness init "$D/witness/witness.json") || return 1
	fi
	jq --arg url "$WITNESS_URL" --arg vkey "$vkey" '.witnesses = [ { url: $url, vkey: $vkey } ]' "$C" >"$C.new" &&
		mv "$C.new" "$C"
}

# Behind `up`: both logs have keys.
witness_begin() {
	local ours=$D/run/scrimd/log/vkey keyds
	keyds=$(jq -r .log "$D/keyd.json")
	[ "${keyds#/}" != "$keyds" ] || keyds=$D/$keyds
	await 20 test -s "$ours" && await 20 test -s "$keyds/vkey" || return 1
	jq --arg a "$(cat "$ours")" --arg b "$(cat "$keyds/vkey")" '.logs = ([ $a, $b ] | map({ origin: split("+")[0], vkey: . }))' \
		"$D/witness/witness.json" >"$D/witness.new" && mv "$D/witness.new" "$D/witness/witness.json"
	witness_give
	start_as "${WITNESS_USER:-}" witness "$D/out/witness.err" scrim witness run "$D/witness/witness.json"
	await 5 port_open "${WITNESS_URL##*:}"
}

witness_cosigned() { grep -q '^— witness' "$D/run/scrimd/log/checkpoint" && [ -s "$D/run/scrimd/heads/keyd.cosigned" ]; }
