#!/bin/bash
# A number that a shop can rent: a courier who calls it is asked for the extension
# and connected, everybody else is refused alike, and no webhook that is not the
# vendor's, or is not new, is told a number.
# timeout: 400
. "$(dirname "$0")/../lib/world.sh"
. "$ROOT/tests/lib/vendor.sh"

BUYER=+447700900739 COURIER=+447700900740 STRANGER=+447700900741
world_new
export SCRIM_TEST_WORLD=$W
vendor_world
echo '[]' | world_routes -
ok "the configuration is in order" "$BIN/scrim" config check "$W/scrim.json"
world_up
vendor_bind O-1 $BUYER
ok "an order has a number with a long extension" eval '[[ $X =~ ^\+44163296000[12]$ && $EXT =~ ^[0-9]{6}$ ]]'
X1=$X EXT1=$EXT

# ---- a call ----
vendor_call "$(sid 1)" $COURIER "$X"
is "a courier rings it" "$(vendor_send voice "${FIELDS[@]}")" 200
ok "and is asked for the extension" grep -q '^<?xml version="1.0" encoding="UTF-8"?><Response><Gather input="dtmf" numDigits="6" ' "$W/twiml"
cp "$W/twiml" "$W/asked"
step1=$(vendor_action)
ok "on a path of this call's" eval '[[ $step1 =~ ^voice/1/[0-9a-f]{32}$ ]]'
CALL_STATUS=in-progress vendor_call "$(sid 1)" $COURIER "$X" "Digits=$EXT"
typed=("${FIELDS[@]}")
is "who types it" "$(vendor_send "$step1" "${typed[@]}")" 200
is "is connected" "$(vendor_dialled)" $BUYER
ok "under X, not recorded, for half an hour at most" grep -qF "<Dial callerId=\"$X\" answerOnBridge=\"true\" timeout=\"30\" timeLimit=\"1800\" record=\"do-not-record\"" "$W/twiml"
dial=$(vendor_action) events=$(vendor_events)
# To is the callee here, From is X
leg() { # STATUS [LEG]
	vendor_send "$events" "AccountSid=$ACCOUNT" "CallSid=$(sid "${2:-241}")" "CallStatus=$1" "From=$X" "To=$BUYER" "ParentCallSid=$(sid 1)" SequenceNumber=0
}
is "its leg's events are heard, in any order" "$(leg in-progress)$(leg ringing)$(leg initiated)" 204204204
is "another leg's change nothing" "$(leg completed 242)" 204
is "what was dialled ends" "$(vendor_send "$dial" "AccountSid=$ACCOUNT" "CallSid=$(sid 1)" "DialCallSid=$(sid 241)" DialCallStatus=completed "From=$COURIER" "To=$X")" 200
ok "and so does the call" grep -qxF '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>' "$W/twiml"
is "an event after the end" "$(leg ringing)" 204

