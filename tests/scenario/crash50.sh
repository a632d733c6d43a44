#!/bin/bash
# kill -9 of scrimd or keyd under load, fifty times over: every token that was
# given opens afterwards, and every reveal that was answered 200 is in the
# verified log.
# timeout: 900
. "$(dirname "$0")/../lib/world.sh"

KILLS=${KILLS:-50}
ROLE=${CRASH_ROLE:-order_system}
PURPOSE=${CRASH_PURPOSE:-delivery}
world_new
world_order_routes "http://127.0.0.1:$PEER_PORT" | world_routes -
start_peer orders order_system "$PEER_PORT"
world_up
: >"$W/given" ; : >"$W/reveals"

ask() { # PATH BODY-FILE OUT: succeeds on 200
	[ "$(CURL_MAX=3 world_curl $ROLE -o "$3" -w '%{http_code}' -H 'Content-Type: application/json' \
		-H "Scrim-Purpose: $PURPOSE" -H 'Scrim-Reason: crash test' --data-binary @"$2" "$PLAIN$1")" = 200 ]
}

# Seals new values for ever; what was answered goes to $W/given.
sealer() { # NUMBER
	local i=0
	while [ ! -e "$W/enough" ]; do
		i=$((i + 1))
		jq -nc --arg s "$1" --argjson i $i '{ items: [ range(10) | { class: "name", subject: "crash-\($s)-\(. % 4)",
			value: "w\($s) n\($i) v\(.) Person" } ] }' >"$W/tmp/seal$1"
		ask /v1/seal "$W/tmp/seal$1" "$W/tmp/sealed$1" &&
			jq -rc --slurpfile q "$W/tmp/seal$1" '[.items, $q[0].items] | transpose[]
				| select(.[0].status == "ok") | [.[0].token, .[1].value] | @tsv' "$W/tmp/sealed$1" >>"$W/given" 2>/dev/null
	done
}

# Reveals tokens given before; an answer with a value is a line in $W/reveals.
revealer() {
	while [ ! -e "$W/enough" ]; do
		tail -n 3 "$W/given" 2>/dev/null | awk -F '\t' 'NF == 2 { printf "%s{\"token\":\"%s\"}", s, $1; s = "," }' |
			sed 's/^/{"items":[/; s/$/]}/' >"$W/tmp/open"
		[ -s "$W/tmp/open" ] || { sleep 0.1; continue; }
		ask /v1/reveal "$W/tmp/open" "$W/tmp/opened" &&
			jq -rc 'select(any(.items[]; .status == "ok")) | [.record, .request_id] | @tsv' "$W/tmp/opened" >>"$W/reveals" 2>/dev/null
	done
}

# Orders through the proxy; their tokens are read back from the order system.
orderer() {
	local i=0
	"$TOOLS/gen_orders" --shape crm --count 400 --seed 21 --customers 8 >"$W/crm.in"
	while [ ! -e "$W/enough" ]; do
		i=$((i % 400 + 1))
		sed -n ${i}p "$W/crm.in" >"$W/tmp/order"
		CURL_MAX=3 world_curl $ROLE -o /dev/null -H 'Content-Type: application/json' --data-binary @"$W/tmp/order" "$URL/crm"
	done
}

sealer 1 & S1=$!
sealer 2 & S2=$!
revealer & R=$!
orderer & O=$!
await 20 test -s "$W/reveals"

back=0
for ((k = 1; k <= KILLS; k++)); do
	sleep 0.$((RANDOM % 4 + 1))
	if [ $((RANDOM % 2)) = 0 ]; then
		stop scrimd KILL
		start_scrimd
	else
		stop keyd KILL
		start_keyd
	fi
	await 20 ready && back=$((back + 1))
done
touch "$W/enough"
wait $S1 $S2 $R $O
is "the service came back after every kill" $back "$KILLS"
ok "the load was real: at least 500 tokens given" test "$(wc -l <"$W/given")" -ge 500
ok "and at least 50 reveals answered" test "$(wc -l <"$W/reveals")" -ge 50
echo "# $(wc -l <"$W/given") tokens given, $(wc -l <"$W/reveals") reveals answered, $(wc -l <"$W/orders.ndjson") orders stored"

# Every token, in batches, opens to what was sealed.
split -a 6 -d -l 500 "$W/given" "$W/tmp/batch"
wrong=0
for f in "$W"/tmp/batch*; do
	jq -Rnc '{ items: [ inputs | split("\t") | { token: .[0] } ] }' "$f" >"$W/tmp/q"
	ask /v1/reveal "$W/tmp/q" "$W/tmp/a" || { wrong=$((wrong + 500)); continue; }
	jq -r '.items[] | if .status == "ok" then .value else "?" + .status end' "$W/tmp/a" >"$W/tmp/values"
	wrong=$((wrong + $(cut -f2 "$f" | diff - "$W/tmp/values" | grep -c '^<')))
done
is "every token that was given opens to its value" $wrong 0

# The tokens that reached the order system open too.
grep -oh 'sct1-[0-9a-z]*' "$W/orders.ndjson" | sort -u | head -4000 >"$W/stored"
jq -Rnc '{ items: [ inputs | { token: . } ] }' "$W/stored" >"$W/tmp/q"
ok "the stored tokens were asked for" ask /v1/reveal "$W/tmp/q" "$W/tmp/a"
is "no stored token is unknown or broken" \
	"$(jq '[.items[] | select(.status == "gone" or .status == "bad_token")] | length' "$W/tmp/a")" 0

sleep 1.5
ok "both logs verify" logs_verified --config "$W/scrim.json"
"$BIN/scrim" audit reconcile --config "$W/scrim.json" --grace-ms 0 --json >"$W/joined" 2>"$W/log/joined.err"
code=$?
is "no opening is missing in scrimd's log that a crash does not explain" "$(tail -1 "$W/joined" | jq -r '"\(.only_keyd) \(.only_scrimd) \(.differing)"')" "0 0 0"
ok "and what is lost has a code of its own" test "$code" = "$(tail -1 "$W/joined" | jq 'if .lost > 0 then 6 else 0 end')"
echo "# $(tail -1 "$W/joined")"
"$BIN/scrim" audit show --config "$W/scrim.json" --keyd --json >"$W/entries" 2>"$W/log/show.err"
missing=0
while IFS=$'\t' read -r record id; do
	grep -q "$id" "$W/entries" || missing=$((missing + 1))
done <"$W/reveals"
is "every reveal that was answered is in the log" $missing 0
tap_done
