#!/bin/bash
# A page of somebody else, in the browser of a visitor of the shop's, sends with the shop's key.
# weakness: any-page
. "$(dirname "$0")/../lib/attack.sh"
. "$ROOT/tests/lib/collect.sh"

world_new
echo '[]' | world_routes -
collect_world
world_up
sent() { FROM=$1 page_post /v1/p '{"type":"page","anonymousId":"d-1","c":3}' -u "$WEB_KEY:"; }
is "the shop's own page may" "$(sent "$ORIGIN")" 200
from_another() { [ "$(sent https://other.example)" = 200 ]; }
attack "another page's event is taken" from_another
tap_done
