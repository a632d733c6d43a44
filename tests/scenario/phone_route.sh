#!/bin/bash
# What becomes of calls and texts to virtual numbers, as a telephony server is told:
# the cases of the answer table, by its own socket and by client certificate; guesses,
# replays, events in any order; keyd away; and no number anywhere it must not be.
. "$(dirname "$0")/../lib/phone.sh"

phone_world
world_up
await 10 test -S "$W/run/telephony.sock"
is "its socket is for its group" "$(stat -c %a "$W/run/telephony.sock")" 660

# ---- a label's number: X and an extension ----
bind label SO-1 "$BUYER" || bail "no binding"
E=$(bound_ext) ID=$(bound_id)
is "a courier who dials X and the extension is connected" "$(answer "$X*$E" $COURIER c1)" "200 connect $BUYER"
ok "with what a switch must know" jq -e --arg x "$X" '.call == "c1" and .action == "connect" and .display == $x and
	.max_secs == 1800 and .record == false and .notice == false and (.binding | test("^[0-9a-f]{32}$"))' "$W/answer"
is "the extension may stand by itself" "$(answer "$X" $COURIER c2 "{\"ext\":\"$E\"}")" "200 connect $BUYER"
is "X is understood as people write it" "$(answer "01632 960001" $COURIER c3 "{\"ext\":\"$E\"}")" "486 busy"
event end c1 >/dev/null; event end c2 >/dev/null
is "a bare X is asked for its extension" "$(answer "$X" $COURIER c4)" "484 collect"
ok "and nothing is told" jq -e '.action == "collect" and .to == null and .binding == null' "$W/answer"
is "a call that was asked goes on with what was typed" "$(answer "$X*$E" $COURIER c4)" "200 connect $BUYER"
event end c4 >/dev/null
wrong=$(printf '%04d' $(((10#$E + 1) % 10000)))
is "a wrong extension reaches nobody" "$(answer "$X*$wrong" $COURIER2 c5)" "404 nobody"
is "nor does the right one with a zero in front" "$(answer "$X*0$E" $COURIER2 c6)" "404 nobody"
is "nor a number of nobody's" "$(answer "+441632960999*$E" $COURIER c7)" "404 nobody"
is "the buyer who calls X back reaches the last caller" "$(answer "$X" $BUYER c8)" "200 connect $COURIER"
event end c8 >/dev/null
is "a caller without a number is turned away" "$(answer "$X*$E" anonymous c9)" "433 withheld"
for n in "" restricted "$X" $XN +266696687 +7378742833 +2562533 +8656696 +86282452253 sip:x@y; do
	is "so is '$n'" "$(answer "$X*$E" "$n" "w$n")" "433 withheld"
done

# ---- after the parcel ----
is "the binding is ended" "$(end_binding "$ID")" 200
is "who was connected before is told that it is over" "$(answer "$X*$E" $COURIER d1)" "403 late"
is "a stranger learns nothing" "$(answer "$X*$E" $STRANGER d2)" "404 nobody"
cp "$W/answer" "$W/cooling"
sed 's/"d2"/"d3"/' "$W/cooling" >"$W/want"
never=$(printf '%04d' $(((10#$E + 5000) % 10000)))
answer "$X*$never" $STRANGER d3 >/dev/null
ok "not even from the bytes" cmp -s "$W/answer" "$W/want"
is "the buyer is not called back any more" "$(answer "$X" $BUYER d4)" "484 collect"
bind label SO-2 $BUYER2 '{"ttl":"2s"}' || bail "no binding"
E2=$(bound_ext)
is "a short one connects" "$(answer "$X*$E2" $COURIER2 d5)" "200 connect $BUYER2"
sleep 2.2
is "and is over by the clock alone" "$(answer "$X*$E2" $COURIER2 d6)" "403 late"
is "for strangers it never was" "$(answer "$X*$E2" +447700900120 d7)" "404 nobody"

# ---- a person who was erased, and whom the binding does not name ----
token=$(world_curl order_system -d "$(jq -n --arg v $BUYER2 '{items:[{class:"phone",value:$v,subject:"erased"}]}')" \
	"$URL/v1/seal" | jq -r '.items[0].token')
bind label SO-E "$token" || bail "no binding"
EE=$(bound_ext)
is "a call reaches the person" "$(answer "$X*$EE" $COURIER2 y1)" "200 connect $BUYER2"
event end y1 >/dev/null
is "who is erased" "$(world_curl privacy_officer -H "$JSON" -H 'Scrim-Purpose: audit' -d '{"subject":"erased"}' \
	"$URL/v1/subjects/erase" | jq -r .status)" erased
is "from now on nobody is reached" "$(answer "$X*$EE" $COURIER2 y2)" "404 nobody"
answer "$X*$EE" +447700900122 y3 >/dev/null && sed 's/"y3"/"d3"/' "$W/answer" >"$W/gone"
ok "which is no other nobody than where there never was one" cmp -s "$W/gone" "$W/want"
is "and is a guess like any other" "$(for i in 4 5 6; do answer "$X*$EE" +447700900122 "y$i"; done | tr '\n' ' ')" \
	"404 nobody 404 nobody 603 blocked "

ok "late calls are counted" grep -qE '^scrim_calls_total\{answer="late"\} 2$' <(curl -s "$PLAIN/metrics")

# ---- two who are joined, and one whom all reach ----
bind pair SO-3 $BUYER "{\"b\":\"$COURIER\",\"x\":\"$XB\"}" || bail "no pair"
is "a pair: the courier reaches the buyer" "$(answer "$XB" $COURIER e1)" "200 connect $BUYER"
is "and the buyer the courier" "$(answer "$XB" $BUYER e2)" "200 connect $COURIER"
is "a stranger reaches nobody" "$(answer "$XB" $STRANGER e3)" "404 nobody"
event end e1 >/dev/null; event end e2 >/dev/null
bind vip SO-4 $BUYER "{\"x\":\"$XN\"}" || bail "no number"
is "X alone leads to one, whoever calls" "$(answer "$XN" $STRANGER e4)" "200 connect $BUYER"
bind vip SO-5 $BUYER2 '{"x":"+441632960202","channels":["sms"]}' || bail "no number"
is "a call by a closed channel reaches nobody" "$(answer +441632960202 $STRANGER e5)" "404 nobody"
is "a message takes the other channel" "$(answer +441632960202 $STRANGER e6 '{"kind":"MESSAGE"}')" "200 connect $BUYER2"
is "who was connected before is told that it is closed" "$(answer +441632960202 $STRANGER e7)" "403 one_way"

# ---- the same call again ----
bind label SO-6 $BUYER || bail "no binding"
E=$(bound_ext)
is "a call is connected" "$(answer "$X*$E" $COURIER r1)" "200 connect $BUYER"
cp "$W/answer" "$W/first"
is "its second delivery is answered alike" "$(answer "$X*$E" $COURIER r1)" "200 connect $BUYER"
ok "in the same bytes" cmp -s "$W/answer" "$W/first"
is "and a third" "$(answer "$X*$E" $COURIER r1)" "200 connect $BUYER"
is "and no more" "$(answer "$X*$E" $COURIER r1)" "482 replayed"
no "without a number" grep -q 4477009001 "$W/answer"
is "the same id from somebody else is no call" "$(answer "$X*$E" $COURIER2 r1)" "482 replayed"
is "nor to another number" "$(answer "$XN" $COURIER r1)" "482 replayed"
answer "$X*$E" $COURIER r2 >/dev/null
event answer r2 >/dev/null
is "what has been answered is not delivered again" "$(answer "$X*$E" $COURIER r2)" "482 replayed"
is "a refused call keeps its answer" "$(answer "$X*$wrong" +447700900121 r3) $(answer "$X*$wrong" +447700900121 r3)" "404 nobody 404 nobody"
is "and gets no other" "$(answer "$X*$E" +447700900121 r3)" "482 replayed"
event end r1 >/dev/null; event end r2 >/dev/null

# ---- events: any order, any number ----
is "events are signed" "$(jq -nc '{type:"end",call:"r1"}' | pbx /v1/call-events)" 401
is "by the secret that was agreed" "$(jq -nc '{type:"end",call:"r1"}' | pbx /v1/call-events -H 'webhook-id: a' \
	-H "webhook-timestamp: $(date +%s)" -H 'webhook-signature: v1,AAAA')" 401
jq -nc '{type:"end",call:"nowhere"}' >"$W/event"
at=$(date +%s)
is "once, in heads that are there once" "$(for h in "webhook-id: b" "webhook-timestamp: $at" 'webhook-signature: v1,AAAA' 'x: y'; do
	pbx /v1/call-events -H 'webhook-id: a' -H "webhook-timestamp: $at" -H "webhook-signature: $(signature a "$at" <"$W/event")" -H "$h" <"$W/event"
	echo; done | tr '\n' ' ')" "401 401 401 404 "
is "an event of no call is told" "$(event ring nowhere)" 404
is "a call takes one of two places" "$(answer "$X*$E" $COURIER v1)" "200 connect $BUYER"
is "and another" "$(answer "$X*$E" $COURIER v2)" "200 connect $BUYER"
is "a third waits" "$(answer "$X*$E" $COURIER v3)" "486 busy"
is "a text does not" "$(texted "$X*$E" $COURIER vt hello)" "relay $BUYER $X hello"
is "an end may come first" "$(event end v1; said .state)" "200ended"
is "what comes later changes nothing" "$(event ring v1; said .state) $(event answer v1; said .state)" "200ended 200ended"
is "the end again neither" "$(event end v1; said .state)" "200ended"
is "one place is free again, not two" "$(answer "$X*$E" $COURIER v4) $(answer "$X*$E" $COURIER v5)" "200 connect $BUYER 486 busy"
is "the end of a call that was refused frees none" "$(event end v5; said .state) $(answer "$X*$E" $COURIER v6)" "200refused 486 busy"
event end v2 >/dev/null; event end v4 >/dev/null

# ---- texts ----
is "a text is relayed, without the number in it" "$(texted "$X*$E" $COURIER m1 'call me: 07700 900 199')" \
	"relay $BUYER $X call me: ***** *** ***"
is "an extension in front is its address" "$(texted "$X" $COURIER m2 "$E I am at the gate")" "relay $BUYER $X I am at the gate"
is "without one it is discarded" "$(texted "$X" $COURIER m3 'I am at the gate')" discard
is "as is one to nobody" "$(texted "$X" $COURIER m4 "$wrong hello")" discard
is "the buyer's answer goes to the last sender" "$(texted "$X" $BUYER m5 'coming')" "relay $COURIER $X coming"
is "STOP is not relayed" "$(texted "$X" $BUYER m6 ' stop ')" opted_out
is "and whoever sent it gets no more" "$(texted "$X*$E" $COURIER m7 hello)" discard
is "not as a message either" "$(answer "$X*$E" $COURIER m8 '{"kind":"MESSAGE"}')" "403 one_way"
is "and a stranger learns nothing of it" "$(answer "$X*$E" $STRANGER m8s '{"kind":"MESSAGE"}')" "404 nobody"
is "calls are not meant" "$(answer "$X*$E" $COURIER m9)" "200 connect $BUYER"
is "nor another X" "$(texted "$XN" $STRANGER m10 hello)" "relay $BUYER $XN hello"
sleep 0.3 # records that nobody waits for
stop scrimd KILL
start_scrimd
await 20 ready
is "a restart forgets nothing of it" "$(texted "$X*$E" $COURIER m11 hello)" discard
is "START takes it back" "$(texted "$X" $BUYER m12 START) $(texted "$X*$E" $COURIER m13 hello)" "discard relay $BUYER $X hello"
bind held SO-7 $BUYER || bail "no binding"
XH=+441632960301
is "a text without digits passes" "$(texted $XH $COURIER h0 hello)" "relay $BUYER $XH hello"
is "one with a number is held" "$(texted $XH $COURIER h1 'my number 07700900199')" hold
is "as often as it is asked" "$(texted $XH $COURIER h1 'my number 07700900199')" hold
is "another text under its id is not let through" "$(texted $XH $COURIER h1 'my number 07700900198' '{"confirm":true}')" discard
is "confirmed it goes on, still without the number" "$(texted $XH $COURIER h1 'my number 07700900199' '{"confirm":true}')" \
	"relay $BUYER $XH my number ***********"
is "one that was never held is held first" "$(texted $XH $COURIER h2 'my number 07700900199' '{"confirm":true}')" hold
bind strict SO-8 $BUYER || bail "no binding"
is "a strict pool discards it" "$(texted +441632960302 $COURIER s1 'my number 07700900199') $(texted +441632960302 $COURIER s2 hello)" \
	"discard relay $BUYER +441632960302 hello"

# ---- who may ask ----
tls() { # CERT-NAME curl-args...
	local name=$1
	shift
	curl -s --max-time 20 --cacert "$W/keys/tls.crt" --cert "$W/keys/$name.crt" --key "$W/keys/$name.key" -o "$W/answer" \
		-w '%{http_code}' -H "$JSON" "$@"
}
route_body "$X*$E" $COURIER t1 >"$W/t1"
is "a switch's certificate will do" "$(tls switch --data-binary @"$W/t1" "$URL/v1/route"; said .to)" "200$BUYER"
is "another's will not" "$(tls other --data-binary @"$W/t1" "$URL/v1/route"; said .type)" "403urn:scrim:problem:policy"
is "nor any role's key, not even telephony's" "$(for r in telephony order_system carrier privacy_officer; do
	world_curl $r -o "$W/answer" -w '%{http_code}' -H "$JSON" --data-binary @"$W/t1" "$URL/v1/route"; said .type; done | sort -u)" \
	"403urn:scrim:problem:not-telephony"
is "a key with a certificate is a key" "$(tls switch -H "Scrim-Key: $(cat "$W/keys/telephony.key")" --data-binary @"$W/t1" "$URL/v1/route")" 403
is "the same for texts and events" "$(for p in sms call-events; do world_curl telephony -o /dev/null -w '%{http_code}' -H "$JSON" \
	--data-binary '{}' "$URL/v1/$p"; done)" 403403
is "nobody at all is told so" "$(curl -s -o /dev/null -w '%{http_code}' -H "$JSON" --data-binary @"$W/t1" "$PLAIN/v1/route")" 401
is "on the socket a stolen key is nothing" "$(pbx /v1/seal -H "Scrim-Key: $(cat "$W/keys/shop.key")" \
	-H 'Scrim-Purpose: order_processing' <<<'{"items":[{"class":"name","value":"Ann"}]}'; said '.items[0].status')" "400null"
for body in '' '{}' '[]' '{"x":"+441632960001"}' "$(route_body "$X" $COURIER z '{"more":1}')" "$(route_body "$X" $COURIER z '{"kind":"BYE"}')" \
	"$(route_body "$X" $COURIER '')" "$(route_body sip:x $COURIER z)" "$(route_body "$X*1234" $COURIER z '{"ext":"1235"}')" \
	"$(route_body "$X" $COURIER z '{"ext":"12a"}')" "$(route_body "$X" $COURIER z '{"ext":1234}')" "$(route_body "$X" $COURIER z '{"x":"+441632960001","x":2}')x"; do
	is "malformed: $(head -c 60 <<<"$body" | tr -d '\n ')" "$(pbx /v1/route <<<"$body")" 400
done
no "what was sent is repeated nowhere" grep -qE 'number-of-mine|7700900' <(
	for body in "$(route_body "$X" $COURIER z '{"kind":"07700900199"}')" "$(route_body "$X" $COURIER z '{"kind":"number-of-mine"}')" \
		"$(route_body "$X" $COURIER z '{"07700900199":1}')"; do pbx /v1/route <<<"$body"; cat "$W/answer"; done)
is "a text of 1,601 characters" "$(text "$X*$E" $COURIER z1 "$(printf 'a%.0s' $(seq 1601))")" 400
is "one of 1,600" "$(texted "$X*$E" $COURIER z2 "$(printf 'a%.0s' $(seq 1600))" | head -c 5)" relay

# ---- guesses ----
try=0
guess() { # CALLER
	try=$((try + 1))
	local e
	e=$(printf '%04d' $(((10#$E + 100 + try) % 10000)))
	answer "$X*$e" "$1" "g$try" | cut -d' ' -f1
}
is "three wrong extensions, then nothing more is compared" "$(for i in 1 2 3 4 5; do guess +447700900130; done | tr '\n' ' ')" "404 404 404 603 603 "
is "not even the right one" "$(answer "$X*$E" +447700900130 g-right)" "603 blocked"
is "others are not touched" "$(answer "$X*$E" $COURIER g-other)" "200 connect $BUYER"
event end g-other >/dev/null
spread=$(for i in $(seq 140 179); do guess "+447700900$i"; done | sort | uniq -c | tr -s ' \n' ' ')
ok "spread over many callers it ends as well" grep -q ' 603' <<<"$spread"
is "then strangers are not compared at all" "$(answer "$X*$E" +447700900180 g-stranger)" "603 blocked"
is "and who was connected before still is" "$(answer "$X*$E" $COURIER g-known)" "200 connect $BUYER"
event end g-known >/dev/null
curl -s "$PLAIN/metrics" >"$W/metrics"
ok "calls are counted by answer" grep -qE '^scrim_calls_total\{answer="connect"\} [1-9]' "$W/metrics"
ok "guesses that were blocked" grep -qE '^scrim_calls_total\{answer="blocked"\} [1-9]' "$W/metrics"

# ---- what is on record ----
sleep 1.2
find "$W/run/log" -type f -exec cat {} + >"$W/records"
ok "a connection is on record with its binding and keyd's own record" grep -aqE '"act":"phone.connect".*"op":"share".*"binding":"[0-9a-f]{32}".*"keyd":[0-9]' "$W/records"
ok "by whom and how it was asked" grep -aqE '"act":"phone.connect".*"who":\{"principal":"pbx","role":"telephony","auth":"peer"\}' "$W/records"
ok "refusals too" grep -aqE '"act":"phone.nobody".*"result":"refused"' "$W/records"

# ---- keyd away ----
stop keyd KILL
is "without keyd a call is not connected" "$(answer "$X*$E" $COURIER k1)" "503 down"
is "the switch is told so, and no number" "$(cat "$W/status"; said '[.action, .to]')" '200["reject",null]'
is "nor is a text" "$(text "$X*$E" $COURIER k2 hello; said .type)" "503urn:scrim:problem:phone-unavailable"
start_keyd
await 10 ready
is "it returns by itself" "$(answer "$X*$E" $COURIER k3)" "200 connect $BUYER"

# ---- nowhere a number ----
world_down
ok "both logs verify" logs_verified --config "$W/scrim.json"
ok "and every opening of keyd's is one of scrimd's" "$BIN/scrim" audit reconcile --grace-ms 0 --config "$W/scrim.json"
printf '%s\n' $COURIER $COURIER2 $STRANGER $BUYER $BUYER2 | sed 's/^+44//' >"$W/numbers"
seq 7700900101 7700900199 >>"$W/numbers"
no "no number is in what the daemons said" grep -raqF -f "$W/numbers" "$W/log"
no "nor in their logs, stores or sockets' folder" grep -raqF -f "$W/numbers" "$W/run"
no "nor in the metrics" grep -qF -f "$W/numbers" "$W/metrics"
no "nor which X was called, in a log" grep -raqF 1632960 "$W/run/log" "$W/run/keyd" "$W/log"
tap_done
