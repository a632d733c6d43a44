#!/bin/bash
# Somebody who may see values writes them into the reason, where they stay for ever: no log can be
# changed. Plainly it is refused; so it is spelled otherwise.
# weakness: reason-plain-look
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq -n '[]' | world_routes -
world_up
world_curl shop -d '{"items":[{"class":"phone","value":"07700 900123","subject":"c1"}]}' "$URL/v1/seal" |
	jq '{ items: [ { token: .items[0].token } ] }' >"$W/ask"

kept() { # REASON: it stands in one of the logs
	world_curl support -H 'Scrim-Purpose: service' -H "Scrim-Reason: $1" -d @"$W/ask" "$URL/v1/reveal" >"$W/answer"
	"$BIN/scrim" audit show --log "$W/run/keyd/log" --json 2>/dev/null | grep -qF "$1" && return
	"$BIN/scrim" audit show --log "$W/run/log" --json 2>/dev/null | grep -qF "$1"
}
no "a number as it is" kept "of 07700 900123"
attack "with blanks" kept "of 0 7 7 0 0 9 0 0 1 2 3"
attack "in full width" kept "of ０７７００９００１２３"
attack "in words" kept "of o seven seven double o nine double o one two three"
attack "in Chinese" kept "一三八一二三四五六七八"
attack "with letters for digits" kept "of o7700 9oo123"
attack "in base64" kept "of MDc3MDA5MDAxMjM="
attack "in hexadecimal digits" kept "3037373030393030313233"
ok "what is ordinary is kept" kept "order 20261128-000123, two of five items are missing"
tap_done
