#!/bin/bash
# Forms of parts by the thousand, ordinary and bent: what is accepted is what Python's email package
# reads in them, and no part is divided otherwise.
. "$(dirname "$0")/../lib/world.sh"

if ! python3 -c 'import email' 2>/dev/null; then
	skip "forms of parts as Python reads them" "python3 with email is not here: NOTHING was compared"
	tap_done
	exit
fi
world_new
for seed in 1 2 3; do
	python3 "$ROOT/tests/forms/compare_parts.py" "$TOOLS/form_read" 10000 $seed >"$W/told" 2>&1 || tail -2 "$W/told" | sed 's/^/# /'
	is "both read the same, seed $seed" "$(cut -d' ' -f1,2 "$W/told" | tail -1)" "agreed 10000"
done
tap_done
