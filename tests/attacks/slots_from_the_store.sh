#!/bin/bash
# keyd is killed when it has answered, and the database of a moment before is put back: it
# gives the same key ids to others, and people's tokens name somebody else's key.
# weakness: slots-from-the-store
. "$(dirname "$0")/../lib/attack.sh"

OUT=$(mktemp)
given_twice() {
	"$TOOLS/keys_proof" slots "${KEYS_ROUNDS:-6}" >"$OUT" 2>/dev/null
	grep -qE ' [1-9][0-9]* given out before' "$OUT"
}
attack "a key id that was given out twice" given_twice
ok "the run came to its end" grep -q '^1\.\.1' "$OUT"
rm -f "$OUT"
tap_done
