#!/bin/bash
# keyd's own log dies while scrimd's is well: health says so, nothing is opened, no
# key is made for anybody new, and who is known already can still be sealed for.
. "$(dirname "$0")/../lib/world.sh"

world_new
jq -n '[]' | world_routes -
world_up

post() { # ROLE PATH BODY: prints the status, the body is in $W/body
	world_curl "$1" -o "$W/body" -w '%{http_code}' -H 'Scrim-Purpose: order_processing' -d "$3" "$URL$2"
}
seal() { # SUBJECT
	post shop /v1/seal "{\"items\":[{\"class\":\"name\",\"value\":\"Ann Example\",\"subject\":\"$1\"}]}"
}
reveal() { post order_system /v1/reveal "{\"items\":[{\"token\":\"$token\"}]}"; }
says() { curl -s "$PLAIN/readyz" | jq -e "$1" >/dev/null; }
subjects() { "$BIN/scrim" keys status --config "$W/scrim.json" --json | jq .people; }

is "a person is sealed for" "$(seal known)" 200
token=$(jq -r '.items[0].token' "$W/body")
is "and read" "$(reveal)" 200
ok "all is well at first" says '.keyd_log and .keyd_space and .ready'
people=$(subjects)
is "one person has a key" "$people" 1

# what is under way writes it anew, unless a folder stands there
until mv "$W/run/keyd/log/state" "$W/run/keyd/log/gone" 2>/dev/null; mkdir "$W/run/keyd/log/state" 2>/dev/null; do :; done
ok "readyz says that keyd's log is dead, and that keyd is not" \
	await 60 says '.keyd_log == false and .keys and .log and (.ready | not)'
is "nothing is opened" "$(reveal)" 503
ok "because of the log" jq -e '.type == "urn:scrim:problem:log-unavailable"' "$W/body"
is "nobody new is sealed for" "$(seal unknown)" 503
ok "because of the log" jq -e '.type == "urn:scrim:problem:log-unavailable"' "$W/body"
is "no key was made" "$(subjects)" "$people"
is "who has a key is sealed for as before" "$(seal known)" 200
is "to the same token" "$(jq -r '.items[0].token' "$W/body")" "$token"
printf '\n' >>"$W/policy.json"
kill -HUP "${PROC_PID[keyd]}"
ok "and no new policy is taken over, which might want new keys" \
	await 60 grep -q keyd.policy_refused "$W/log/keyd.err"
tap_done
