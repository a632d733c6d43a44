#!/bin/bash
# A page's key is public: with it nobody says whose a device is, or takes an account's consent back.
# weakness: page-believed
. "$(dirname "$0")/../lib/attack.sh"
. "$ROOT/tests/lib/collect.sh"

world_new
echo '[]' | world_routes -
collect_world
world_up
is "an account consents" "$(world_curl shop -o /dev/null -w '%{http_code}' -X PUT -d '{"purpose":"analytics","word":"grant","version":3,"method":"checkbox","source":"shop-web"}' "$URL/v1/subjects/u-1/consents")" 200
forge() { page_post /v1/t "$1" -u "$WEB_KEY:"; }
is "a page is told nothing" "$(forge '{"type":"track","event":"Signed In","userId":"u-1","anonymousId":"d-1","messageId":"m-1"}')" 200
linked() { [ "$(spooled 3)" != 0 ]; }
attack "a device becomes somebody's" linked
is "nor now" "$(forge '{"type":"consent","word":"withdraw","userId":"u-1","anonymousId":"d-1","messageId":"m-2"}')" 200
granted() { world_curl shop -H 'Scrim-Purpose: order_processing' "$URL/v1/subjects/u-1/consents" | jq .consents.analytics.granted; }
is "the account's yes stands, whoever is believed" "$(granted)" true
tap_done
