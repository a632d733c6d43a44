# stay.sh - `make run`: says what is where and what to type, then tells of each
# request as the access log grows, until Ctrl-C.
#
# Every line under "paste" works as it stands in the source's folder; the scenario
# tests/scenario/run.sh pastes them.

rel() { echo "${1#"$ROOT"/}"; }

# A line for each kind of user: what they do, then how.
say_lines() {
	local dir tools bin json curl
	dir=$(rel "$D") tools=$(rel "$TOOLS") bin=$(rel "$BIN") json="-H 'Content-Type: application/json'"
	curl="curl -s --cacert $dir/keys/tls.crt"
	as() { echo "$curl -H \"Authorization: Bearer \$(cat $dir/keys/$1.key)\""; }
	local order="curl -s http://127.0.0.1:$ORDER_PORT/orders/1"
	local its="{\\\"items\\\":[{\\\"token\\\":\\\"\$($order | grep -oE '\"phone\": ?\"sct1-[0-9a-z]+' | head -n 1 | grep -o 'sct1-.*')\\\"}]}"
	local customer="\$($order | grep -oE '\"customer\": ?.\"id\": ?[0-9]+' | grep -oE '[0-9]+\$')"
	cat <<-END
		 the shop sends an order
		   $tools/gen_orders --shape shopify --count 1 | $(as shop) $json --data-binary @- $URL/shopify
		 the order system looks at what it stored
		   $order
		 the order system hands a parcel to the carrier, whose label bears a virtual number
		   $tools/gen_orders --shape waybill --count 1 --seed 4 | $(as order_system) $json --data-binary @- $URL/carrier/waybill
		 a courier dials it: what the telephony server is told, on a socket of its own
		   tail -n 1 $dir/behind/labels.ndjson | jq '.receiver.mobile | { x: .number, ext: .extension, caller: "+447700900999", kind: "INVITE", call: "\(now)" }' | curl -s --unix-socket $dir/run/scrimd/telephony.sock -d @- http://scrimd/v1/route
		 a support agent looks at the customer's phone
		   $(as support) -H 'Scrim-Purpose: service' -H 'Scrim-Reason: delivery question' -H 'Scrim-Ticket: 88' -d "$its" $URL/v1/reveal
		 marketing would like to
		   $(as marketing) -H 'Scrim-Purpose: campaign' -d "$its" $URL/v1/reveal
		 finance looks at a card number, by their own signature, which no gateway can give
		   $bin/scrim reveal --config $dir/scrim.json --key $dir/keys/finance.key --sign $dir/keys/finance.sign --purpose settlement --ticket 88 "\$(grep -ohE '"credit_card_number": ?"sct1-[0-9a-z]+' $dir/behind/orders.ndjson | head -n 1 | grep -o 'sct1-.*')"
		 somebody without a key tries
		   $curl -d "$its" $URL/v1/reveal
		 the privacy officer erases the customer
		   $(as privacy_officer) -H 'Scrim-Purpose: audit' -H 'Scrim-Reason: erasure request' -X POST $URL/v1/subjects/$customer/erase
		 the key custodian looks at the keys, and takes a backup while keyd works
		   $bin/scrim keys status --config $dir/scrim.json
		   mkdir -p $dir/backup && $bin/scrim keys backup --config $dir/scrim.json $dir/backup && $bin/scrim keys drill --config $dir/scrim.json $dir/backup
		 an auditor looks at the last entries, and checks both logs
		   $bin/scrim audit show --config $dir/scrim.json --keyd | tail -n 5
		   $bin/scrim audit trust --config $dir/scrim.json --trust $dir/trust && $bin/scrim audit verify --config $dir/scrim.json --trust $dir/trust
		 a page of the shop tells what was looked at, as its visitor agreed
		   $curl -A 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' -H 'Origin: https://shop.example' -H 'Content-Type: text/plain' -d "{\"writeKey\":\"wk_demo_web\",\"c\":1,\"batch\":[{\"type\":\"track\",\"event\":\"Product Viewed\",\"messageId\":\"run-\$(date +%s%N)\",\"anonymousId\":\"run-1\",\"properties\":{\"product_id\":\"kettle-1\"}}]}" $URL/v1/batch
		 the operator looks at what came of it, and has features made
		   $bin/scrim collect status --config $dir/scrim.json --key $dir/keys/operator.key
		   $bin/scrim collect snapshot --config $dir/scrim.json --key $dir/keys/operator.key
		 an analyst asks what was released of a made-up year; nobody is alone in it
		   $bin/scrim query --config $dir/scrim.json --key $dir/keys/anna.key week 'SELECT week, visitors, buyers, revenue FROM week ORDER BY week DESC LIMIT 4'
		 marketing has its page of the week made ($dir/report/report.html)
		   $bin/scrim-market report --server https://127.0.0.1:$QUERY_PORT --key $dir/keys/mia.key --ca $dir/keys/tls.crt --out $dir/report
		 the operator looks at the metrics
		   $curl $URL/metrics
	END
}

