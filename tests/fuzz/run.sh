#!/bin/bash
# run.sh - runs every libFuzzer target of a folder for a while, one for each processor at a time.
#
#	tests/fuzz/run.sh build/san-clang/fuzz SECONDS
#
# New inputs go to build/fuzz/new/<name>, what crashes to build/fuzz/found/.
set -u
cd "$(dirname "$0")/../.." || exit 2
passed=0 failed=0
mkdir -p build/fuzz/found

one() { # TARGET SECONDS
	local name=${1##*/fuzz_}
	mkdir -p "build/fuzz/new/$name"
	"$1" -max_total_time="$2" -max_len=65536 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="build/fuzz/found/$name-" "build/fuzz/new/$name" "tests/fuzz/corpus/$name" \
		>"build/fuzz/$name.log" 2>&1
	echo $? >"build/fuzz/$name.rc"
}
export -f one

mapfile -t targets < <(find "$1" -name 'fuzz_*' -type f -perm -u+x | sort)
[ ${#targets[@]} -gt 0 ] || { echo "no fuzz target in $1"; exit 1; }
rm -f build/fuzz/*.rc
printf '%s\0' "${targets[@]}" | xargs -0 -P "$(nproc)" -I{} bash -c 'one "$@"' bash {} "$2"

for t in "${targets[@]}"; do
	name=${t##*/fuzz_}
	log=build/fuzz/$name.log
	if [ "$(cat "build/fuzz/$name.rc" 2>/dev/null)" = 0 ]; then
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
