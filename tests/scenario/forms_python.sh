#!/bin/bash
# Forms by the thousand, ordinary and bent: what is accepted is what Python's urllib.parse reads
# in them, and a declared name is found wherever Python, PHP or qs would find it.
. "$(dirname "$0")/../lib/world.sh"

if ! python3 -c 'import urllib.parse' 2>/dev/null; then
	skip "forms as Python reads them" "python3 with urllib is not here: NOTHING was compared"
	tap_done
	exit
fi
world_new
for seed in 1 2 3; do
	python3 "$ROOT/tests/forms/compare.py" "$TOOLS/form_read" 20000 $seed >"$W/told" 2>&1 || tail -2 "$W/told" | sed 's/^/# /'
	is "both read the same, seed $seed" "$(cut -d' ' -f1,2 "$W/told" | tail -1)" "agreed 20000"
done
tap_done
