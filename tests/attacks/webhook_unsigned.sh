#!/bin/bash
# A webhook that anybody can send: without the vendor's key nobody is told whom a
# virtual number leads to.
# weakness: webhook-unsigned
. "$(dirname "$0")/../lib/attack.sh"
. "$ROOT/tests/lib/vendor.sh"

BUYER=+447700900739
world_new
vendor_world
echo '[]' | world_routes -
world_up
vendor_bind P-1 $BUYER pairs +447700900740
vendor_call "$(sid 1)" +447700900740 "$X"
asked() { VENDOR_KEY=guessed vendor_send voice "${FIELDS[@]}" >/dev/null; [ "$(vendor_dialled)" = $BUYER ]; }
attack "the number is told to whoever knows the URL" asked
vendor_call "$(sid 2)" +447700900740 "$X"
is "the vendor is answered" "$(vendor_send voice "${FIELDS[@]}") $(vendor_dialled)" "200 $BUYER"
tap_done
