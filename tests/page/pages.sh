#!/bin/bash
# Pages in a browser: nothing is asked for, the switch works without a script, axe-core finds
# nothing, a phone needs no sideways scrolling, and paper has as many sheets as it should.
# timeout: 300
BIN=$(cd "$(dirname "$0")/../.." && pwd)/build/${VARIANT:-release}
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
. "$ROOT/tests/lib/tap.sh"

W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-page.XXXXXX") || bail "no temporary folder"
trap 'rm -rf "$W"' EXIT

ok "the samples are made" "$BIN/tools/page_samples" "$W"
for f in "$W"/*.html; do
	ok "${f##*/} is no more than 150 KB" [ "$(stat -c %s "$f")" -le 153600 ]
done
mkdir "$W/again"
"$BIN/tools/page_samples" "$W/again"
for f in "$W"/*.html; do ok "${f##*/} is the same bytes again" cmp -s "$f" "$W/again/${f##*/}"; done
if command -v xmllint >/dev/null; then
	for f in "$W"/*.html; do ok "${f##*/} is well-formed, says xmllint" xmllint --noout "$f"; done
else
	skip "well-formed" "no xmllint"
fi

BROWSER=$(command -v chromium || command -v chromium-browser)
has() { [ -n "${NODE_PATH:-}" ] && node -e "require('$1')" 2>/dev/null; }
if [ -n "$BROWSER" ] && has playwright-core && has axe-core; then
	tap_of "browser" node "$ROOT/tests/page/pages.js" "$BROWSER" "$W" ${SHOTS:+"$SHOTS"}
else
	skip "browser" "no Chromium, no playwright-core, or no axe-core: the registry could not be reached"
fi
tap_done
