#!/bin/bash
# phone.sh - what virtual numbers cost: bound in batches, routed one by one, each
# with its durable record; and the disk's own flush time in the same run.
#
# Prints a table and writes build/bench_phone.json. N bindings (20000), of which
# CALLS are called once each (20000). Exit 1 when an answer was wrong.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/lib/world.sh

N=${N:-20000}
CALLS=${CALLS:-$N}
[ -z "${SHORT:-}" ] || N=5000 CALLS=5000
LOAD=$BUILD/bench/phone_load
die() { echo "bench: $*" >&2; exit 1; }

world_new
lines=$((N / 5000 + 2))
WORLD_PHONE=$(jq -n --argjson n "$lines" '{ home: "44", pools: [ { name: "labels", mode: "AXE", dial: ["44"], max_parallel: 1000,
	numbers: [ { number: "+441632960000", count: $n } ] } ] }')
PRINCIPALS=$(jq -c '. + [ { name: "pbx", role: "telephony", socket: true } ]' <<<"$PRINCIPALS")
world_routes - <<<'[]'
jq '.listen += [ { address: "unix:run/telephony.sock", principal: "pbx" } ]' "$W/scrim.json" >"$W/one.json" && mv "$W/one.json" "$W/scrim.json"
world_up

# ---- bound ----
seq "$N" | awk '{ printf "{\"pool\":\"labels\",\"order_ref\":\"O-%d\",\"a\":\"+447700%06d\"}\n", $1, 900000 + $1 % 1000 }' |
	jq -c -n '[inputs] | _nwise(50) | { items: . }' >"$W/bind.ndjson"
bound=$("$LOAD" --port "$PLAIN_PORT" --key "$W/keys/order_system.key" --path /v1/bindings --connections 8 \
	--bodies "$W/bind.ndjson" --expect '"bound"') || die "numbers were not bound: $bound"

# ---- routed ----
world_curl order_system "$PLAIN/v1/bindings?order_ref=O-1" >"$W/one.json" || die "nothing is bound"
# a few batches again: the same orders have the same numbers, and say which
while IFS= read -r batch; do
	world_curl order_system -H 'Content-Type: application/json' -d "$batch" "$PLAIN/v1/bindings" | jq -r '.items[] | "\(.x) \(.ext)"'
done <"$W/bind.ndjson" >"$W/slots"
[ "$(wc -l <"$W/slots")" = "$N" ] || die "of $N numbers $(wc -l <"$W/slots") are known again"
head -n "$CALLS" "$W/slots" | awk '{ printf "{\"x\":\"%s\",\"ext\":\"%s\",\"caller\":\"+1202555%04d\",\"kind\":\"INVITE\",\"call\":\"c-%d\"}\n", $1, $2, 100 + NR % 100, NR }' >"$W/route.ndjson"
half=$((CALLS / 4))
head -n $half "$W/route.ndjson" >"$W/route.1"
tail -n +$((half + 1)) "$W/route.ndjson" >"$W/route.2"
route() { "$LOAD" --unix "$W/run/telephony.sock" --path /v1/route --connections "$1" --bodies "$2" --expect '"action":"connect"'; }
# the 99th percentile of 4 KiB and fdatasync, ms, while nothing of ours writes
mkdir "$W/tmp/tlog"
disk() { "$BUILD/bench/bench_tlog" "$W/tmp/tlog" 8 1 2>/dev/null | sed -nE 's/^disk: .* p99 +([0-9.]+) ms.*/\1/p' | tail -n 1; }
before=$(disk)
calm=$(route 4 "$W/route.1") || die "calls were not routed: $calm"
after=$(disk)
busy=$(route 64 "$W/route.2") || die "calls were not routed: $busy"
misses=$(seq 5000 | awk '{ printf "{\"x\":\"+441632960000\",\"caller\":\"+1202555%04d\",\"kind\":\"INVITE\",\"call\":\"m-%d\"}\n", 100 + $1 % 100, $1 }' >"$W/bare"
	"$LOAD" --unix "$W/run/telephony.sock" --path /v1/route --connections 64 --bodies "$W/bare" --expect '"collect"') || die "bare calls: $misses"

# ---- what it says ----
mkdir -p build
jq -n --argjson bound "$bound" --argjson calm "$calm" --argjson busy "$busy" --argjson collect "$misses" --argjson before "$before" --argjson after "$after" \
	'{ bound: ($bound + { bindings_per_second: ($bound.per_second * 50) }), calm: $calm, busy: $busy, collect: $collect, disk_p99_ms: ([$before, $after] | max) } | .bound_ms = 3 * .disk_p99_ms + 2' >build/bench_phone.json
jq -r '"bindings, 50 a batch, durable   \(.bound.bindings_per_second)/s   a batch: p50 \(.bound.p50_ms) ms, p99 \(.bound.p99_ms) ms",
	"routed calls, 4 at a time       \(.calm.per_second)/s   p50 \(.calm.p50_ms) ms, p99 \(.calm.p99_ms) ms",
	"routed calls, 64 at a time      \(.busy.per_second)/s   p50 \(.busy.p50_ms) ms, p99 \(.busy.p99_ms) ms",
	"bare X, 64 at a time            \(.collect.per_second)/s   p50 \(.collect.p50_ms) ms, p99 \(.collect.p99_ms) ms",
	"the disk, 4 KiB and fdatasync    p99 \(.disk_p99_ms) ms: three times that and 2 ms are \(.bound_ms * 100 | round / 100) ms"' build/bench_phone.json
