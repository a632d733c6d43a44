#!/bin/bash
# keys.sh - what keeping and forgetting keys costs, at several sizes, and whether erasing
# somebody costs the same in each.
#
# KEYS_SIZES says how many people (10,000 and 1,000,000; SHORT=1: the first alone), KEYS_DIR on
# which disk (build/), PAIRS how often the waits are measured in turns.
set -u
cd "$(dirname "$0")/../.." || exit 2
bench=build/${VARIANT:-release}/bench/bench_keys
if [ -n "${SHORT:-}" ]; then sizes=${KEYS_SIZES:-10000}; else sizes=${KEYS_SIZES:-10000 1000000}; fi

dir=$(mktemp -d "${KEYS_DIR:-build}/bench-keys.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
rc=0
for n in $sizes; do
	mkdir "$dir/$n"
	echo "== $n people"
	"$bench" "$dir/$n" "$n" "${KEYS_SECONDS:-3}" | tee "$dir/$n.out" || rc=1
	[ "${PIPESTATUS[0]}" = 0 ] || rc=1
	rm -rf "${dir:?}/$n"
done
echo "== pages of an erasure, at all sizes"
grep -h '^pages of one erasure' "$dir"/*.out | sed 's/.*together //' | paste -sd' '
exit $rc
