#!/bin/bash
# The power goes after the old epoch's key was destroyed and before the store was under the new
# one: nobody's key can be opened any more.
# weakness: block-before-commit
. "$(dirname "$0")/../lib/attack.sh"

OUT=$(mktemp)
lost_for_good() {
	"$TOOLS/keys_proof" cuts "${KEYS_IMAGES:-150}" >"$OUT" 2>/dev/null
	grep -q 'keyd does not start' "$OUT"
}
attack "a store that opens no more after a power cut" lost_for_good
ok "the run came to its end" grep -q '^1\.\.1' "$OUT"
rm -f "$OUT"
tap_done
