#!/bin/bash
# Somebody who knows a neighbour's age and place reads the neighbour's illness in a release:
# everybody who is alike has the same one. Nobody had to be singled out.
# weakness: views-l-unheard
. "$(dirname "$0")/../lib/attack.sh"
. "$ROOT/tests/lib/patients.sh"

W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-test.XXXXXX") || bail "no temporary folder"
trap 'rm -rf "$W"' EXIT
patients "$W"
release() { "$BIN/scrim" views release "$W/patients.csv" --spec "$W/views.json" --out "$W/shelf" >>"$W/out" 2>>"$W/err"; }
check() { "$BIN/scrim" views check "$W/shelf/patients/1" "$@" >>"$W/out" 2>>"$W/err"; }

if [ "$VARIANT" = weak ]; then
	no "weakened: the checker stops a release that forgot its rules" release
	no "weakened: nothing is on the shelf" test -e "$W/shelf/patients/1"
	export SCRIM_WEAK=$WEAKNESS,views-unchecked
fi
ok "a release is made" release
told() { [ "$(jq '.sensitive[0].homogeneous_rows' "$W/shelf/patients/1/report.json")" -gt 0 ]; }
attack "an illness is read off a class that has no other" told
attack "and whoever holds the release against its manifest is told so" eval '! check'
attack "and who has the table, too" eval '! check --original "$W/patients.csv" --spec "$W/views.json"'
tap_done
