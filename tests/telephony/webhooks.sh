#!/bin/bash
# The whole life of a rented number with the vendor's own packages in the vendor's
# place: the unmodified npm package "twilio" (NODE_PATH) and Debian's python3-twilio.
# timeout: 600
. "$(dirname "$0")/../lib/world.sh"
. "$ROOT/tests/lib/vendor.sh"

world_new
export SCRIM_TEST_WORLD=$W
vendor_world
# many callers come from one desk here: only what one caller does is looked at
WORLD_PHONE=$(jq '.guard = { line: 10000, pool: 10000, caller: 1000 } | .pools[0] += { max_parallel: 100, max_calls_per_day: 1000 }' <<<"$WORLD_PHONE")
echo '[]' | world_routes -
world_up
jq -n --arg base "$PLAIN" --arg account "$ACCOUNT" --arg token "$(cat "$W/keys/acme.token")" --arg token2 "$(cat "$W/keys/acme2.token")" \
	--arg key "$(cat "$W/keys/order_system.key")" '$ARGS.named' >"$W/settings.json"

if [ -z "${NODE_PATH:-}" ] || ! node -e 'require("twilio")' 2>/dev/null; then
	skip "npm twilio" "the package is not there: the registry could not be reached"
else
	tap_of "npm twilio" node "$ROOT/tests/telephony/webhooks.js" "$W/settings.json"
fi
if python3 -c 'import twilio' 2>/dev/null || /usr/bin/python3 -c 'import twilio' 2>/dev/null; then
	tap_of "python3-twilio" "$(python3 -c 'import twilio' 2>/dev/null && echo python3 || echo /usr/bin/python3)" "$ROOT/tests/telephony/validator.py" "$W/settings.json"
else
	skip "python3-twilio" "the package is not installed"
fi

# ---- killed before the answer: told once at most ----
told=0 most=0
vendor_bind K-1 +447700900699
for i in 1 2 3 4 5 6; do
	vendor_call "$(sid $((1000 + i)))" "+44770090068$i" "$X"
	vendor_send voice "${FIELDS[@]}" >/dev/null
	step=$(vendor_action)
	CALL_STATUS=in-progress vendor_call "$(sid $((1000 + i)))" "+44770090068$i" "$X" "Digits=$EXT"
	: >"$W/killed"
	VENDOR_OUT=$W/killed vendor_send "$step" "${FIELDS[@]}" >/dev/null &
	sleep "0.0$((i * 2))"
	stop scrimd KILL
	wait
	start_scrimd
	await 20 ready
	: >"$W/twiml"
	vendor_send "$step" "${FIELDS[@]}" >/dev/null
	n=$(cat "$W/killed" "$W/twiml" | grep -c '<Number')
	told=$((told + n))
	[ "$n" -le "$most" ] || most=$n
done
echo "# told $told times in 6 calls"
ok "killed before the answer: no call is told the number twice" [ "$most" -le 1 ]

# ---- nothing of it is anywhere, nor its base64 in any alignment ----
"$BIN/scrim" audit show --config "$W/scrim.json" --json >"$W/log/scrimd.audit" 2>/dev/null
"$BIN/scrim" audit show --config "$W/scrim.json" --keyd --json >"$W/log/keyd.audit" 2>/dev/null
curl -s "$PLAIN/metrics" >"$W/log/metrics"
for marker in 77009006 77009007 CA000000000000 SM000000000000 parentCallInfoToken 0123456789abcdef0123456789abcdef; do
	for spelt in "$marker" "$(printf %s "$marker" | base64 -w0 | cut -c1-9)" "$(printf 'x%s' "$marker" | base64 -w0 | cut -c3-10)" \
		"$(printf 'xx%s' "$marker" | base64 -w0 | cut -c4-11)"; do echo "$spelt"; done >"$W/tmp/markers"
	no "$marker is in no log, record or metric" grep -rsqaFf "$W/tmp/markers" "$W/log" "$W/run/log" "$W/run/keyd/log"
done
tap_done
