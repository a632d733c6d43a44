#!/bin/bash
# An anonymiser that is wrong: what it makes is held by code that shares nothing with it. Whoever
# takes that away has a release whose classes are smaller than it says.
# weakness: views-unchecked
. "$(dirname "$0")/../lib/attack.sh"
. "$ROOT/tests/lib/patients.sh"

W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-test.XXXXXX") || bail "no temporary folder"
trap 'rm -rf "$W"' EXIT
patients "$W"
# the fault is the same in both builds of the weakened one: only the checker goes
[ "$VARIANT" != weak ] || export SCRIM_WEAK=$WEAKNESS,views-k-less
"$BIN/scrim" views release "$W/patients.csv" --spec "$W/views.json" --out "$W/shelf" >"$W/out" 2>"$W/err"
ok "something was tried" test -s "$W/out" -o -s "$W/err"
smaller() { [ "$(jq .min_people "$W/shelf/patients/1/report.json")" -lt "$(jq .k "$W/shelf/patients/1/report.json")" ]; }
attack "a release has fewer people in a class than it says" smaller
tap_done
