#!/bin/bash
# A gateway that was taken over: it says what its rules set aside, and never that an
# operator holds a rule for mistaken.
# weakness: operator-by-feed
. "$(dirname "$0")/../lib/attack.sh"

W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-test.XXXXXX") || bail "no temporary folder"
trap 'stop_all; rm -rf "$W"' EXIT
echo '{ "tenant": "demo", "feed": "feed.sock", "operator": "ask.sock", "data": "data", "words": "words.json" }' >"$W/viewd.json"
echo '{ "channels": ["web"], "purposes": ["analytics"], "text_version": 1 }' >"$W/words.json"
start viewd "$W/viewd.err" "$BIN/scrim-viewd" --config "$W/viewd.json"
await 5 test -S "$W/feed.sock"
forged() { "$TOOLS/feed_sender" release "$W/feed.sock"; }
attack "a rule is released by the feed" forged
why() { "$BIN/scrim" collect why focus --viewd "$W/ask.sock" --json; }
is "what its rule set aside is kept" "$(why | jq .quarantined)" 1
said() { why | jq -e 'any(.verdicts[]; .action == "release")' >"$W/answer"; }
attack "and operators hear that one of them did it" said
tap_done
