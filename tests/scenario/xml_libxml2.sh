#!/bin/bash
# XML by the thousand, ordinary and bent: what is accepted is what libxml2 reads in it, and a declared
# name takes what a walk over its tree finds.
. "$(dirname "$0")/../lib/world.sh"

if ! python3 -c 'import ctypes.util, sys; sys.exit(ctypes.util.find_library("xml2") is None)' 2>/dev/null; then
	skip "XML as libxml2 reads it" "python3 or libxml2 is not here: NOTHING was compared"
	tap_done
	exit
fi
world_new
for seed in 1 2 3; do
	python3 "$ROOT/tests/xml/compare.py" "$TOOLS/xml_read" 10000 $seed >"$W/told" 2>&1 || tail -2 "$W/told" | sed 's/^/# /'
	is "both read the same, seed $seed" "$(cut -d' ' -f1,2 "$W/told" | tail -1)" "agreed 10000"
done
tap_done
