#!/bin/bash
# kill -9 of viewd or of who feeds it, two hundred times at any moment: every event that
# was durable on the gateway's side is in the event log, once.
# timeout: 600
. "$(dirname "$0")/../lib/tap.sh"
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
. "$ROOT/tests/lib/procs.sh"
BUILD=$ROOT/build/${VARIANT:-release}
BIN=$BUILD/bin
TOOLS=$BUILD/tools

KILLS=${KILLS:-200}
W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-test.XXXXXX") || bail "no temporary folder"
trap 'stop_all; rm -rf "$W"' EXIT
trap 'exit 130' INT TERM
echo '{ "tenant": "demo", "feed": "feed.sock", "operator": "ask.sock", "data": "data", "words": "words.json" }' >"$W/viewd.json"
echo '{ "channels": ["web"], "purposes": ["analytics"], "text_version": 1 }' >"$W/words.json"

start_viewd() { start viewd "$W/viewd.err" "$BIN/scrim-viewd" --config "$W/viewd.json"; }
start_sender() { start sender "$W/sender.err" "$TOOLS/feed_sender" send "$W/spool" "$W/feed.sock" "$W/acks"; }

: >"$W/acks"
start_viewd
start_sender
died=0
for ((i = 0; i < KILLS; i++)); do
	sleep "0.$((RANDOM % 3))$((RANDOM % 10))"
	[ $((RANDOM % 2)) = 0 ] && who=viewd || who=sender
	alive $who || died=$((died + 1))
	kill -9 "${PROC_PID[$who]}" 2>/dev/null
	while kill -0 "${PROC_PID[$who]}" 2>/dev/null; do sleep 0.005; done
	start_$who
done
is "none of them ended by itself" "$died" 0
stop sender KILL
acked=$(sort -n "$W/acks" | tail -1)
put=$("$TOOLS/feed_sender" finish "$W/spool" "$W/feed.sock")
is "what was put is handed over when both go on" "$?" 0
stop viewd
read -r events distinct highest < <("$TOOLS/feed_sender" count "$W/data")
ok "something was handed over ($put events)" test "$put" -gt 1000
ok "what was durable was not lost ($acked)" test "$put" -ge "$acked"
is "each event is in the log once" "$events $distinct $highest" "$put $put $put"
ok "and the log is sound" "$BIN/scrim-viewd" --config "$W/viewd.json" --check
no "nobody found anything broken" grep -E '"eventlog.broken"|frames_lost|frames_unknown|not_understood' "$W/viewd.err" "$W/sender.err"
tap_done
