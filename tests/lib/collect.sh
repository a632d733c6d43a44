# collect.sh - a world that collects: a site for pages, one for an app, one for a back end, and
# orders by the tap. Source it behind world.sh.
#
#	collect_world		the configuration, before world_up
#	page_post PATH BODY args...	as a page of the shop's; the status (FROM: another origin; empty: none)
#	erp_post BODY args...	as its back end; the answer

ORIGIN=https://shop.example
WEB_KEY=wk_web_0001
APP_KEY=wk_app_0001

collect_world() {
	cp "$ROOT/tests/data/words.json" "$W/words.json"
	jq --arg origin "$ORIGIN" --arg web "$WEB_KEY" --arg app "$APP_KEY" --argjson more "${COLLECT_MORE:-{\}}" '.collect = ({
		feed: "unix:run/feed.sock", store: "sqlite:run/collect.db", spool: "run/spool", spool_max: "64MiB",
		words: "words.json", purpose: "analytics", role: "collector", operators: ["operator-1"],
		sites: [
			{ name: "web", write_key: $web, origins: [$origin], events: "*", per_minute: 1000000, zone: "Asia/Shanghai" },
			{ name: "app", write_key: $app, events: "*", per_minute: 1000000, zone: "UTC", app: true },
			{ name: "erp", principal: "shop-1", events: "*", per_minute: 1000000, zone: "Asia/Shanghai" } ],
		pages: { "/": "home", "/p/": "product" }, referrers: { "google.": "search" }, queries: { "tea": "tea" },
		traits: { "birthday": "age" } } + $more)' "$W/scrim.json" >"$W/one.json" && mv "$W/one.json" "$W/scrim.json"
}

AGENT='Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
page_post() { # PATH BODY args...
	local path=$1 body=$2
	shift 2
	curl -s --max-time 20 --cacert "$W/keys/tls.crt" -o "$W/tmp/answer" -w '%{http_code}' -A "$AGENT" -H "Origin:${FROM-$ORIGIN}" \
		-H 'Content-Type: text/plain' --data-binary "$body" "$@" "$URL$path"
}

erp_post() { # BODY args...
	local body=$1
	shift
	world_curl shop -H 'Content-Type: application/json' --data-binary "$body" "$@" "$URL/v1/batch"
}

# What of the spool's frames: type by type, how many. Frames of 64 bytes, the first byte says what.
spooled() { # TYPE: 1 event, 2 consent, 3 link, 4 attribute, 5 verdict, 6 erase, 7 count, 8 snapshot
	cat "$W"/run/spool/feed/*.spool 2>/dev/null | od -An -v -t u1 -w64 | awk -v t="$1" '$1 == t && $2 == 1' | wc -l
}

# Events that went on, each once: what comes again is put again, and is analytics' to know.
events() { cat "$W"/run/spool/feed/*.spool 2>/dev/null | od -An -v -t x1 -w64 | tr -d ' ' | grep '^0101' | cut -c5-20 | sort -u | wc -l; }

now_iso() { date -u +%Y-%m-%dT%H:%M:%S.000Z; }

metric() { curl -s "$PLAIN/metrics" | awk -v n="$1" '$1 == n { print $2 }'; }

# viewd behind it, with a folder of its own.
viewd_config() {
	jq -n '{ tenant: "demo", feed: "run/feed.sock", operator: "run/operator.sock", data: "run/view", words: "words.json" }' >"$W/viewd.json"
}
start_viewd() {
	TMPDIR=$W/tmp start viewd "$W/log/viewd.err" "$BIN/scrim-viewd" --config "$W/viewd.json"
}
fed() { # all that was put is with viewd
	[ "$(metric 'scrim_collect_spool_frames{state="put"}')" = "$(metric 'scrim_collect_spool_frames{state="fed"}')" ] && [ "$(metric scrim_collect_spool_connected)" = 1 ]
}
# Ids of the events in viewd's log, a line each.
viewed() { cat "$W"/run/view/*.seg | od -An -v -t x1 -w64 | tr -d ' ' | grep '^0101' | cut -c5-20; }

# All that a process has in memory that it may have written to.
memory_of() { # NAME
	python3 - "${PROC_PID[$1]}" <<-'END'
	import sys
	pid = sys.argv[1]
	with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
	    for line in maps:
	        span, rights = line.split()[:2]
	        if not rights.startswith("rw"):
	            continue
	        start, end = (int(x, 16) for x in span.split("-"))
	        try:
	            memory.seek(start)
	            sys.stdout.buffer.write(memory.read(end - start))
	        except (OSError, ValueError):
	            pass  # a guard page
	END
}
