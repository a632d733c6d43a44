#!/bin/bash
# The gateway's own user, or anybody else's on viewd's machine, at the socket of the operators:
# to read what is said of an event, and to release it.
# weakness: any-operator
. "$(dirname "$0")/../lib/attack.sh"

if [ "$(id -u)" != 0 ] || ! setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
	skip "a stranger at the operators' socket" "only root can be somebody else here"
	tap_done
	exit
fi
W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-test.XXXXXX") || bail "no temporary folder"
trap 'stop_all; rm -rf "$W"' EXIT
chmod 755 "$W"
cp "$BIN/scrim" "$TOOLS/feed_sender" "$W/"
echo '{ "tenant": "demo", "feed": "feed.sock", "operator": "ask.sock", "data": "data", "words": "words.json", "peers": [{ "uid": 61002 }], "operators": [{ "uid": 61003 }] }' >"$W/viewd.json"
echo '{ "channels": ["web"], "purposes": ["analytics"], "text_version": 1 }' >"$W/words.json"
start viewd "$W/viewd.err" "$BIN/scrim-viewd" --config "$W/viewd.json"
await 5 test -S "$W/ask.sock"
as() { setpriv --reuid "$1" --clear-groups "${@:2}" >"$W/out" 2>&1; }
if ! as 61002 test -x "$W/scrim" || ! as 61002 test -w "$W/ask.sock"; then
	skip "a stranger at the operators' socket" "the folder of the test is closed to others"
	tap_done
	exit
fi
ok "an operator is answered" as 61003 "$W/scrim" collect rebuild --viewd "$W/ask.sock"
is "who feeds may feed" "$(as 61002 "$W/feed_sender" release "$W/feed.sock"; echo $?)" 1
attack "who feeds has all made anew" as 61002 "$W/scrim" collect rebuild --viewd "$W/ask.sock"
attack "who feeds releases what a rule set aside" as 61002 "$W/scrim" collect release 0000000000000001 --because mistake --viewd "$W/ask.sock"
attack "somebody else does" as 65534 "$W/scrim" collect release 0000000000000001 --because mistake --viewd "$W/ask.sock"
no "who asks may not feed" as 61003 "$W/feed_sender" release "$W/feed.sock"
tap_done
