#!/bin/bash
# logs.sh - what the logs cost: the bytes that an opening takes in each, of one person and of more, and
# how long a log of so many entries takes to open and to verify.
#
# LOGS_SIZES says how many entries (100,000 and 1,000,000; SHORT=1: the first alone), LOGS_DIR on which
# disk (build/).
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/lib/world.sh
if [ -n "${SHORT:-}" ]; then sizes=${LOGS_SIZES:-100000}; else sizes=${LOGS_SIZES:-100000 1000000}; fi
die() { echo "logs: $*" >&2; exit 1; }

# ---- bytes ---------------------------------------------------------------------------------------
world_new
jq -n '[]' | world_routes -
world_up
for i in $(seq 200); do printf '{"class":"phone","value":"07700 900%03d","subject":"c%d"}\n' $i $i; done | jq -sc '{ items: . }' >"$W/asked"
world_curl shop -o "$W/sealed" --data-binary @"$W/asked" "$URL/v1/seal"
entries() { "$BIN/scrim" audit show --config "$W/scrim.json" "$@" --json 2>/dev/null | sed 's/^{"index":[0-9]*,"entry":\(.*\)}$/\1/'; }
n=0
bytes() { # PEOPLE: of all that an opening of so many puts into keyd's log, and scrimd's
	jq -c --argjson n "$1" '{ items: [ .items[:$n][] | { token } ] }' "$W/sealed" >"$W/asked"
	world_curl order_system -o "$W/shown" -H 'Scrim-Purpose: order_processing' --data-binary @"$W/asked" "$URL/v1/reveal"
	[ "$(jq '[.items[] | select(.status == "ok")] | length' "$W/shown")" = "$1" ] || die "$1 people were not opened"
	n=$((n + 1))
	await 10 eval '[ "$(entries --kind reveal | wc -l)" = $n ]' || die "no record of it"
	echo "$1 $({ entries --keyd --kind reveal | tail -1; entries --keyd --kind people | tail -n "$(entries --keyd --kind reveal | tail -1 | jq '.what.parts // 0')"; } | wc -c) $(entries --kind reveal | tail -1 | wc -c)"
}
for people in 1 2 16 200; do bytes $people; done >"$W/bytes" || exit 1
world_down
echo "people  keyd's log  scrimd's log"
awk '{ printf "%6d  %10d  %12d\n", $1, $2, $3 }
	$1 == 1 { k = $2 } END { printf "a further person: %.1f bytes of keyd'"'"'s log\n", ($2 - k) / ($1 - 1) }' "$W/bytes"

# ---- opening and verifying ---------------------------------------------------------------------------
dir=$(mktemp -d "${LOGS_DIR:-build}/bench-logs.XXXXXX") || exit 1
trap 'rm -rf "$dir"; stop_all; rm -rf "$W"' EXIT
line=$(entries --keyd --kind reveal | head -1)
ms() { # command...: how long it takes
	local began=$EPOCHREALTIME
	"$@" >"$dir/said" 2>&1 || { cat "$dir/said" >&2; return 1; }
	awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.0f", (b - a) * 1000 }'
}
write() { # DIR N: each of its own request
	awk -v n="$2" -v a="${line%%\"req\":\"*}" -v b="${line#*\"req\":\"????????????????}" \
		'BEGIN { for (i = 0; i < n; i++) printf "%s\"req\":\"%016x%s\n", a, i, b }' | "$TOOLS/log_writer" "$1" bench/log 7 all
}
reopen() { "$TOOLS/log_writer" "$1" bench/log 7 </dev/null; }
rc=0
printf '%9s  %10s  %10s  %10s  %s\n' entries 'written ms' 'opened ms' 'verify ms' 'entries/s verified'
for n in $sizes; do
	written=$(ms write "$dir/$n" "$n") && opened=$(ms reopen "$dir/$n") &&
		verified=$(ms "$BIN/scrim" audit verify --log "$dir/$n" --vkey "$dir/$n/vkey") || { rc=1; continue; }
	printf '%9d  %10d  %10d  %10d  %d\n' "$n" "$written" "$opened" "$verified" $((n * 1000 / (verified > 0 ? verified : 1)))
	rm -rf "${dir:?}/$n"
done
exit $rc
