# collect.sh - the demo's events for analysis: the shop's customers and visitors, and
# robots among them, go through the door; what becomes of them is shown and checked.
#
# The customers are those of the Shopify orders, which the tap hears. All but some were
# asked and said yes. Each event bears a name that nobody declared.

WEB_KEY=wk_demo_web ORIGIN=https://shop.example PLANTED=Plantwell
FIREFOX='Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
CHROME='Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
UNASKED=8 VISITORS=30

# The configuration's section, and the words that both sides are given.
collect_configure() {
	jq '.collect = { feed: "unix:run/viewd/feed.sock", store: "sqlite:run/scrimd/collect.db", spool: "run/scrimd/spool", words: "words.json",
		purpose: "analytics", role: "collector", operators: ["operator"],
		sites: [ { name: "web", write_key: $key, origins: [$origin], events: "*", per_minute: 100000, zone: "Asia/Shanghai" },
			{ name: "shop", principal: "shop", events: "*", per_minute: 100000, zone: "Asia/Shanghai" } ],
		consents: { "Analytics": "analytics" }, honeypots: ["kettle-nobody-sees"], pages: { "/": "home", "/p/": "product" },
		orders: [ { route: "shopify", site: "shop", order: "$.order.id", customer: "$.order.customer.id", total: "$.order.total_price",
			product: "$.order.line_items[*].id", price: "$.order.line_items[*].price", address: "$.order.shipping_address.address1" } ] }
		| (.routes[] | select(.name == "shopify") | .request) |=
			(map(if .at == "$.order.shipping_address.address1" then .tag = true else . end) + [ ("$.order.id", "$.order.customer.id", "$.order.total_price",
				"$.order.line_items[*].id", "$.order.line_items[*].price") | { at: ., "do": "collect" } ])' \
		--arg key $WEB_KEY --arg origin $ORIGIN "$C" >"$D/in/collect.json" && mv "$D/in/collect.json" "$C"
}
# ---- what they say ------------------------------------------------------------------
# A word of consent for each line of standard input.
say() { # WORD
	local id first=1
	while read -r id; do
		[ $first = 1 ] || echo next
		first=0
		printf 'url = "%s/v1/subjects/%s/consents"\nrequest = "PUT"\nheader = "Authorization: Bearer %s"\nheader = "Content-Type: application/json"\n' \
			"$URL" "$id" "$(cat "$D/keys/shop.key")"
		printf 'data = "{\\"purpose\\":\\"analytics\\",\\"word\\":\\"%s\\",\\"version\\":1,\\"source\\":\\"shop-web\\",\\"method\\":\\"checkbox\\"}"\n' "$1"
		printf 'output = "/dev/null"\nwrite-out = "%%{http_code}\\n"\ncacert = "%s/keys/tls.crt"\nmax-time = 30\nsilent\n' "$D"
	done >"$D/in/say.conf"
	curl --parallel --parallel-max 16 --no-progress-meter -K "$D/in/say.conf" 2>>"$D/out/curl.err"
}
consents_said() {
	grep -oE '"customer": ?\{"id": ?[0-9]+' "$D/in/shopify.ndjson" | grep -oE '[0-9]+$' | sort -u >"$D/in/customers"
	tail -n +$((UNASKED + 1)) "$D/in/customers" >"$D/in/willing"
	[ "$(say grant <"$D/in/willing" | grep -c '^20[0-9]$')" = "$(wc -l <"$D/in/willing")" ] || surprise "not every customer's yes was taken"
}

# ---- what they do --------------------------------------------------------------------
# An event in which a name stands wherever one can; its time is the past minutes.
EVENT='def at($s): now - $s | todate;
	def event($id; $name; $s): { type: "track", event: $name, messageId: $id, timestamp: at($s),
		context: { page: { path: "/p/7", title: "for \($n)", url: "https://shop.example/p/7?q=\($n)" }, traits: { name: $n },
			consent: { categoryPreferences: { Analytics: true } } } };
	def of($p): { properties: { product_id: "kettle-\($p)", category: "kettles", price: 39.9, buyer_name: $n, email: "\($n)@example.org" } };'
page_events() { # PREFIX DEVICES EACH FILTER
	jq -nc --arg n $PLANTED --arg p "$1" --arg k $WEB_KEY --argjson d "$2" --argjson e "$3" "$EVENT"' range($d) as $v | { writeKey: $k, sentAt: at(0), batch: [
		range($e) as $i | event("\($p)-\($v)-\($i)"; "Product Viewed"; 3000 - $i * 137 - $i * $i * 11 - $v) + { anonymousId: "\($p)-\($v)", i: 3 } + of($i) '"${4:-}"' ] }'
}
shop_events() {
	jq -Rnc --arg n $PLANTED "$EVENT"' [ inputs ] | to_entries | { sentAt: at(0), batch: [ .[] | .key as $v | .value as $u |
		range(4) as $i | event("s-\($v)-\($i)"; ["Product Viewed", "Product Viewed", "Product Added", "Products Searched"][$i]; 3000 - $i * 211 - $v)
			+ { userId: $u, traits: { name: $n } } + of($i) ] }' "$D/in/customers"
}
# Each line of FILE as a page with that User-Agent; the answers' codes.
pages_send() { # FILE AGENT curl's args...
	local file=$1 agent=$2 line
	shift 2
	while read -r line; do
		curl -s --max-time 20 --cacert "$D/keys/tls.crt" -o /dev/null -w '%{http_code}\n' -A "$agent" -H "Origin: $ORIGIN" \
			-b "rl_trait=$PLANTED" -H 'Content-Type: text/plain' "$@" --data-binary "$line" "$URL/v1/batch"
	done <"$file"
}

