#!/bin/bash
# A gateway was taken over: whoever did it has scrimd's user, its files, ten callers' keys that
# passed through it and the handles they were proved as, and a client of some sixty lines. It
# opens no sensitive value of 10,000; of 10,000 people of long ago no more than may return a day;
# and of 10,000 others what the nodes' ceilings allow: on new connections, after restarts, as
# either node, and with the clock set back and forth.
. "$(dirname "$0")/../lib/world.sh"

N=10000 ALL=60 RETURNING=5
CALLERS="shop order_system carrier telephony support support_lead fraud finance privacy_officer auditor"
CLOCK="66 68 71 73 70" # set back, forth and back: five days are named, and none has its own allowance

world_new
clock_new
clock_noon
jq --argjson returning $RETURNING '.gateways[0] |= (.returning_per_day = $returning |
	.people_per_day = { T2: 40 }) | .gateways += [ .gateways[0] + { node: "west" } ]' \
	"$W/keyd.json" >"$W/tmp/k" && mv "$W/tmp/k" "$W/keyd.json"
echo '[]' | world_routes -
world_up

hacked() { # NODE ROLE PURPOSE WHAT args...
	"$TOOLS/hacked_gateway" --socket "$W/run/keyd.sock" --policy "$W/policy.json" --node "$1" --role "$2" \
		--purpose "$3" "${@:5}" "$4" 2>/dev/null
}

# ---- what there is ------------------------------------------------------------------------

values() { # PREFIX WORDS: SUBJECT<tab>VALUE for each person
	seq $N | sed "s/.*/$1-&\t$2 &/"
}
seal() { # CLASS FILE OUT, in calls as large as may be
	local part
	split -l 4000 "$2" "$W/tmp/part."
	for part in "$W"/tmp/part.*; do
		hacked scrimd shop order_processing seal --keys "$W/keys" --op write --class "$1" <"$part" | cut -d' ' -f3
	done >"$3"
	rm -f "$W"/tmp/part.*
}
values old 'Old Example Street' >"$W/old"
values young 'Young Example Street' >"$W/young"
values old 'X' >"$W/papers"
seal address "$W/old" "$W/old.tokens"
seal passport "$W/papers" "$W/papers.tokens"
is "10,000 people ordered long ago" "$(grep -c '^sct1-' "$W/old.tokens")" $N
is "and left what is sensitive" "$(grep -c '^sct1-' "$W/papers.tokens")" $N

restart() { stop keyd && start_keyd && await 20 test -S "$W/run/keyd.sock"; }
clock_ahead 70
clock_runs 70 # and keyd lives through them
sleep 2.5
seal address "$W/young" "$W/young.tokens"
is "10,000 others did today" "$(grep -c '^sct1-' "$W/young.tokens")" $N

# ---- what is opened ----------------------------------------------------------------------

# Everybody's key and some that keyd cannot check, for what each may see most of.
try() { # TOKENS NODE ROLE PURPOSE args...: the values that were opened, into $W/got
	local part tokens=$1
	shift
	split -l 4000 "$tokens" "$W/tmp/part."
	for part in "$W"/tmp/part.*; do
		hacked "$1" "$2" "$3" open "${@:4}" --reason "call back" --ticket 7 --approvals 9 <"$part"
	done | sed -n 's/^ok reveal //p' >>"$W/got"
	rm -f "$W"/tmp/part.*
}
spree() { # TOKENS
	local node
	for node in scrimd west; do
		try "$1" $node order_system delivery --keys "$W/keys"
		try "$1" $node support_lead service --keys "$W/keys"
		try "$1" $node fraud fraud_investigation --keys "$W/keys"
		try "$1" $node carrier delivery --keys "$W/keys" --op share
		try "$1" $node telephony delivery --op share
		try "$1" $node carrier delivery --op share
		try "$1" $node privacy_officer old_orders --keys "$W/keys"
	done
}
got() { grep -a "$1" "$W/got" | sort -u | wc -l; }
at_most() { [ "$(got "$1")" -le "$2" ]; }

: >"$W/got"
for role in $CALLERS; do
	for purpose in order_processing delivery service fraud_investigation settlement old_orders operations audit; do
		try "$W/papers.tokens" scrimd $role $purpose --keys "$W/keys"
	done
	try "$W/papers.tokens" west $role delivery --keys "$W/keys" --op share
	try "$W/papers.tokens" west $role order_processing --keys "$W/keys" --op export
	try "$W/papers.tokens" west $role delivery
done
is "of 10,000 sensitive values none is opened" "$(wc -l <"$W/got")" 0

for role in $CALLERS; do
	head -1 "$W/young.tokens" | "$TOOLS/session_elsewhere" "$W/run/keyd.sock" "$W/policy.json" "$W/keys/$role.key" \
		$role-1 $role delivery elsewhere
done >"$W/handles"
is "a handle that was recorded opens nothing on another connection" "$(sort -u "$W/handles")" "refused: SC_STALE"

# ---- people of long ago, with no other ceiling ----------------------------------------------

dummies() { # for everybody of long ago, so that they are not
	seal address "$W/old" "$W/tmp/dummies"
}
spree "$W/old.tokens"
is "nobody of long ago is reached" "$(got Old)" 0
dummies
some_return() { spree "$W/old.tokens"; [ "$(got Old)" -ge $RETURNING ]; }
ok "of whom something is sealed some return" await 20 some_return
restart
dummies
sleep 2
spree "$W/old.tokens"
ok "no more than the ceiling, also after a restart" at_most Old $((2 * RETURNING))
for day in $CLOCK; do
	clock_ahead $day
	restart
	dummies
	sleep 2
	spree "$W/old.tokens"
done
ok "nor with the clock set back and forth" at_most Old $((2 * RETURNING))

# ---- and everybody else -------------------------------------------------------------------

jq --argjson all $ALL '.gateways |= map(.people_per_day.all = $all)' "$W/keyd.json" >"$W/tmp/k" && mv "$W/tmp/k" "$W/keyd.json"
clock_ahead 70
restart
: >"$W/got"
spree "$W/young.tokens"
ok "of the others some are reached" [ "$(got Young)" -ge $ALL ]
spree "$W/young.tokens"
restart
spree "$W/young.tokens"
ok "and no more than both nodes' ceilings, also after a restart" at_most Young $((2 * ALL))
for day in $CLOCK; do
	clock_ahead $day
	restart
	spree "$W/young.tokens"
done
ok "nor with the clock set back and forth" at_most Young $((2 * ALL))
tap_done
