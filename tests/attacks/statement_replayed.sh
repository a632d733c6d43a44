#!/bin/bash
# A gateway that was taken over has the statements that passed through it, and uses them again:
# as they are, for other questions, later, and with another keyd.
# weakness: statement-replayed
. "$(dirname "$0")/../lib/attack.sh"
. "$(dirname "$0")/../lib/statements.sh"

statement_world
for i in {1..5}; do
	statement_taken "$W/s$i"
	as_fraud --statement "$W/s$i" <"$W/few" >"$W/out$i"
done
is "each opens what it was signed for" "$(cat "$W"/out? | grep -c '^ok reveal 1101')" 25
attack "the same ids again, by a statement that was used" opens "$W/few" --statement "$W/s5"

# none of these is let through by that: they hold in both builds
statement_taken "$W/s6"
otherwise() { # args that come behind ours and win
	[ "$(opened "$(as_fraud --statement "$W/s6" "$@" <"$W/few")")" = 0 ]
}
ok "for another purpose it opens nothing" otherwise --purpose service
ok "nor for another ticket" otherwise --ticket T-18
ok "nor with a reason that nobody gave" otherwise --reason curiosity
ok "nor in another's name" otherwise --principal finance-1
ok "nor in another role" otherwise --role privacy_officer --purpose audit
ok "nor as an export" otherwise --op export
# from before keyd's start, which has forgotten what was used; it starts in a later moment
stop keyd
start_keyd
await 20 ready || bail "keyd does not come back"
ok "nor after keyd's next start" otherwise
# another keyd of the same tenant, with the same callers
statement_taken "$W/s6"
stop keyd
jq '.origin = "scrim/demo/keyd-b"' "$W/keyd.json" >"$W/keyd.new" && mv "$W/keyd.new" "$W/keyd.json"
mv "$W/run/keyd" "$W/run/keyd-a" && mkdir "$W/run/keyd" && mv "$W/keys/root.json" "$W/keys/root-a.json"
keyd_init
start_keyd
await 20 eval '"$BIN/scrim" keys status --config "$W/scrim.json" >"$W/log/status" 2>&1' || bail "the other keyd does not start"
ok "nor with another keyd" otherwise
told() { "$BIN/scrim" audit show --config "$W/scrim.json" --keyd --json | grep -q 'the statement is for another keyd'; }
ok "which tells that" await 20 told
tap_done
