#!/bin/bash
# The demo runs, checks itself, and finds no surprise.
# timeout: 300
. "$(dirname "$0")/../lib/tap.sh"
cd "$(dirname "$0")/../.." || exit 2
ok "make demo ends well and prints no colour into a pipe" \
	bash -o pipefail -c 'bash tests/demo/demo.sh | tee /dev/stderr | { ! grep -q "$(printf "\033")"; }'
tap_done
