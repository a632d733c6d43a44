#!/bin/bash
# run.sh - runs every libFuzzer target of a folder for a while.
#
#	tests/fuzz/run.sh build/fuzz/fuzz SECONDS
#
# New inputs go to build/fuzz/new/<name>, what crashes to build/fuzz/found/.
set -u
cd "$(dirname "$0")/../.." || exit 2
passed=0 failed=0
mkdir -p build/fuzz/found
for t in "$1"/fuzz_*; do
	case $t in *.d) continue ;; esac
	name=${t##*/fuzz_}
	mkdir -p "build/fuzz/new/$name"
	log=build/fuzz/$name.log
	if "$t" -max_total_time="$2" -max_len=65536 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
	    -artifact_prefix="build/fuzz/found/$name-" "build/fuzz/new/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
		passed=$((passed + 1))
		printf '  ok    %-28s %s runs\n' "$name" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
	else
		failed=$((failed + 1))
		printf '  FAIL  %s\n' "$name"
		tail -40 "$log" | sed 's/^/        /'
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