# ---- again ----
vendor_call "$(sid 1)" $COURIER "$X"
is "the same call again is rejected" "$(vendor_send voice "${FIELDS[@]}") $(grep -c '<Reject/>' "$W/twiml")" "200 1"
is "the same digits again hang up" "$(vendor_send "$step1" "${typed[@]}") $(grep -c '<Response><Hangup/>' "$W/twiml")" "200 1"
vendor_call "$(sid 2)" $COURIER "$X"
vendor_send voice "${FIELDS[@]}" >/dev/null
step=$(vendor_action)
CALL_STATUS=in-progress vendor_call "$(sid 2)" $COURIER "$X" "Digits=$EXT"
for i in 1 2 3 4 5 6 7 8; do VENDOR_OUT=$W/copy.$i vendor_send "$step" "${FIELDS[@]}" >/dev/null & done
wait
is "eight copies at once: one is told the number" "$(grep -lF $BUYER "$W"/copy.? | wc -l)" 1
CALL_STATUS=in-progress vendor_call "$(sid 3)" $COURIER "$X" "Digits=$EXT"
is "a step of another call's path is none" "$(vendor_send "$step1" "${FIELDS[@]}")$(wc -c <"$W/twiml")" 4030
is "nor is a step that was made up" "$(vendor_send voice/1/$(printf '0%.0s' {1..32}) "${FIELDS[@]}")" 403
vendor_call "$(sid 4)" $COURIER "$X"
vendor_send voice "${FIELDS[@]}" >/dev/null
step=$(vendor_action)
other=+441632960001
[ "$X" != $other ] || other=+441632960002
CALL_STATUS=in-progress vendor_call "$(sid 4)" $COURIER "$other" "Digits=$EXT"
vendor_send "$step" "${FIELDS[@]}" >/dev/null
is "the action's To is the call's, or nobody's" "$(vendor_dialled)" ""
CALL_STATUS=in-progress vendor_call "$(sid 4)" $STRANGER "$X" "Digits=$EXT"
vendor_send "$step" "${FIELDS[@]}" >/dev/null
is "and so is its From" "$(vendor_dialled)" ""

