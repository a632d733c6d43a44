#!/bin/bash
# Two gateways on one keyd, openings on both: each is killed, has its log put back from an older copy,
# loses it for good and is retired, and fresh ones join, while the other goes on. At the end every
# opening that was answered is in a verified log, and what is missing in a gateway's log is what it is
# known to have lost.
# timeout: 300
. "$(dirname "$0")/../lib/world.sh"

world_new
world_owner
jq -n '[]' | world_routes -
export SCRIM_CONFIG=$W/scrim.json
declare -A PLAIN_AT=([scrimd]=$PLAIN) CONFIG=([scrimd]=$W/scrim.json) LOG=([scrimd]=$W/run/log)
gateway() { # NODE: one more, with a log and a port of its own
	free_port
	PLAIN_AT[$1]=http://127.0.0.1:$PORT CONFIG[$1]=$W/$1.json LOG[$1]=$W/run/$1
	jq --arg node "$1" --argjson plain "$PORT" '.node = $node | .log = "run/\($node)" | .store = "sqlite:run/\($node).db" |
		.listen = [ { address: "127.0.0.1:\($plain)", plain: true } ]' "$W/scrim.json" >"$W/$1.json"
}
keyd_knows() { # NODE...: these and no others
	jq '.gateways[0] as $g | .gateways = [ $ARGS.positional[] as $n | $g + { node: $n } ]' "$W/keyd.json" --args "$@" >"$W/x" && mv "$W/x" "$W/keyd.json"
}
for node in west north south; do gateway $node; done
keyd_knows scrimd west
start_gateway() { TMPDIR=$W/tmp start "$1" "$W/log/$1.err" "$BIN/scrimd" --config "${CONFIG[$1]}"; }
readyz() { curl -s --max-time 2 "${PLAIN_AT[$1]}/readyz"; }
is_ready() { readyz "$1" | jq -e .ready >/dev/null; }
head_is_red() { readyz "$1" | jq -e '.ready == false and .head == false' >/dev/null; }

# ---- a bounded load on each: who is answered is written down ------------------------------------
world_up
token=$(world_curl shop -d '{"items":[{"class":"phone","value":"07700 900123","subject":"c1"}]}' "$URL/v1/seal" | jq -r '.items[0].token')
opener() { # NODE
	local n=0 max=4000
	while [ ! -e "$W/enough" ] && [ ! -e "$W/enough.$1" ] && [ $((n += 1)) -lt $max ]; do
		CURL_MAX=3 world_curl order_system -H 'Scrim-Purpose: order_processing' -d "{\"items\":[{\"token\":\"$token\"}]}" \
			"${PLAIN_AT[$1]}/v1/reveal" 2>/dev/null | jq -r 'select(.items[0].value? != null) | .request_id' >>"$W/answered.$1" 2>/dev/null
		sleep 0.03
	done
}
load() { : >>"$W/answered.$1" && opener "$1" & }
answered() { wc -l <"$W/answered.$1"; }
goes_on() { # NODE: more is answered than was
	local was
	was=$(answered "$1")
	await 15 eval "[ \$(answered $1) -gt $((was + 3)) ]"
}
start_gateway west
ok "both serve" await 20 eval 'is_ready scrimd && is_ready west'
load scrimd
load west
ok "and are asked" eval 'goes_on scrimd && goes_on west'
quiet() { local was; was=$(answered "$1"); sleep 0.3; [ "$(answered "$1")" = "$was" ]; }
others() { [ "$1" = scrimd ] && echo west || echo scrimd; }

# ---- the auditor: the words of all logs that there are ---------------------------------------------
also() { local d=; for node in "$@"; do d+=,${LOG[$node]}; done; echo "${d#,}"; }
ALSO=(west)
audit() { "$BIN/scrim" audit "$1" --also "$(also "${ALSO[@]}")" "${@:2}"; }
verified() { audit verify >"$W/verify.out" 2>&1; }
broken() { audit verify >"$W/verify.out" 2>&1; [ $? = 7 ] && grep -q "rolled back" "$W/verify.out"; }
# while they are asked, what is on its way stands in keyd's log alone
figures() { audit reconcile --grace-ms "${GRACE:-0}" --json >"$W/joined" 2>"$W/log/joined.err"; tail -1 "$W/joined" | jq -r "$1"; }
joined() { [ "$(figures '"\(.only_keyd + .only_scrimd - .recent) \(.differing) \(.elsewhere)"')" = "$1 0 0" ]; }
ok "an auditor keeps both" await 20 eval 'audit trust >"$W/out" 2>&1'

