#!/bin/bash
# deep.sh - the suites that take too long for every change, and their last results.
#
#	tests/lib/deep.sh [step...]		all steps when none is named
#
# Each step's result and date become its row in docs/DEEP.md, so that the page
# says what was last run, when, on which commit, and what came of it. A step's
# output goes to build/deep/STEP.log.
set -u
cd "$(dirname "$0")/../.." || exit 2
export LC_ALL=C.UTF-8
page=docs/DEEP.md
mkdir -p build/deep
rc=0

# ---- the steps: each prints a last line that says what came of it --------------

twenty() { # nothing may be green by luck
	local i green=0 jobs
	jobs=-j$(nproc)
	make -s "$jobs" all unit replay tools || return 1
	for i in $(seq 20); do
		if make -s test >build/deep/twenty.one 2>&1; then
			green=$((green + 1))
		else
			cp build/deep/twenty.one "build/deep/twenty.red.$i"
			grep -a -A12 '^  FAIL' build/deep/twenty.one
		fi
	done
	echo "$green of 20 runs green"
	[ "$green" = 20 ]
}

mutants() { make -s mutants; }

disk() { # every cut of a longer run
	make -s -j"$(nproc)" all unit tools && DEEP=1 NO_SCENARIOS=1 FILE_TIMEOUT=1800 tests/run \
		build/release/unit/*/test_disk_*[a-z] tests/scenario/disk_intents.sh
}

lint() { make -s -j"$(nproc)" DEEP=1 lint; }

fuzz() { make -s FUZZ_SECONDS="${FUZZ_SECONDS:-120}" fuzz; }

races() { # every unit test, and the scenarios, with the thread sanitiser
	make -s -j"$(nproc)" SAN=thread all unit replay tools &&
		FILE_TIMEOUT=900 make -s SAN=thread test
}

memory() { # the same with the address sanitiser
	make -s -j"$(nproc)" SAN=address,undefined all unit replay tools &&
		FILE_TIMEOUT=900 make -s SAN=address,undefined test
}

traffic() { # labelled traffic of two shops, whole, three seeds each
	make -s -j"$(nproc)" build/release/unit/gateway/test_traffic_score &&
		DEEP=1 build/release/unit/gateway/test_traffic_score && echo "3 of 3 worlds hold"
}

query() { # a million statements by lot, with the address sanitiser
	make -s -j"$(nproc)" SAN=address,undefined build/san-address-undefined/unit/query/test_query_fuzz &&
		QUERY_FUZZ=1000000 build/san-address-undefined/unit/query/test_query_fuzz && echo "1 of 1 million reads nothing"
}

keys() { # power cuts, kills and mixes by the thousand, carving, and ten million people
	make -s -j"$(nproc)" all tools build/release/unit/crypto/test_tree_model &&
		TREE_STEPS=2000000 build/release/unit/crypto/test_tree_model &&
		KEYS_IMAGES=2000 KEYS_KILLS=500 KEYS_MIXES=657 KEYS_POINTS=1 KEYS_ODD=1 KEYS_PEOPLE=1500 KEYS_ROUNDS=200 FILE_TIMEOUT=5400 \
			NO_SCENARIOS=1 tests/run tests/scenario/keys_proof.sh &&
		PAIRS=3 KEYS_SIZES="10000 1000000 10000000" bash tests/bench/keys.sh >build/deep/keys.bench
}

logs() { # two logs edited by lot, and the word of two verifiers
	make -s -j"$(nproc)" all tools && EDITS=1000 NO_SCENARIOS=1 FILE_TIMEOUT=1800 tests/run tests/scenario/audit_edits.sh
}

bench() { make -s bench; }

steps=(twenty mutants disk lint fuzz races memory traffic query keys logs bench)
declare -A what=(
	[twenty]="make test, twenty times in a row"
	[mutants]="every planted bug of this commit"
	[disk]="a disk that loses every write once"
	[lint]="clang-tidy along every path"
	[fuzz]="libFuzzer, two minutes a parser"
	[races]="make test under the thread sanitiser"
	[memory]="make test under the address and undefined behaviour sanitisers"
	[traffic]="labelled traffic: robots found, people lost, figures"
	[query]="a million statements by lot against a release with a canary beside it"
	[keys]="keys: 2,000 power cuts, 500 kills, 657 mixes, 1,500 people carved, 2,000,000 steps beside a map, 10^7 people measured"
	[logs]="1,000 edits of two logs, judged by two verifiers and by bytes"
	[bench]="held against nginx, whole"
)

# ---- the page ------------------------------------------------------------------

write_page() { # STEP RESULT SECONDS
	local s
	[ -e "$page" ] || printf '# Deep runs\n\nSuites too long for every change: `make deep`, or `make deep STEPS="disk fuzz"`. Each row is its last run.\n\n| step | what | result | took | date | commit |\n|---|---|---|---|---|---|\n' >"$page"
	{
		sed '/^| [a-z]* | /{/^| step /!d}' "$page"
		for s in "${steps[@]}"; do
			if [ "$s" = "$1" ]; then
				printf '| %s | %s | %s | %d s | %s | %s |\n' "$s" "${what[$s]}" "$2" "$3" \
					"$(date -u +%F)" "$(git rev-parse --short HEAD)"
			else
				grep "^| $s | " "$page" || true
			fi
		done
	} >build/deep/page && cp build/deep/page "$page"
}

[ $# -gt 0 ] || set -- "${steps[@]}"
for s in "$@"; do
	case " ${steps[*]} " in *" $s "*) ;; *) echo "deep: no step '$s'; there are: ${steps[*]}" >&2; exit 2 ;; esac
	echo "== $s: ${what[$s]}"
	began=$SECONDS
	if "$s" >"build/deep/$s.log" 2>&1; then verdict=; else verdict="FAILED: " rc=1; fi
	last=$(grep -aE '^[0-9]+ (passed|of)|^score' "build/deep/$s.log" | tail -1)
	write_page "$s" "$verdict${last:-done}" $((SECONDS - began))
	echo "== $s: $verdict${last:-done}, $((SECONDS - began)) s"
done
exit $rc