# ---- misses are one answer ----
vendor_bind O-2 +447700900742
X2=$X EXT2=$EXT
is "another order ends" "$(vendor_end O-2)" 200
miss() { vendor_type "$@" >/dev/null; vendor_masked; }
free=$(printf %06d $(((10#$EXT1 + 1) % 1000000)))
[ "$free" != "$EXT2" ] || free=$(printf %06d $(((10#$EXT1 + 2) % 1000000)))
token=$(world_curl order_system -d '{"items":[{"class":"phone","value":"+447700900742","subject":"erased"}]}' "$URL/v1/seal" | jq -r '.items[0].token')
vendor_bind O-E "$token"
world_curl privacy_officer -o /dev/null -H 'Scrim-Purpose: audit' -d '{"subject":"erased"}' "$URL/v1/subjects/erase"
miss "$(sid 14)" +447700900748 "$X" "$EXT" >"$W/miss.erased"
path=$(vendor_action)
CALL_STATUS=in-progress vendor_call "$(sid 14)" +447700900748 "$X" "Digits=$EXT"
vendor_send "$path" "${FIELDS[@]}" >/dev/null
ok "somebody who was erased is a wrong number, also when it is typed again" grep -q 'voice/3/' "$W/twiml"
miss "$(sid 10)" $STRANGER "$X1" "$free" >"$W/miss.never"
miss "$(sid 11)" +447700900743 "$X2" "$EXT2" >"$W/miss.ended"
miss "$(sid 12)" +447700900744 "$X1" "" >"$W/miss.empty"
miss "$(sid 13)" +447700900745 "$X1" 12 >"$W/miss.short"
is "never bound, ended, no digits, too few, erased: the same bytes" "$(cd "$W" && md5sum miss.* | cut -d' ' -f1 | sort -u | wc -l)" 1
ok "which ask again" grep -q 'voice/2/TOKEN"' "$W/miss.never"
path=$(vendor_action)
CALL_STATUS=in-progress vendor_call "$(sid 13)" +447700900745 "$X1" "Digits=$free"
vendor_send "$path" "${FIELDS[@]}" >/dev/null
path=$(vendor_action)
vendor_send "$path" "${FIELDS[@]}" >/dev/null
ok "and after the third say goodbye" grep -q '<Response><Say language="en-GB">This extension cannot be reached. Goodbye.</Say><Hangup/></Response>' "$W/twiml"
for i in 20 21 22; do vendor_type "$(sid $i)" $STRANGER "$X1" "$(printf %06d $(((10#$free + i) % 1000000)))" >/dev/null; done
vendor_type "$(sid 23)" $STRANGER "$X1" "$EXT1" >/dev/null
is "who has guessed is not told even what is right" "$(vendor_dialled)" ""
ok "but sent away" grep -q 'Goodbye' "$W/twiml"

# ---- late ----
vendor_bind O-3 +447700900746
vendor_type "$(sid 30)" $COURIER "$X" "$EXT" >/dev/null
is "a courier reaches a third order" "$(vendor_dialled)" +447700900746
vendor_send "$(vendor_action)" "AccountSid=$ACCOUNT" "CallSid=$(sid 30)" DialCallStatus=completed >/dev/null
is "which ends" "$(vendor_end O-3)" 200
vendor_type "$(sid 31)" $COURIER "$X" "$EXT" >/dev/null
ok "and hears that it has" grep -q 'not in use any more' "$W/twiml"
vendor_type "$(sid 32)" +447700900747 "$X" "$EXT" >/dev/null
is "whom nobody connected hears what everybody hears" "$(vendor_masked | md5sum)" "$(md5sum <"$W/miss.never")"

# ---- who is not the vendor ----
vendor_call "$(sid 40)" $COURIER "$X1"
call=("${FIELDS[@]}")
forged() { is "$1: 403 and nothing else" "$2 $(wc -c <"$W/twiml")" "403 0"; }
forged "another key" "$(VENDOR_KEY=guessed vendor_send voice "${call[@]}")"
forged "no signature" "$(VENDOR_SIGNATURE='' vendor_send voice "${call[@]}")"
forged "half a signature" "$(VENDOR_SIGNATURE=AAAA vendor_send voice "${call[@]}")"
VENDOR_HEADERS=(-H "X-Twilio-Signature: $(vendor_sign "$(cat "$W/keys/acme.token")" "$PLAIN$TWIML/acme/voice" "${call[@]}")")
forged "two signatures" "$(vendor_send voice "${call[@]}")"
VENDOR_HEADERS=(-H "Host: staging.example" -H "X-Forwarded-Host: staging.example" -H "X-Forwarded-Proto: https")
forged "signed for another host, whatever the headers say" "$(VENDOR_BASE=https://staging.example vendor_send voice "${call[@]}")"
VENDOR_HEADERS=()
forged "signed for another path" "$(VENDOR_SIGNATURE=$(vendor_sign "$(cat "$W/keys/acme.token")" "$PLAIN$TWIML/acme/message" "${call[@]}") vendor_send voice "${call[@]}")"
forged "another account" "$(vendor_send voice "${call[@]/AccountSid=*/AccountSid=AC$(printf 'b%.0s' {1..32})}")"
forged "a field that is read, twice" "$(vendor_send voice "${call[@]}" "From=$STRANGER")"
forged "a call id with something behind it" "$(vendor_send voice "${call[@]/CallSid=*/CallSid=$(sid 40)CallStatus}")"
forged "the other vendor's key" "$(VENDOR_KEY=$(cat "$W/keys/sw.token") vendor_send voice "${call[@]}")"
sig=$(vendor_sign "$(cat "$W/keys/acme.token")" "$PLAIN$TWIML/acme/voice" "${call[@]}")
is "the genuine one goes in" "$(vendor_send voice "${call[@]}") $(grep -c '<Gather' "$W/twiml")" "200 1"
bent=("${call[@]/FromCity=*/FromCity=LONDONTo$X1}")
forged "the same signature over other fields" "$(VENDOR_SIGNATURE=$sig vendor_send voice "${bent[@]/To=$X1/Tp=}")"
bent=("${call[@]/ApiVersion=*/ApiVersion=2010-04-0}")
forged "even where nothing that is read has changed" "$(VENDOR_SIGNATURE=$sig vendor_send voice "${call[@]/CalledCity=/CalledCit=y}")"
ok "which is told" eval 'await 5 grep -q twiml.signature_over_other_fields "$W/log/scrimd.err"'
is "and counted" "$(curl -s "$PLAIN/metrics" | sed -n 's/^scrim_webhooks_bent_total //p')" 1
is "a query is no path of ours" "$(curl -s -o /dev/null -w '%{http_code}' -d a=1 "$PLAIN$TWIML/acme/voice?bodySHA256=00")" 404
is "JSON is no form" "$(curl -s -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -d '{}' "$PLAIN$TWIML/acme/voice")" 415
is "nor is what nobody could read one way" "$(curl -s -o /dev/null -w '%{http_code}' -d 'a=%zz' "$PLAIN$TWIML/acme/voice")" 400
is "a form has an end" "$(head -c 70000 /dev/zero | tr '\0' a | curl -s -o /dev/null -w '%{http_code}' --data-binary @- "$PLAIN$TWIML/acme/voice")" 413
is "and is posted" "$(curl -s -o /dev/null -w '%{http_code}' "$PLAIN$TWIML/acme/voice")" 405
is "nobody has other paths" "$(vendor_send voice/ "${call[@]}")$(VENDOR=other VENDOR_KEY=k vendor_send voice "${call[@]}")" 404404

# ---- what is, in other clothes ----
vendor_call "$(sid 50)" $COURIER "$X1" NewField= "Zeta=ünï & = %"
is "without our port" "$(VENDOR_BASE=http://127.0.0.1 vendor_send voice "${FIELDS[@]}")" 200
vendor_call "$(sid 51)" $COURIER "$X1"
is "with the scheme's own" "$(VENDOR_BASE=http://127.0.0.1:80 vendor_send voice "${FIELDS[@]}")" 200
vendor_call "$(sid 52)" $COURIER "$X1"
is "by the second key" "$(VENDOR_KEY=$(cat "$W/keys/acme2.token") vendor_send voice "${FIELDS[@]}")" 200
is "which is counted" "$(curl -s "$PLAIN/metrics" | sed -n 's/^scrim_webhooks_total{key="second"} //p')" 1
vendor_call "$(sid 53)" +266696687 "$X1"
is "who withholds his number is rejected" "$(vendor_send voice "${FIELDS[@]}") $(grep -c '<Reject/>' "$W/twiml")" "200 1"
vendor_call "$(sid 54)" $COURIER +441632960020
is "the other vendor's number is nobody's here" "$(vendor_send voice "${FIELDS[@]}") $(grep -c '<Reject/>' "$W/twiml")" "200 1"
vendor_call "$(sid 55)" $COURIER +441632960099
is "and so is one that is nobody's at all" "$(vendor_send voice "${FIELDS[@]}") $(grep -c '<Reject/>' "$W/twiml")" "200 1"

# ---- keys are read anew, together or not at all ----
echo 11111111111111111111111111111111 >"$W/keys/acme2.token"
chmod 644 "$W/keys/acme.token"
kill -HUP "${PROC_PID[scrimd]}"
ok "a key that others can read is refused" eval 'await 10 grep -q gateway.reload_refused "$W/log/scrimd.err"'
vendor_call "$(sid 56)" $COURIER "$X1"
is "and the old ones stay" "$(VENDOR_KEY=fedcba9876543210fedcba9876543210 vendor_send voice "${FIELDS[@]}")" 200
chmod 600 "$W/keys/acme.token"
kill -HUP "${PROC_PID[scrimd]}"
ok "then they are taken" eval 'await 10 grep -q gateway.reloaded "$W/log/scrimd.err"'
vendor_call "$(sid 57)" $COURIER "$X1"
is "the new one signs" "$(VENDOR_KEY=11111111111111111111111111111111 vendor_send voice "${FIELDS[@]}")" 200
vendor_call "$(sid 58)" $COURIER "$X1"
is "the old one does not" "$(VENDOR_KEY=fedcba9876543210fedcba9876543210 vendor_send voice "${FIELDS[@]}")" 403

# ---- the other vendor: its own ids, and its own second deliveries ----
VENDOR=sw
vendor_bind P-1 +447700900748 theirs
X=+441632960020
vendor_call "$(uuid 1)" $COURIER $X
is "the other vendor's call" "$(vendor_send voice "${FIELDS[@]}")" 200
ok "is asked in its language" grep -q '<Say language="zh-CN">请输入分机号' "$W/twiml"
cp "$W/twiml" "$W/first"
vendor_call "$(uuid 1)" $COURIER $X ErrorCode=11200 "ErrorUrl=$PLAIN$TWIML/sw/voice"
is "what failed comes again as a fallback" "$(vendor_send fallback "${FIELDS[@]}")" 200
ok "and is answered byte for byte" cmp -s "$W/twiml" "$W/first"
path=$(vendor_action)
openings() { "$BIN/scrim" audit show --config "$W/scrim.json" --keyd --json 2>/dev/null | jq -s '[ .[].entry | select(.what.op == "share" and .kind == "reveal") ] | length'; }
CALL_STATUS=in-progress vendor_call "$(uuid 1)" $COURIER $X "Digits=$EXT"
before=$(openings)
is "its digits" "$(vendor_send "$path" "${FIELDS[@]}") $(vendor_dialled)" "200 +447700900748"
cp "$W/twiml" "$W/first"
is "twice more, at once" "$(vendor_send "$path" "${FIELDS[@]}") $(cmp "$W/twiml" "$W/first" && vendor_send "$path" "${FIELDS[@]}")" "200 200"
ok "are the same bytes" cmp -s "$W/twiml" "$W/first"
is "and not a third time" "$(vendor_send "$path" "${FIELDS[@]}") $(vendor_dialled)" "200 "
is "each was opened anew, and is on record" "$(($(openings) - before))" 3
VENDOR=acme

# ---- texts ----
text() { # SID FROM TO BODY [FIELD=VALUE...]
	local sid=$1 from=$2 to=$3 body=$4
	shift 4
	vendor_send message "AccountSid=$ACCOUNT" "MessageSid=SM$(printf %032x "$sid")" "From=$from" "To=$to" "Body=$body" \
		NumMedia=1 "MediaUrl0=https://vendor.example/$ACCOUNT/Media/1" NumSegments=1 "$@"
}
told() { sed -nE 's|.*<Body>(.*)</Body>.*|\1|p' "$W/twiml"; }
nothing='<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
vendor_bind O-4 $BUYER
is "a text with the extension before it" "$(text 1 $COURIER "$X" "$EXT at <the> door & gate, 07700 900749")" 200
is "goes on without it, without numbers" "$(told | sed 's/\*\**/*/g')" "at &lt;the&gt; door &amp; gate, * *"
ok "to whom it leads, from X" grep -qF "<Message to=\"$BUYER\" from=\"$X\" " "$W/twiml"
no "and without the picture" grep -q vendor.example "$W/twiml"
is "the same text again goes nowhere" "$(text 1 $COURIER "$X" "$EXT at <the> door & gate, 07700 900749") $(cat "$W/twiml")" "200 $nothing"
is "nor does one without an extension" "$(text 2 +447700900750 "$X" hello) $(cat "$W/twiml")" "200 $nothing"
vendor_bind Q-1 $BUYER pairs $COURIER
is "a pair needs none" "$(text 3 $COURIER "$X" "hello there") $(told)" "200 hello there"
is "in both directions" "$(text 4 $BUYER "$X" "and back") $(told) $(grep -cF "to=\"$COURIER\"" "$W/twiml")" "200 and back 1"
vendor_call "$(sid 60)" $COURIER "$X"
is "and no extension when one calls" "$(vendor_send voice "${FIELDS[@]}") $(vendor_dialled)" "200 $BUYER"
vendor_call "$(sid 61)" $STRANGER "$X"
is "a stranger to it is rejected" "$(vendor_send voice "${FIELDS[@]}") $(grep -c '<Response><Reject/>' "$W/twiml")" "200 1"
is "who writes STOP is not passed on" "$(text 5 $BUYER "$X" " Stop ") $(cat "$W/twiml")" "200 $nothing"
is "and gets no more texts" "$(text 6 $COURIER "$X" "are you there") $(cat "$W/twiml")" "200 $nothing"
is "until START" "$(text 7 $BUYER "$X" START) $(text 8 $COURIER "$X" "now you are") $(told)" "200 200 now you are"
is "the vendor says that it blocked one" "$(vendor_send message-status "AccountSid=$ACCOUNT" "MessageSid=SM$(printf %032x 9)" MessageStatus=undelivered ErrorCode=21610 "From=$X" "To=$BUYER")" 204
is "that is a STOP as well" "$(text 10 $COURIER "$X" "and now") $(cat "$W/twiml")" "200 $nothing"

# ---- a crash, and keyd away ----
vendor_call "$(sid 70)" $COURIER "$X1"
vendor_send voice "${FIELDS[@]}" >/dev/null
path=$(vendor_action)
CALL_STATUS=in-progress vendor_call "$(sid 70)" $COURIER "$X1" "Digits=$EXT1"
is "a call before the crash" "$(vendor_send "$path" "${FIELDS[@]}") $(vendor_dialled)" "200 $BUYER"
stop scrimd KILL
start_scrimd
await 20 ready
is "is remembered after it" "$(vendor_send "$path" "${FIELDS[@]}") $(vendor_dialled)" "200 "
vendor_call "$(sid 1)" $COURIER "$X1"
is "and so is the first one" "$(vendor_send voice "${FIELDS[@]}") $(grep -c '<Reject/>' "$W/twiml")" "200 1"
is "a known id with other fields is a forgery, also now" "$(text 1 $COURIER "$X" "$EXT something else") $(wc -c <"$W/twiml")" "403 0"
stop keyd KILL
vendor_call "$(sid 71)" $COURIER "$X1"
is "keyd is away: the vendor says so itself" "$(vendor_send voice "${FIELDS[@]}")" 503
start_keyd
await 20 ready
vendor_type "$(sid 72)" $COURIER "$X1" "$EXT1" >/dev/null
is "and goes on when it is back" "$(vendor_dialled)" $BUYER

# ---- nothing of it is anywhere ----
"$BIN/scrim" audit show --config "$W/scrim.json" --json >"$W/log/scrimd.audit" 2>/dev/null
"$BIN/scrim" audit show --config "$W/scrim.json" --keyd --json >"$W/log/keyd.audit" 2>/dev/null
curl -s "$PLAIN/metrics" >"$W/log/metrics"
ok "there are records of it" eval '[ "$(jq -es "[ .[].entry | select(.who.auth == \"signature\") ] | length" "$W/log/scrimd.audit")" -gt 20 ]'
ok "forgeries are nobody's" eval '[ "$(jq -es "[ .[].entry | select(.act == \"phone.forged\" and .kind == \"denial\" and .who.principal == null) ] | length" "$W/log/scrimd.audit")" -gt 10 ]'
spelt() { # TEXT: it, and its base64 in three alignments
	echo "$1"
	printf '%s' "$1" | base64 -w0 | cut -c1-12
	printf 'x%s' "$1" | base64 -w0 | cut -c3-14
	printf 'xx%s' "$1" | base64 -w0 | cut -c4-15
	echo
}
for marker in 7700900739 7700900740 7700900741 7700900748 "$(sid 1)" "$(sid 70)" "$(uuid 1)" "Digits=" "at <the> door" parentCallInfo "${step1##*/}" 0123456789abcdef01234567; do
	spelt "$marker" | sed '/^$/d' >"$W/tmp/markers"
	no "${marker:0:14} is in no log, record or metric" grep -rsqaFf "$W/tmp/markers" "$W/log" "$W/run/log" "$W/run/keyd/log"
done
tap_done
