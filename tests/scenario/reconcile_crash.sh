#!/bin/bash
# Which openings a gateway that was killed may have lost, `audit reconcile` tells apart, by a code of
# its own; what it did not lose so is an opening behind its log's back as ever. keyd's log has those
# of two gateways, and each answers for its own.
. "$(dirname "$0")/../lib/world.sh"

world_new
began() { printf '{"v":1,"at":%s,"kind":"start"}\n' "$1"; }
stopped() { printf '{"v":1,"at":%s,"kind":"stop"}\n' "$1"; }
opening() { # AT REQUEST [NODE]
	printf '{"v":1,"at":%s,"kind":"reveal","req":"%016x","who":{"principal":"ann","role":"support"},"why":{"purpose":"service"},"what":{"op":"read"}%s,"outcome":{"result":"ok","revealed":1%s}}\n' \
		"$1" "$2" "${3:+,\"where\":{\"node\":\"$3\"\}}" "$([ -n "${3:-}" ] || echo ',"keyd":0')"
}
write() { # FOLDER ORIGIN: what comes in
	rm -rf "$W/$1"
	"$TOOLS/log_writer" "$W/$1" "$2" 7 >/dev/null || bail "no log could be written"
}
keyd() { { opening 100100 1 one; opening 200100 2 west; "$@"; } | write keyd scrim/demo/keyd; }
one() { { began 100000; opening 100090 1; "$@"; } | write one demo/one; }
{ began 100000; opening 200090 2; stopped 200200; began 400000; } | write west demo/west
reconcile() { "$BIN/scrim" audit reconcile --keyd-log "$W/keyd" --log "$W/one" --also "$W/west" --grace-ms 0 "$@" >"$W/said" 2>"$W/err"; }
figures() { # option...: the exit code, and what is missing: unexplained, lost
	reconcile --json "$@"
	echo "$? $(tail -1 "$W/said" | jq -r '"\(.ok) \(.only_keyd) \(.lost)"')"
}

keyd true
one stopped 100500
is "all are there" "$(figures)" "0 true 0 0"
killed() { opening 150000 3; began 300000; }
one killed
missing() { # AT: of which the gateway's log has nothing
	also() { opening 150000 3 one; opening "$1" 4 one; }
	keyd also "$1"
}
missing 150100
is "one by the end of a run that was killed was lost" "$(figures)" "6 true 0 1"
is "and its line names the start behind it" "$(head -1 "$W/said" | jq -c '[.side, .index, .req, .lost, .start]')" '["keyd",3,"0000000000000004","crash",3]'
reconcile
is "in words, too" "$? $(grep -c '^warning: 1 only in keyd.s log, lost when a gateway was killed or lost power (1 starts without a stop)' "$W/said")" "6 1"
missing 144950
is "so was one of a request of five seconds" "$(figures)" "6 true 0 1"
missing 144949
is "and not an older one" "$(figures)" "1 false 1 0"
is "unless its owner says that requests take longer" "$(figures --request-ms 6000)" "6 true 0 1"
missing 300001
is "nor one of the next run" "$(figures)" "1 false 1 0"
killed() { opening 150000 3; stopped 150200; began 300000; }
one killed
missing 150100
is "nor one of a run that ended in peace" "$(figures)" "1 false 1 0"
killed() { opening 150000 3; }
one killed
is "nor where nothing has started since" "$(figures)" "1 false 1 0"
killed() { opening 150000 3; began 300000; }
one killed
many() { opening 150000 3 one; for i in $(seq 4 23); do opening $((150000 + (i - 4) * 1000)) "$i" one; done; }
keyd many
is "of twenty seconds of them those of one window, from the first on" "$(figures)" "1 false 14 6"

keyd true
one stopped 100500
"$BIN/scrim" audit reconcile --keyd-log "$W/keyd" --log "$W/one" --grace-ms 0 --json >"$W/said"
is "openings by a gateway whose log nobody named are told, and held against nobody" "$? $(jq -r '"\(.ok) \(.elsewhere) \(.only_keyd)"' "$W/said")" "6 true 1 0"
west() { opening 250000 9 west; }
keyd west
is "named, it answers for them itself" "$(figures)" "1 false 1 0"
tap_done
