#!/bin/bash
# Somebody who knows all that others may know of a person finds them among fewer than k.
# weakness: views-k-less
. "$(dirname "$0")/../lib/attack.sh"
. "$ROOT/tests/lib/patients.sh"

W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-test.XXXXXX") || bail "no temporary folder"
trap 'rm -rf "$W"' EXIT
patients "$W"
release() { "$BIN/scrim" views release "$W/patients.csv" --spec "$W/views.json" --out "$W/shelf" >>"$W/out" 2>>"$W/err"; }
check() { "$BIN/scrim" views check "$W/shelf/patients/1" "$@" >>"$W/out" 2>>"$W/err"; }

if [ "$VARIANT" = weak ]; then
	no "weakened: the checker stops a release that forgot its k" release
	export SCRIM_WEAK=$WEAKNESS,views-unchecked
fi
ok "a release is made" release
told() { [ "$(jq .min_people "$W/shelf/patients/1/report.json")" -lt 5 ]; }
attack "a person is found among fewer than k" told
attack "and whoever holds the release against its manifest is told so" eval '! check'
tap_done
