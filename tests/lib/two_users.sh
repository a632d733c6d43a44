# two_users.sh - a world whose keyd and scrimd run as users of their own, each with a folder that
# is closed to the other, and a third user who is neither. Source it behind world.sh; only root
# can: two_users_can says whether.
#
#	two_users_new			makes $W/run/keyd (keyd's), $W/gate (scrimd's), $W/meet (the socket)
#	two_users_up ROUTES		both daemons, with the routes of a file
#	as USER command args...		USER: keyd, scrimd, nobody
#	seen_by USER			the regular files below $W that USER can read

declare -A USER_ID=([keyd]=61001 [scrimd]=61002 [nobody]=61003)

two_users_can() {
	[ "$(id -u)" = 0 ] && setpriv --reuid "${USER_ID[nobody]}" --regid "${USER_ID[nobody]}" --clear-groups true 2>/dev/null
}

as() { # USER command...
	local id=${USER_ID[$1]}
	shift
	setpriv --reuid "$id" --regid "$id" --clear-groups "$@"
}

two_users_new() {
	world_new
	mkdir "$W/bin" "$W/gate" "$W/meet"
	cp "$BIN"/scrim "$BIN"/scrimd "$BIN"/scrim-keyd "$TOOLS/hacked_gateway" "$W/bin/"
	cp "$W/keys/tls.crt" "$W/keys/tls.key" "$W/gate/"
	chmod 711 "$W" "$W/run" "$W/meet" "$W/bin"
	chmod 755 "$W"/bin/*
	chmod 644 "$W/policy.json"
	jq --argjson uid "${USER_ID[scrimd]}" '.socket = "meet/keyd.sock" | .root = "run/keyd/root.json" | .gateways[0].uid = $uid' \
		"$W/keyd.json" >"$W/x" && mv "$W/x" "$W/keyd.json"
	chown -R "${USER_ID[keyd]}:${USER_ID[keyd]}" "$W/run/keyd" "$W/meet"
}

two_users_up() { # ROUTES
	world_routes "$1"
	world_callers
	chmod 644 "$W/keyd.json" "$W/principals.json"
	jq --arg w "$W" '.policy = $w + "/policy.json" | .keyd = "unix:" + $w + "/meet/keyd.sock" | .store = "sqlite:scrim.db" | .log = "log" |
		.listen[0].tls = { cert: "tls.crt", key: "tls.key" }' "$W/scrim.json" >"$W/gate/scrim.json"
	chown -R "${USER_ID[scrimd]}:${USER_ID[scrimd]}" "$W/gate"
	chmod 700 "$W/gate"
	as keyd "$W/bin/scrim-keyd" --config "$W/keyd.json" --demo --init >>"$W/log/keyd.err" 2>&1 || bail "keyd could not be initialised"
	start_keyd_as_itself
	start_scrimd_as_itself
	await 20 ready && return 0
	tail -5 "$W/log/keyd.err" "$W/log/scrimd.err"
	bail "scrimd did not become ready"
}

start_keyd_as_itself() {
	start keyd "$W/log/keyd.err" setpriv --reuid "${USER_ID[keyd]}" --regid "${USER_ID[keyd]}" --clear-groups \
		"$W/bin/scrim-keyd" --config "$W/keyd.json" --demo
}

start_scrimd_as_itself() {
	start scrimd "$W/log/scrimd.err" setpriv --reuid "${USER_ID[scrimd]}" --regid "${USER_ID[scrimd]}" --clear-groups \
		"$W/bin/scrimd" --config "$W/gate/scrim.json"
}

# Listed by root: who cannot list a folder may know the names in it.
seen_by() { # USER
	find "$W" -type f -print0 | as "$1" xargs -0 sh -c 'for f; do if head -c 1 -- "$f" >/dev/null 2>&1; then echo "$f"; fi; done' sh 2>/dev/null
}
