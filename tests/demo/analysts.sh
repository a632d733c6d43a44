# analysts.sh - the demo's last act: a made-up shop's year becomes releases; analysts ask what
# was released, and marketing gets its page. Neither ever reaches a row of one person.
#
# A demo of a minute has no year: the year is generated, and handed over as a second gateway
# would.

PEOPLE=${PEOPLE:-8000} WEEKS=52

analysts_words() {
	jq -n '{ categories: (["kettles", "cups", "tea", "coffee", "pans", "knives", "towels", "lamps", "rugs", "chairs", "toys", "books",
			"shoes", "coats", "hats", "bags", "soap", "cream", "vitamins", "snacks", "pet food", "plants", "tools", "phones"]),
		channels: ["app", "mini_program", "h5", "pc"], campaigns: ["autumn"], pages: ["home", "product"], queries: ["kettle"],
		purposes: ["analytics", "campaign"],
		traits: [ { name: "age", kind: "birthday", bands: [18, 25, 35, 45, 55] }, { name: "sex", kind: "word", words: ["female", "male"] },
			{ name: "region", kind: "word", words: ["north", "northeast", "east", "south", "southwest", "northwest"] } ],
		price_step: 100, price_bands: [50, 200, 500], text_version: 1 }' >"$D/words.json"
}

# Who hands over the year is no gateway of viewd's user.
peers() { [ -z "$APART" ] && echo '{}' || echo "{ \"peers\": [ { \"uid\": $SCRIMD_USER }, { \"uid\": $(id -u) } ] }"; }

# Beside the configuration: what is released of whom, and who answers from it.
analysts_configure() {
	free_port && QUERY_PORT=$PORT
	analysts_words && cp keys-example/views.json "$D/views.json" &&
		jq -n '{ tenant: "demo", feed: "run/viewd/feed.sock", operator: "run/viewd/operator.sock", data: "run/viewd/data", words: "words.json",
			drafts: "run/drafts", views: "views.json", cube: { dataset: "week" } } + $peers' --argjson peers "$(peers)" >"$D/viewd.json" &&
		jq -n --argjson port "$QUERY_PORT" '{ tenant: "demo", listen: { address: "127.0.0.1:\($port)", tls: { cert: "keys/tls.crt", key: "keys/tls.key" } },
			views: "run/views", log: "run/queryd/log", grants: "grants/grants.json", log_vkey: "run/scrimd/log/vkey" }' >"$D/queryd.json" &&
		jq '.views = { drafts: "run/drafts", published: "run/views" } | .logs = [ { name: "queryd", dir: "run/queryd/log" } ]' "$C" >"$D/in/analysts.json" &&
		mv "$D/in/analysts.json" "$C"
}
query() { # WHO args...
	local who=$1
	shift
	"$BIN/scrim" query --config "$C" --key "$D/keys/$who.key" --ca "$D/keys/tls.crt" "$@" 2>>"$D/out/query.err"
}
grant() { # WHO ROLE PURPOSE
	"$BIN/scrim" views grant "$1" --config "$C" --role "$2" --dataset '*' --purposes "$3" --until "$(date -u -d '+30 days' +%Y-%m-%dT%H:%M:%SZ)" \
		--key-out "$D/keys/$1.key" >/dev/null 2>>"$D/out/grant.err"
}
publish() { "$BIN/scrim" views publish "$1" --config "$C" --key "$D/keys/privacy_officer.key" --purpose audit --reason "the week" --json >"$D/out/published-$1.json" 2>>"$D/out/publish.err"; }

year() { "$TOOLS/gen_year" "$D/in/year" "$D/run/viewd/feed.sock" "$PEOPLE" $WEEKS >"$D/out/year.txt" 2>>"$D/out/year.err"; }
granted() { grant anna analyst analytics && grant mia marketing campaign; }

# All that the story shows, unseen: for whoever stays.
analysts_prepare() {
	QUERY_PORT=$(jq -r '.listen.address | split(":")[1]' "$D/queryd.json")
	[ ! -e "$D/keys/anna.key" ] || return 0
	PEOPLE=3000
	year && snapshot "$D/out/snapshot.json" >/dev/null && publish week && publish rfm && granted || give_up "the made-up year could not be published"
}

analysts_story() {
	local people
	year || surprise "the year was not taken"
	people=$(snapshot "$D/out/snapshot3")
	: >"$D/out/lines"
	drafted() { [ -d "$D/run/drafts/week/1" ] && [ -d "$D/run/drafts/rfm/1" ]; }
	published() { publish week && publish rfm && [ -s "$D/run/views/rfm/1/receipt" ]; }
	checked() { "$BIN/scrim" views check "$D/run/views/rfm/1" >"$D/out/check.txt" 2>&1 && "$BIN/scrim" views check "$D/run/views/week/1" >>"$D/out/check.txt" 2>&1; }
	asked() { # what was published a moment ago is served within another
		await 10 query anna --format csv rfm 'SELECT count(*) FROM rfm' >/dev/null &&
			query anna --format csv rfm 'SELECT min(n) FROM (SELECT count(*) AS n FROM rfm GROUP BY weeks_since_order, orders, spent)' >"$D/out/least.csv" &&
			[ "$(tail -1 "$D/out/least.csv" | tr -d '\r')" -ge 10 ]
	}
	escapes() { ! query anna week "ATTACH '$D/run/scrimd/scrim.db' AS x" && ! query anna week 'SELECT * FROM sqlite_schema'; }
	unknown() { [ "$(ask mia -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -d '{"items":[]}' "$URL/v1/reveal")" = 401 ]; }
	recorded() { "$BIN/scrim" audit show --config "$C" --log "$D/run/queryd/log" --principal anna --json >"$D/out/anna.json" 2>>"$D/out/audit.err" && [ -s "$D/out/anna.json" ] && ! grep -q 'min(n)' "$D/out/anna.json"; }
	paged() {
		"$BIN/scrim-market" report --server "https://127.0.0.1:$QUERY_PORT" --key "$D/keys/mia.key" --ca "$D/keys/tls.crt" --out "$D/report" \
			>"$D/out/report.txt" 2>>"$D/out/market.err" && [ "$(wc -c <"$D/report/report.html")" -le 153600 ]
	}
	analysed "$(thousands "$people") people, a year: releases drafted" drafted
	analysed "checked again, recorded, published" published
	analysed "their rules hold, by the files alone" checked
	analysed "an analyst and marketing get keys" granted
	analysed "she asks; nobody is alone: 10 or more" asked
	analysed "other files, other tables: refused" escapes
	analysed "the gateway does not know these keys" unknown
	analysed "asked is on record, its words are not" recorded
	analysed "marketing's page of the week is made" paged
	panel "$D/out/p9" "9 Analysts and marketing ask afterwards" <"$D/out/lines"
}
