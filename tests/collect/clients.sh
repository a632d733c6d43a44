#!/bin/bash
# Client libraries of others, as they come from npm (NODE_PATH), and pages in a browser: all
# that they send is taken and counted, and no mark in it is found anywhere.
# timeout: 300
. "$(dirname "$0")/../lib/world.sh"
. "$ROOT/tests/lib/collect.sh"

M=ZQlibraryXK
world_new
echo '[]' | world_routes -
free_port && SHOP_PORT=$PORT
ORIGIN=http://127.0.0.1:$SHOP_PORT
# a hundred events a second from one id are no person's: rules are looked at elsewhere
COLLECT_MORE='{ "consents": { "Analytics": "analytics" }, "rules": { "webdriver": "off", "bot_agent": "off", "no_input": "off", "cadence": "off", "no_hints": "off", "same_content": "off" } }' collect_world
world_up
BROWSER=$(command -v chromium || command -v chromium-browser)
jq -n --arg base "$PLAIN" --arg web "$WEB_KEY" --arg shop "$(cat "$W/keys/shop.key")" --arg operator "$(cat "$W/keys/operator.key")" \
	--arg marker "$M" --argjson shop_port "$SHOP_PORT" --arg browser "$BROWSER" '$ARGS.named' >"$W/settings.json"

has() { [ -n "${NODE_PATH:-}" ] && node -e "require('$1')" 2>/dev/null; }

if has @segment/analytics-node && has @rudderstack/rudder-sdk-node; then
	tap_of "back ends" node "$ROOT/tests/collect/clients.js" "$W/settings.json"
else
	skip "back ends" "the packages are not there: the registry could not be reached"
fi
if [ -n "$BROWSER" ] && has playwright-core; then
	tap_of "pages" node "$ROOT/tests/collect/pages.js" "$W/settings.json"
else
	skip "pages" "no Chromium, or no playwright-core"
fi

# ---- nothing of it is anywhere, nor its base64 in any alignment ----
curl -s "$PLAIN/metrics" >"$W/log/metrics"
stop scrimd
"$BIN/scrim" audit show --config "$W/scrim.json" --json >"$W/log/scrimd.audit" 2>/dev/null
"$BIN/scrim" audit show --config "$W/scrim.json" --keyd --json >"$W/log/keyd.audit" 2>/dev/null
for spelt in "$M" "$(printf %s "$M" | base64 -w0 | cut -c1-9)" "$(printf 'x%s' "$M" | base64 -w0 | cut -c3-10)" "$(printf 'xx%s' "$M" | base64 -w0 | cut -c4-11)"; do echo "$spelt"; done >"$W/tmp/markers"
no "no mark is in a log, store, spool or metric" grep -rqaFf "$W/tmp/markers" "$W/log" "$W/run/log" "$W/run/keyd/log" "$W/run/spool" "$W"/run/collect.db*
tap_done