say_where() {
	local dir
	dir=$(rel "$D")
	cat <<-END
		 proxy      $URL   routes $(jq -r '[.routes[].match.path] | join(" ")' "$C")
		 behind it  order system http://127.0.0.1:$ORDER_PORT (stores $dir/behind/orders.ndjson)
		            carrier      http://127.0.0.1:$CARRIER_PORT (stores $dir/behind/labels.ndjson)
		 witness    $WITNESS_URL   $([ -n "$APART" ] && echo "a user of its own ($WITNESS_USER)" || echo "the same user: a host of its own is better") cosigns both logs: $dir/run/scrimd/log/checkpoint
		 users      $([ -n "$APART" ] && echo "keyd $KEYD_USER, scrimd and what belongs to it $SCRIMD_USER: neither reads what is the other's" || echo "$(id -un) runs everything, and who is one has the other's: started by root they are apart")
		 demo keys  $dir/keys/ROLE.key    configuration $dir/scrim.json
		            examples, keyd's root key too: refused without --demo. Your own: docs/OPERATIONS.md, "First keys"
		 by hand    export PATH=$PWD/build/bin:\$PATH SCRIM_CONFIG=$D/scrim.json KEYS=$D/keys CA=$D/keys/tls.crt URL=$URL RUN=$D/run/scrimd

	END
}

# 14:03:22  shop (shop)  taobao  ok  18 sealed
live() {
	jq --unbuffered -r --arg bold "$BOLD" --arg red "$RED" --arg dim "$DIM" --arg plain "$PLAIN_TEXT" '
		def pad($n): . + " " * ([$n - length, 1] | max);
		def counts: [ to_entries[] | select((.value | type) == "number" and .key != "status" and .key != "keyd")
			| "\(.value) \(.key)" ] | join(", ");
		.entry | select(.outcome and (.kind | IN("start", "stop", "reload", "head") | not)) | .outcome as $outcome
		| "\($dim)\(.at / 1000 | floor | localtime | strftime("%H:%M:%S"))\($plain)  "
		+ (if .who.principal then .who | "\(.principal) (\(.role // "-"))" else "nobody we know" end | pad(34))
		+ "\($bold)\(.where.route // .act // .kind | pad(15))\($plain)"
		+ ($outcome.result | pad(9) | if startswith("ok") then . else "\($red)\(.)\($plain)" end)
		+ ([ ($outcome | counts), $outcome.why // empty, ($outcome.status // 0 | select(. >= 400)) ] | map(tostring | select(. != "")) | join(", "))'
}

stay() {
	local next
	analysts_prepare
	say_where
	echo " ${BOLD}paste${PLAIN_TEXT} any of these into another terminal, in this folder"
	echo
	say_lines
	echo
	# before anybody is told that they may begin
	next=$("$BIN/scrim" audit show --config "$C" --json | tail -n 1 | jq .index)
	echo " Ctrl-C stops everything. The folder $(rel "$D")/ is kept; remove it to start anew. Below: a line for each request, from the access log."
	"$BIN/scrim" audit show --config "$C" --json --follow --since $((${next:--1} + 1)) > >(live) 2>>"$D/out/live.err" </dev/null &
	PROC_PID[live]=$!
	disown "${PROC_PID[live]}"
	while sleep 1; do alive orders && alive carrier && alive witness && alive live || give_up "a demo server ended"; done
}
