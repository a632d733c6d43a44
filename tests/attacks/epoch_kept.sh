#!/bin/bash
# Whoever has the root key and all files wants the keys of people who were erased, out of
# copies of their boxes: pages that are free, the journal, what was written over.
# weakness: epoch-kept
. "$(dirname "$0")/../lib/attack.sh"

OUT=$(mktemp)
carved() {
	"$TOOLS/keys_proof" carving "${KEYS_PEOPLE:-150}" >"$OUT" 2>/dev/null
	sed -n 's/^# running: .* living and \([0-9]* of [0-9]*\) erased .*/\1/p' "$OUT" >"$OUT.n"
	read -r got _ all <"$OUT.n"
	[ "${got:-0}" -gt 0 ] && [ "$got" = "$all" ]
}
attack "every erased person's key" carved
ok "keyd ran and was searched" grep -q '^# running: ' "$OUT"
rm -f "$OUT" "$OUT.n"
tap_done
