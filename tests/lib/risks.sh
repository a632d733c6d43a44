# risks.sh - releases of made-up people, and attacks that are counted rather than won or lost.
#
# Sourced after attack.sh, or world.sh. FULL=1: more guesses, and Adult too where ../shared is there.

RISKS=$ROOT/tests/lib/risks.py
W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-test.XXXXXX") || bail "no temporary folder"
trap 'rm -rf "$W"' EXIT

# released DATA: DATA's people (W/DATA) are released, with a seed that stays the same.
released() {
	local at=$W/$1
	[ -e "$W/seed" ] || printf 'the same 32 bytes for every test' >"$W/seed"
	chmod 600 "$W/seed"
	ok "$1: a release is made" "$BIN/scrim" views release "$at/people.csv" --spec "$at/views.json" \
		--out "$at" --number 1 --seed "$W/seed"
}

# worlds [N]: what there is to attack: "people", N of them (4,000); with FULL=1 "adult", too.
worlds() {
	mkdir "$W/people" && python3 "$RISKS" make "$W/people" "${1:-4000}" || bail "no people"
	DATA=people
	[ -n "${FULL:-}" ] || return 0
	if [ -d "$ROOT/../shared/data/anon/adult_arx" ]; then
		mkdir "$W/adult" && python3 "$RISKS" adult "$W/adult" "$ROOT/../shared/data/anon/adult_arx" || bail "no Adult"
		DATA="people adult"
	else
		skip "the same of Adult" "../shared/data/anon/adult_arx is not there"
	fi
}

# counted WHAT DATA ATTACK [GUESSES]: an attack that breaks off is none that failed.
counted() {
	python3 "$RISKS" "$3" "$W/$2" "$W/$2/people/1/release.db" ${4:-}
	local rc=$?
	ok "$2: all guesses were made ($3)" test $rc = 0 -o $rc = 10
	attack "$2: $1" test $rc = 0
}
