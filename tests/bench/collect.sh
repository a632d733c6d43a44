#!/bin/bash
# collect.sh - what a collected event costs, over TLS, in batches of twenty, with all rules
# on and every batch on disk before it is answered: how many a second, how many
# a second of processor time (which other load on the machine does not change), and
# how long an answer takes when little is to be done.
#
# Prints a table and writes build/bench_collect.json. SECONDS_EACH (8). Exit 1 when an answer was wrong.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/lib/world.sh
. tests/lib/collect.sh

S=${SECONDS_EACH:-8}
[ -z "${SHORT:-}" ] || S=4
die() { echo "bench: $*" >&2; exit 1; }
command -v wrk >/dev/null || die "wrk is missing (make deps-heavy)"

world_new
echo '[]' | world_routes -
COLLECT_MORE='{ "spool_max": "2GiB" }' collect_world
jq '.threads = 1 | .collect.sites[0].per_minute = 100000000' "$W/scrim.json" >"$W/one.json" && mv "$W/one.json" "$W/scrim.json"
viewd_config
start_viewd
world_up

ticks() { awk '{ print $14 + $15 }' "/proc/${PROC_PID[$1]}/stat"; }
# Of scrimd's threads: the busiest alone, which is the worker's.
worker_ticks() { cat /proc/"${PROC_PID[scrimd]}"/task/*/stat | awk '{ t = $14 + $15; if (t > m) m = t } END { print m }'; }
run() { # CONNECTIONS
	local hz all keyd view worker r
	hz=$(getconf CLK_TCK)
	all=$(ticks scrimd) keyd=$(ticks keyd) view=$(ticks viewd) worker=$(worker_ticks)
	r=$(wrk -t 1 -c "$1" -d "${S}s" --latency -s tests/bench/collect.lua "$URL" | sed -n 's/^RESULT //p')
	[ -n "$r" ] || die "wrk did not answer"
	all=$(($(ticks scrimd) - all)) keyd=$(($(ticks keyd) - keyd)) view=$(($(ticks viewd) - view)) worker=$(($(worker_ticks) - worker))
	awk -v hz="$hz" -v all=$all -v keyd=$keyd -v view=$view -v worker=$worker '{
		ev = $1 * 20
		printf("{\"events\":%d,\"per_second\":%d,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"bad\":%d,\"per_worker_second\":%d,\"per_scrimd_second\":%d,\"per_all_second\":%d}\n",
			ev, ev / ($2 / 1e6), $3 / 1000, $4 / 1000, $5, ev * hz / worker, ev * hz / all, ev * hz / (all + keyd + view)) }' <<<"$r"
}
run 4 >/dev/null	# warm
calm=$(run 4) || exit 1
busy=$(run 64) || exit 1
await 60 fed
rss=$(awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/${PROC_PID[scrimd]}/status")
refused=$(world_curl operator "$URL/v1/collect/status" | jq -c '{ in, set_aside, refused, set_aside_by }')
mkdir -p build
jq -n --argjson calm "$calm" --argjson busy "$busy" --argjson rss "$rss" --argjson became "$refused" '$ARGS.named' >build/bench_collect.json
jq -r '"events, 64 connections      \(.busy.per_second)/s   p50 \(.busy.p50_ms) ms, p99 \(.busy.p99_ms) ms",
	"events, 4 connections       \(.calm.per_second)/s   p50 \(.calm.p50_ms) ms, p99 \(.calm.p99_ms) ms",
	"a second of the worker      \(.busy.per_worker_second) events",
	"a second of all of scrimd   \(.busy.per_scrimd_second) events; with keyd and viewd \(.busy.per_all_second)",
	"scrimd in memory            \(.rss) MiB",
	"what became of them         \(.became)"' build/bench_collect.json
[ "$(jq '.calm.bad + .busy.bad' build/bench_collect.json)" = 0 ] || die "some answers were wrong"
