#!/bin/bash
# The power goes while people are erased: somebody's key is gone, and no log tells who wanted it.
# weakness: commit-before-intent
. "$(dirname "$0")/../lib/attack.sh"

OUT=$(mktemp)
unrecorded() {
	KEYS_SLOW_LOG=10 "$TOOLS/keys_proof" cuts "${KEYS_IMAGES:-150}" >"$OUT" 2>/dev/null
	grep -qE '[1-9][0-9]* erasures without a record' "$OUT"
}
attack "erasures without a record after a power cut" unrecorded
ok "the run came to its end" grep -q '^1\.\.1' "$OUT"
rm -f "$OUT"
tap_done
