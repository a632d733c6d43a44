#!/bin/bash
# Code of the attacker's own in keyd's memory.
# weakness: memory-executable
. "$(dirname "$0")/../lib/attack.sh"

if [ "$(uname -m)" != x86_64 ]; then
	skip "own code under keyd's filter" "the code is x86-64's"
	tap_done
	exit
fi
runs() { "$TOOLS/run_code" 2>/dev/null; [ $? = 42 ]; }
attack "own code, mapped and run under keyd's filter" runs
tap_done