for node in scrimd west; do
	other=$(others $node)

	# ---- killed under load ----------------------------------------------------------------------
	stop $node KILL
	ok "$node is killed: the other goes on" goes_on "$other"
	start_gateway $node
	ok "$node is back and goes on" eval "await 20 is_ready $node && goes_on $node"
	ok "all logs verify" await 20 verified

	# ---- an older copy is put back while it is down ------------------------------------------------
	cp -a "${LOG[$node]}" "$W/older.$node"
	has=$("$BIN/scrim" audit show --log "$W/older.$node" --json | wc -l)
	goes_on $node
	ok "$node's log has news, and they are signed" await 10 eval "[ \$(sed -n 2p '${LOG[$node]}/checkpoint') -gt $has ]"
	stop $node KILL
	await 5 quiet $node
	was=$(answered $node)
	mv "${LOG[$node]}" "$W/newest.$node" && cp -a "$W/older.$node" "${LOG[$node]}"
	start_gateway $node
	ok "an older copy of $node's log: /readyz is red" await 20 head_is_red $node
	ok "and verify" await 10 broken
	ok "the other goes on" goes_on "$other"
	is "what was asked of $node meanwhile was not answered" "$(answered $node)" "$was"
	is "$node opens nothing" "$(world_curl order_system -o /dev/null -w '%{http_code}' -H 'Scrim-Purpose: order_processing' \
		-d "{\"items\":[{\"token\":\"$token\"}]}" "${PLAIN_AT[$node]}/v1/reveal")" 503
	ok "it lasts" eval "head_is_red $node && broken"
	stop $node
	rm -rf "${LOG[$node]}" && mv "$W/newest.$node" "${LOG[$node]}"
	start_gateway $node
	ok "the newest copy of $node's log: it goes on" eval "await 20 is_ready $node && goes_on $node"
	ok "and all logs verify" await 20 verified
done

# What was killed came back: what is missing in their logs is of the crashes.
ok "what is missing in their logs is of their crashes" eval 'GRACE=5000 joined 0'
is "and four of those were counted" "$(figures .crashes)" 4

# ---- lost for good: begun anew by its owner's word ------------------------------------------------------
touch "$W/enough.west"
wait %2
stop west
openings() { "$BIN/scrim" audit show --log "$1" --json 2>/dev/null | jq -r '.entry | select(.outcome.keyd != null) | .req' | sort; }
openings "${LOG[west]}" >"$W/had"
openings "$W/older.west" >"$W/left"
comm -23 "$W/had" "$W/left" >"$W/lost" # with west's log
rm -rf "${LOG[west]}" && cp -a "$W/older.west" "${LOG[west]}"
stop keyd
ok "keyd forgets what it knows of west's log, by its owner's word" keyd_anew --forget-head demo/west
start_keyd
start_gateway west
ok "west serves, with what is left" await 20 is_ready west
ok "and so does the other" eval 'await 20 is_ready scrimd && goes_on scrimd'
printf 'scrim.audit/trust@v1\n' >"$W/none" && chmod 600 "$W/none"
ok "the auditor is told, by what keyd's log says" await 20 eval 'audit verify --trust "$W/none" --vkey "${LOG[scrimd]}/vkey" >"$W/verify.out" 2>&1; [ $? = 6 ] && grep -q "begun anew" "$W/verify.out"'
ok "and by what they have seen themselves" eval 'audit verify >"$W/verify.out" 2>&1; [ $? = 7 ] && grep -q "and you have seen" "$W/verify.out"'
ok "and takes it as it is" eval 'audit trust --replace >"$W/out" 2>&1 && verified'
rm "$W/enough.west"
load west
ok "west goes on" goes_on west

# ---- retired, each after the other, and fresh ones join ---------------------------------------------------
retire() { # NODE FRESH REMAINING: stopped, taken out of keyd's file, its log kept
	touch "$W/enough.$1"
	stop "$1"
	keyd_knows "$3" "$2"
	kill -HUP "${PROC_PID[keyd]}"
	start_gateway "$2"
	ok "$1 is retired, $2 joins" await 20 is_ready "$2"
	load "$2"
	ok "$2 goes on" goes_on "$2"
	ok "and so does $3" goes_on "$3"
	ok "$2's log begins with its start" eval "'$BIN/scrim' audit show --log '${LOG[$2]}' --json --limit 1 | jq -e '.entry.kind == \"start\"' >/dev/null"
	ALSO+=("$2")
	ok "the auditor takes the fresh one up" await 20 eval 'audit trust >"$W/out" 2>&1'
	ok "and all logs verify, the retired one's too" await 20 verified
}
retire west north scrimd
cp -a "${LOG[west]}" "$W/retired"
start_gateway west
ok "who is retired is not served, when it starts nevertheless" await 20 eval 'readyz west | jq -e ".ready == false" >/dev/null'
stop west
rm -rf "${LOG[west]}" && mv "$W/retired" "${LOG[west]}" # what it wrote nobody signs any more
retire scrimd south north

# ---- at the end ---------------------------------------------------------------------------------------------
touch "$W/enough"
wait
ok "nothing is red" eval 'is_ready north && is_ready south'
for node in north south keyd; do stop $node; done
ok "all logs verify" eval 'verified || { cat "$W/verify.out"; false; }'
"$BIN/scrim" audit show --keyd --json 2>/dev/null | jq -r '.entry | select(.kind == "reveal") | .req' | sort >"$W/opened"
sort "$W"/answered.* >"$W/answers"
echo "# $(wc -l <"$W/answers") openings answered, $(wc -l <"$W/opened") in keyd's log: $(figures -c .)"
ok "the load was real" test "$(wc -l <"$W/answers")" -gt 60
is "every opening that was answered is in keyd's log" "$(comm -23 "$W/answers" "$W/opened" | wc -l)" 0
jq -r 'select(.side == "keyd") | .req' "$W/joined" | sort >"$W/missing"
jq -r 'select(.side == "keyd" and .lost == null) | .req' "$W/joined" | sort >"$W/unexplained"
is "and in its gateway's: only what was lost with west's is unexplained" "$(comm -23 "$W/unexplained" "$W/lost" | wc -l)" 0
is "and all of that is missing" "$(comm -23 "$W/lost" "$W/missing" | wc -l)" 0
ok "as much as there was" test "$(wc -l <"$W/lost")" -gt 3
tap_done
