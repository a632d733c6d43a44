#!/bin/bash
# Whoever can break keyd's log has keys made of which no log tells.
# weakness: unlogged-keys
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq -n '[]' | world_routes -
world_up

seal() { # SUBJECT: succeeds when it got a token
	world_curl shop -d "{\"items\":[{\"class\":\"name\",\"value\":\"Ann Example\",\"subject\":\"$1\"}]}" \
		"$URL/v1/seal" | jq -e '.items[0].status == "ok"' >/dev/null
}
ok "a person is sealed for while the log is well" seal known
# what is under way writes it anew, unless a folder stands there
until mv "$W/run/keyd/log/state" "$W/run/keyd/log/gone" 2>/dev/null; mkdir "$W/run/keyd/log/state" 2>/dev/null; do :; done
ok "keyd's log fails" await 60 grep -q tlog.failed "$W/log/keyd.err"
ok "who has a key is sealed for still" seal known
attack "a key for somebody new, of which no log tells" seal unknown
tap_done
