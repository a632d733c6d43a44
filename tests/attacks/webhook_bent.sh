#!/bin/bash
# The signed text has no separators. Who has a signed text message in his hands,
# and wrote it, can cut it otherwise: other fields, a fresh id, another sender, the
# signature still right. It is good for the parse that it came with, and for no
# text in which a second id stands.
# weakness: parse-unremembered
. "$(dirname "$0")/../lib/attack.sh"
. "$ROOT/tests/lib/vendor.sh"

BUYER=+447700900739 COURIER=+447700900740 MALLORY=+447700900741
world_new
vendor_world
echo '[]' | world_routes -
world_up
vendor_bind P-1 $BUYER pairs $COURIER

# What Mallory writes, to an X that leads him nowhere, has another message in it, from
# the courier. Cut that way, all that Mallory did not write goes into a field that nobody reads.
write() { # N
	local rest=("From=$MALLORY" "MessageSid=SM$(printf %032x "$1")" NumMedia=0 "To=$X")
	local inner=SM$(printf %032x $(($1 + 100)))
	fields=("AccountSid=$ACCOUNT" "Body=hiFrom${COURIER}MessageSid${inner}To${X}Zz" "${rest[@]}")
	bent=("AccountSid=$ACCOUNT" Body=hi "From=$COURIER" "MessageSid=$inner" "To=$X" "Zz=$(printf %s "${rest[@]/=/}")")
	sig=$(vendor_sign "$(cat "$W/keys/acme.token")" "$PLAIN$TWIML/acme/message" "${fields[@]}")
	vendor_send message "${fields[@]}" >/dev/null
}
sent() { VENDOR_SIGNATURE=$sig vendor_send message "${bent[@]}" >/dev/null; grep -q "<Message to=\"$BUYER\"" "$W/twiml"; }

write 1
is "the vendor delivers it, and it reaches nobody" "$(grep -c '<Message' "$W/twiml")" 0
is "both ways, the same text is signed" "$(vendor_sign k u "${bent[@]}")" "$(vendor_sign k u "${fields[@]}")"
attack "Mallory's text reaches the buyer as the courier's" sent
write 2
stop scrimd
start_scrimd
await 20 ready
attack "or after a restart" sent
is "the courier's own does" "$(vendor_send message "AccountSid=$ACCOUNT" Body=hello "From=$COURIER" "MessageSid=SM$(printf %032x 3)" NumMedia=0 "To=$X") $(grep -c '<Message' "$W/twiml")" "200 1"
tap_done
