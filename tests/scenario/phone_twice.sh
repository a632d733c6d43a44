#!/bin/bash
# A question that is put twice has the answer that it had, whatever that came to in the
# end: one that was refused in its last step is not let through by asking again, and
# what is no call under way gives nobody's place back.
. "$(dirname "$0")/../lib/phone.sh"

phone_world
world_up
await 10 test -S "$W/run/telephony.sock"

# ---- who wants no texts, and is known by a token alone ----
token=$(world_curl order_system -d "$(jq -n --arg v $BUYER2 '{items:[{class:"phone",value:$v,subject:"c2"}]}')" \
	"$URL/v1/seal" | jq -r '.items[0].token')
bind label SO-1 "$token" || bail "no binding"
E=$(bound_ext)
is "the buyer wants no texts" "$(texted "$X" $BUYER2 s1 STOP)" opted_out
is "a text does not reach him" "$(texted "$X*$E" $COURIER s2 hello)" discard
is "nor when it is delivered again" "$(texted "$X*$E" $COURIER s2 hello)" discard
is "nor as a message" "$(answer "$X*$E" $COURIER s3 '{"kind":"MESSAGE"}') $(answer "$X*$E" $COURIER s3 '{"kind":"MESSAGE"}')" \
	"404 nobody 404 nobody"

# ---- as many calls at once as may be, all asked at once ----
bind label SO-2 $BUYER || bail "no binding"
E=$(bound_ext)
at_once() { # WHAT: eight calls with their own ids; how many are connected
	local i pids=()
	for i in 1 2 3 4 5 6 7 8; do
		route_body "$X*$E" $COURIER "p$i" | curl -s --max-time 20 --unix-socket "$W/run/telephony.sock" -o "$W/tmp/p$1-$i" \
			-H "$JSON" --data-binary @- http://pbx/v1/route &
		pids+=($!)
	done
	wait "${pids[@]}"
	cat "$W"/tmp/p"$1"-* | grep -o '"action":"connect"' | wc -l
}
is "two of eight are connected" "$(at_once 1)" 2
is "the same two, when all are asked once more" "$(at_once 2)" 2
is "and those" "$(cd "$W/tmp" && for i in 1 2 3 4 5 6 7 8; do cmp -s "p1-$i" "p2-$i" || echo "p$i"; done)" ""
for i in 1 2 3 4 5 6 7 8; do grep -q '"connect"' "$W/tmp/p1-$i" || event end "p$i" >/dev/null; done
is "the end of one that was not connected frees no place" "$(answer "$X*$E" $COURIER q1)" "486 busy"
for i in 1 2 3 4 5 6 7 8; do event end "p$i" >/dev/null; done

# ---- a text is over at once ----
is "a message is delivered" "$(answer "$X*$E" $COURIER t1 '{"kind":"MESSAGE"}')" "200 connect $BUYER"
is "and two calls are under way" "$(answer "$X*$E" $COURIER t2) $(answer "$X*$E" $COURIER t3)" "200 connect $BUYER 200 connect $BUYER"
event end t1 >/dev/null
is "its end frees no place of theirs" "$(answer "$X*$E" $COURIER t4)" "486 busy"
event end t2 >/dev/null
event end t3 >/dev/null
is "its second delivery is answered as the first" "$(answer "$X*$E" $COURIER t5 '{"kind":"MESSAGE"}') $(answer "$X*$E" $COURIER t5 '{"kind":"MESSAGE"}')" \
	"200 connect $BUYER 200 connect $BUYER"
tap_done
