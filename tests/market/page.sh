#!/bin/bash
# The marketing page of 50,000 customers (../shared, or else a made-up shop): in a browser; segments
# on the released view against the exact grid; trends week by week, planted and not.
# timeout: 400
. "$(dirname "$0")/../lib/world.sh"
. "$ROOT/tests/lib/market.sh"

SHARED=${SHARED_DATA:-$ROOT/../shared/data}/analytics
market_have || { skip "the page" "no python3 with sqlite3"; tap_done; exit; }
if [ -e "$SHARED/events.csv.gz" ]; then
	# half as many visitors again and more, of a category that 600 a week look at
	market_shop "$SHARED" --rise 9:39:1.7
else
	echo "# SKIPPED: the page of 50,000 customers: $SHARED is not there; a made-up shop instead"
	market_shop small --people 6000 --weeks 52 --rise 9:39:2.5
fi
market_release
read -r _ _ _ suppressed _ _ _ ari <"$W/tmp/released"
echo "# segments on the released view (k 10) against the exact grid: ARI $ari; $suppressed rows suppressed"
ok "segments agree with the exact grid by .85" awk -v a="$ari" 'BEGIN { exit !(a >= .85) }'
market_serve
ok "the page is written" market_report "$W/out"
ok "portraits are offered, or it is said why not" grep -qE 'other samples' "$W/out/report.html"
ok "it is at most 150 KB" [ "$(stat -c %s "$W/out/report.html")" -le 153600 ]

# ---- trends: 44 weeks, each as if it were the last ----
first=$(jq -r .week "$W/out/report.json")
false_finds=0 tested=0 found_at=
for back in $(seq 43 -1 0); do
	week=$(python3 - "$first" "$back" <<-'END'
	import datetime, sys
	d = datetime.datetime.strptime(sys.argv[1] + "-1", "%G-W%V-%u") - datetime.timedelta(7 * int(sys.argv[2]))
	print(d.strftime("%G-W%V"))
	END
	)
	market_report "$W/week" --week "$week" || continue
	read -r t f p < <(jq -r '[.numbers[] | select(.id | endswith(".change_of_share"))] | [(map(select(.value)) | length),
		(map(select(.verdict == "sure" and .id != "category.Category 9.change_of_share")) | length),
		(map(select(.verdict == "sure" and .id == "category.Category 9.change_of_share")) | length)] | join(" ")' "$W/week/report.json")
	tested=$((tested + t)) false_finds=$((false_finds + f))
	[ "$p" = 0 ] || found_at="$found_at $((52 - back - 39))"
done
echo "# $false_finds false finds in $tested tests; the planted trend was found in its weeks:$found_at"
ok "the planted trend is found a week after it starts" [ "$(echo "$found_at" | awk '{ print $1 }')" -le 2 ]
ok "and gone when it is five weeks old and more" [ "$(echo "$found_at" | awk '{ print $NF }')" -le 8 ]
ok "at most one other is found" [ "$false_finds" -le 1 ]

BROWSER=$(command -v chromium || command -v chromium-browser)
if [ -n "$BROWSER" ] && [ -n "${NODE_PATH:-}" ] && node -e "require('playwright-core'); require('axe-core')" 2>/dev/null; then
	tap_of "in a browser" node "$ROOT/tests/market/page.js" "$W/out/report.html" "$BROWSER" ${PICTURE:+"$PICTURE"}
else
	skip "in a browser" "no Chromium, or no playwright-core and axe-core: make test-pages brings them"
fi
tap_done
