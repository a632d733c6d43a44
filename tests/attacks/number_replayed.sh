#!/bin/bash
# weakness: number-replayed
# Whoever once saw a question to /v1/route (a log of the switch, a trace) puts it again,
# late or often, to be told the number that it was answered with.
. "$(dirname "$0")/../lib/attack.sh"
. "$ROOT/tests/lib/phone.sh"

phone_world
world_up
await 10 test -S "$W/run/telephony.sock"
bind label SO-1 "$BUYER" || bail "no binding"
E=$(bound_ext)
is "a call is connected" "$(answer "$X*$E" $COURIER c1)" "200 connect $BUYER"
is "a lost answer is given again, twice" "$(answer "$X*$E" $COURIER c1) $(answer "$X*$E" $COURIER c1)" \
	"200 connect $BUYER 200 connect $BUYER"

put_again() { answer "$X*$E" $COURIER "$1" >"$W/tmp/answer"; grep -q "$BUYER" "$W/answer"; }
attack "a question put once more tells the number" put_again c1
event end c1 >/dev/null
is "another call is connected" "$(answer "$X*$E" $COURIER c2)" "200 connect $BUYER"
event answer c2 >/dev/null
attack "one whose call was answered long ago tells it" put_again c2
event end c2 >/dev/null
attack "one whose call is over tells it" put_again c2
[ "${VARIANT:-release}" = weak ] || {
	is "it is refused as what it is" "$(answer "$X*$E" $COURIER c2)" "482 replayed"
	sleep 1.2
	ok "and stands in the log so" grep -raq '"act":"phone.replayed"' "$W/run/log"
}
tap_done