operate() { "$BIN/scrim" collect "$@" --config "$C" 2>>"$D/out/collect.err"; }
collecting() { operate "$@" --key "$D/keys/operator.key"; }
door() { collecting status --json >"$D/out/status.json" && jq -r "$1" "$D/out/status.json"; }
snapshot() { collecting snapshot --json >"$1" && jq -r .people "$1"; }

# ---- shown -----------------------------------------------------------------------------
collect_story() {
	local heard refused aside event people after robots orders
	page_events v $VISITORS 6 >"$D/in/visitors"
	page_events bot 10 5 >"$D/in/bots"
	page_events trap 4 1 '+ { properties: { product_id: "kettle-nobody-sees" } }' >"$D/in/trapped"
	page_events head 20 4 >"$D/in/headless"
	shop_events >"$D/in/shop-events.json"
	{
		pages_send "$D/in/visitors" "$FIREFOX"
		pages_send "$D/in/visitors" "$FIREFOX"	# a program sends them all again
		pages_send "$D/in/bots" 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'
		pages_send "$D/in/trapped" "$FIREFOX"
		pages_send "$D/in/headless" "$CHROME"	# a Chrome over TLS says more of itself
	} >"$D/out/pages"
	[ "$(sort -u "$D/out/pages")" = 200 ] || surprise "pages were answered $(sort "$D/out/pages" | uniq -c | tr -s ' \n' ' ')"
	ask shop -H 'Content-Type: application/json' --data-binary @"$D/in/shop-events.json" "$URL/v1/batch" >"$D/out/shop-events.json"
	[ "$(jq -r '"\(.accepted) \(.refused | length)"' "$D/out/shop-events.json")" = "$(($(wc -l <"$D/in/customers") * 4)) 0" ] ||
		surprise "the shop's own events were answered $(head -c 100 "$D/out/shop-events.json")"
	await 20 eval '[ "$(door ".scrimd.orders_waiting + .scrimd.spool.put - .scrimd.spool.fed")" = 0 ]' || surprise "analytics is behind"
	people=$(snapshot "$D/out/snapshot1")

	door '[.scrimd.taken, .scrimd.orders] | @tsv' >"$D/out/came"
	IFS=$'\t' read -r heard orders <"$D/out/came"
	refused() { jq -r --arg rules "$1" '[ .viewd[] | select(.of == "refused" and (.rule | inside($rules))) | .value ] | add // 0' "$D/out/status.json"; }
	robots=$(refused 'bot_agent webdriver honeypot')
	aside=$(jq -r .scrimd.set_aside_by.no_hints "$D/out/status.json")
	{
		printf '%-36s %6s\n' "orders the tap heard" "$(thousands "$orders")" "events of pages and shop" "$(thousands "$heard")" \
			"refused: nobody asked them" "$(thousands "$(refused no_consent)")" "refused: robots by their own word" "$robots" \
			"refused: sent before" "$(refused 'same_id same_content')" "set aside: Chrome without its hints" "$aside"
	} | panel "$D/out/p7" "7 Events for analysis came in"
	[ "$orders" = "$each" ] || surprise "the tap heard $orders of $each orders"
	[ "$robots" = 54 ] || surprise "$robots of 54 robots' events were refused"
	[ "$aside" = 80 ] || surprise "$aside of 80 headless events were set aside"
	[ "$(refused 'same_id same_content')" = $((VISITORS * 6)) ] || surprise "what was sent twice was not refused twice"

	operate why no_hints --limit 1 --json >"$D/out/why.json"
	event=$(jq -r '.verdicts[0].event' "$D/out/why.json")
	explained() { operate why "$event" | grep -q "set aside by no_hints: a browser of its name sends client hints"; }
	released() { operate release "$event" --because test >/dev/null && operate why "$event" | grep -q "released by user $(id -u) (test)"; }
	withdrawn() {
		[ "$(head -1 "$D/in/willing" | say withdraw)" = 200 ] && after=$(snapshot "$D/out/snapshot2") && [ "$after" = $((people - 1)) ]
	}
	hidden() { ! grep -rqaE "$PLANTED|$(head -1 "$D/in/customers")|v-0-0|kettle-1" "$D/run/viewd" "$D/run/scrimd/spool"; }
	same_again() { [ "$(operate rebuild --json | jq -r .digest)" = "$(jq -r .digest "$D/out/snapshot2")" ]; }
	: >"$D/out/lines"
	analysed() { # TEXT COMMAND...
		local text
		text=$(printf '%-41s ' "$1")
		shift
		check "$text" "$@"
		echo "$CHECKED" >>"$D/out/lines"
	}
	analysed "$people people, all of whom said yes" test "${people:-0}" = "$(wc -l <"$D/in/willing")"
	analysed "event ${event:0:8} set aside: why is told" explained
	analysed "an operator releases it, on record" released
	analysed "one withdraws: $((people - 1)) at the next snapshot" withdrawn
	analysed "names, ids, products in viewd's folder: 0" hidden
	analysed "features made anew are the same bytes" same_again
	panel "$D/out/p8" "8 And this is what analytics has" <"$D/out/lines"
	show_panels "$D/out/p7" "$D/out/p8" | paint
}
