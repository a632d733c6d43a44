# witness.sh - witnesses of a world: source it behind world.sh.
#
#	witness_keys			both logs' keys, which exist once keyd and scrimd ran: up, down
#	witness_new NAME		makes its settings, key and folder; sets WITNESS_PORT[NAME], WITNESS_VKEY[NAME]
#	witness_start NAME / stop NAME
#	witness_join NAME...		from its next start on scrimd tells them
#	witness_add NAME FILE		POST a body to add-checkpoint: the status; the body goes to $W/tmp/said
#	witness_said LOG [NAME]		the size that scrimd's metrics tell
#	witness_red / witness_green / witness_heard		what /readyz says

declare -A WITNESS_PORT WITNESS_VKEY

witness_keys() {
	world_up
	await 10 test -s "$W/run/log/vkey" || bail "scrimd's log has no key"
	SCRIMD_VKEY=$(cat "$W/run/log/vkey")
	KEYD_VKEY=$(cat "$W/run/keyd/log/vkey")
	world_down
}

witness_new() { # NAME
	free_port
	WITNESS_PORT[$1]=$PORT
	jq -n --arg name "$1" --arg port "$PORT" --arg s "$SCRIMD_VKEY" --arg k "$KEYD_VKEY" '{
		name: "witness.example/\($name)", key: "\($name).key", state: "\($name).seen",
		listen: { address: "127.0.0.1:\($port)" },
		logs: [ $s, $k | { origin: split("+")[0], vkey: . } ] }' >"$W/$1.json"
	WITNESS_VKEY[$1]=$("$BIN/scrim" witness init "$W/$1.json") || bail "the witness has no key"
}

witness_start() { # NAME
	start "$1" "$W/log/$1.err" "$BIN/scrim" witness run "$W/$1.json"
	await 5 port_open "${WITNESS_PORT[$1]}"
}

witness_join() { # NAME...
	local name
	jq '.witnesses = []' "$W/scrim.json" >"$W/tmp/c" && mv "$W/tmp/c" "$W/scrim.json"
	for name; do
		jq --arg url "http://127.0.0.1:${WITNESS_PORT[$name]}" --arg vkey "${WITNESS_VKEY[$name]}" \
			'.witnesses += [ { url: $url, vkey: $vkey } ]' "$W/scrim.json" >"$W/tmp/c" && mv "$W/tmp/c" "$W/scrim.json"
	done
}

witness_add() { # NAME FILE
	curl -s --max-time 10 -o "$W/tmp/said" -D "$W/tmp/said.head" -w '%{http_code}' --data-binary "@$2" \
		"http://127.0.0.1:${WITNESS_PORT[$1]}/add-checkpoint"
}

witness_said() { # LOG [NAME]
	curl -s --max-time 5 "$PLAIN/metrics" | sed -n "s/^scrim_witness_entries{witness=\"witness.example\/${2:-w1}\",log=\"$1\"} //p"
}

witness_told() { curl -s --max-time 5 "$PLAIN/readyz" | jq -r ".$1"; }
witness_red() { [ "$(witness_told witnesses)" = false ]; }
witness_green() { [ "$(witness_told witnesses)" = true ]; }
witness_heard() { [ "$(witness_told witnesses_heard)" = true ]; }
witness_away() { [ "$(witness_told witnesses_heard)" = false ]; }
