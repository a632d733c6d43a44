#!/bin/bash
# Virtual numbers at a terminal: an order system binds, looks, prints a label,
# completes and ends, with the command line alone; what is refused says so.
. "$(dirname "$0")/../lib/world.sh"

WORLD_PHONE='{ "home": "44", "pools": [
	{ "name": "labels", "mode": "AXE", "ext_digits": 4, "dial": ["44"], "numbers": [{ "number": "+441632960001", "count": 2 }] },
	{ "name": "pairs", "mode": "AXB", "dial": ["44"], "numbers": [{ "number": "+441632960010" }] },
	{ "name": "single", "mode": "AXN", "dial": ["44"], "numbers": [{ "number": "+441632960020" }] } ] }'
world_new
world_order_routes "http://127.0.0.1:$PEER_PORT" | world_routes -
jq '.principals += [ { name: "switch", role: "telephony", socket: true } ]
	| .listen += [ { address: "unix:run/telephony.sock", principal: "switch" } ]' "$W/scrim.json" >"$W/new.json" &&
	mv "$W/new.json" "$W/scrim.json"
start_peer orders order_system "$PEER_PORT"
world_up
await 10 test -S "$W/run/telephony.sock"
export SCRIM_CONFIG=$W/scrim.json
cd "$W/tmp" || bail "no folder"

OMS="--key $W/keys/order_system.key"
NUMBER=07700900123
# scrim WANTED-CODE args...: what it says is in out and err
scrim() {
	local want=$1 rc
	shift
	"$BIN/scrim" "$@" >out 2>err
	rc=$?
	[ $rc = "$want" ] || { echo "# exit code $rc, wanted $want"; sed 's/^/# /' err; return 1; }
}
says() { grep -qF -- "$1" err; }
shows() { grep -qE -- "$1" out; }
one_line() { [ "$(wc -l <"$1")" = 1 ]; }

# ---- binding -----------------------------------------------------------------------
# shellcheck disable=SC2086
{
ok "an order gets a number" scrim 0 phone bind $OMS --pool labels --order A1 $NUMBER
ok "with an extension, an end and an id" grep -qE $'^\\+44163296000[12]-[0-9]{4}\t20[0-9-]*T[0-9:]*Z\t[0-9a-f]{32}$' out
cut -f1 out >first
ID=$(cut -f3 out)
ok "the same order and person, the same number" scrim 0 phone bind $OMS --pool labels --order A1 +447700900123
is "indeed" "$(cut -f1 out)" "$(cat first)"
ok "a token is as good as a number" bash -c "'$BIN/scrim' seal $OMS --class phone --purpose order_processing $NUMBER |
	'$BIN/scrim' phone bind $OMS --pool labels --order A2 >out"
ok "it has a number of its own" bash -c "[ -s out ] && ! cut -f1 out | grep -qxFf first"
ok "a TTL is a time" scrim 0 phone bind $OMS --pool labels --order A3 --ttl 36h $NUMBER
ok "with its unit" scrim 2 phone bind $OMS --pool labels --order A9 --ttl 15 $NUMBER
ok "which is said" says 'a time such as 15d'
ok "and then it is taken" scrim 0 phone bind $OMS --pool labels --order A3 --ttl 36h $NUMBER
is "of so long" "$(($(date -d "$(cut -f2 out)" +%s) - $(date +%s) > 129500))" 1
ok "JSON is scrimd's own answer" scrim 0 phone bind $OMS --pool labels --order A1 --json $NUMBER
is "of one item" "$(jq -r '.items | length, .[0].status' out | paste -sd' ')" "1 same"
ok "a pair needs two" scrim 1 phone bind $OMS --pool pairs --order P1 $NUMBER
ok "which is said" says 'the pool joins two'
ok "what cannot be dialled is refused" scrim 1 phone bind $OMS --pool labels --order A4 +15550100
ok "and says so, and what that means" says 'item 1: number_invalid: this is no person'\''s telephone number within the pool'\''s'
ok "in one line" one_line err
no "and does not repeat it" says 5550100
ok "a pool that is not there" scrim 1 phone bind $OMS --pool nowhere --order A4 $NUMBER
ok "is named as that" says pool_unknown
ok "one number, one person" scrim 0 phone bind $OMS --pool single --order S1 $NUMBER
ok "then it is exhausted" scrim 1 phone bind $OMS --pool single --order S2 07700900124
ok "and says so" says 'item 1: pool_exhausted'
ok "a virtual number is nobody's" scrim 1 phone bind $OMS --pool labels --order A4 +441632960020
ok "a carrier may not bind" scrim 4 phone bind --key "$W/keys/carrier.key" --pool labels --order A5 $NUMBER
ok "and is told why, in scrimd's words" says 'scrimd answers 403: Forbidden: no rule allows this'
ok "nor for a purpose that is none" scrim 1 phone bind $OMS --purpose nonsense --pool labels --order A5 $NUMBER
ok "which is told too" says 'the policy has no purpose of that name'
ok "nor may nobody" scrim 4 phone bind --pool labels --order A5 $NUMBER

# ---- many, from standard input ----------------------------------------------------------
for i in {100..219}; do printf '{"order_ref":"B%d","a":"+447700900%d"}\n' "$i" "$i"; done >many
sed -i '60s/.*/{"order_ref":"B-bad","a":"12"}/; 61s/.*/{"order_ref":"B-pool","a":"07700900161","pool":"single"}/' many
"$BIN/scrim" phone bind $OMS --pool labels - <many >out 2>err
is "of 120 lines two are refused" "$?" 1
is "a line in, a line out" "$(wc -l <out)" 120
is "two of them empty" "$(grep -c '^$' out)" 2
is "the right ones" "$(grep -n '^$' out | cut -d: -f1 | paste -sd,)" 60,61
ok "with their numbers" says 'item 60: '
ok "what the line says goes before the option" says 'item 61: pool_exhausted'
is "no number twice" "$(grep . out | cut -f1 | sort | uniq -d)" ""
ok "plain lines belong to --order" bash -c "printf '07700900124\r\n07700900125' | '$BIN/scrim' phone bind $OMS --pool labels --order C1 >out"
is "all of them" "$(grep -c . out)" 2
ok "without an order they belong to nobody" bash -c "! echo 07700900124 | '$BIN/scrim' phone bind $OMS --pool labels 2>err"
ok "which is said, with what to do" says 'say whose numbers these are: --order REF'
ok "a line that is no JSON" bash -c "! echo '{\"a\":' | '$BIN/scrim' phone bind $OMS --pool labels 2>err"
ok "is told with its number" says 'item 1, column'

# ---- looking ---------------------------------------------------------------------------------
ok "a binding by its id" scrim 0 phone show $OMS "$ID"
ok "tells its state" shows '^state +live$'
ok "and its order" shows '^order_ref +A1$'
ok "and whom it leads to, masked" shows '^a +\+44\*+0123$'
no "but not the real number" grep -q 7700900123 out
ok "those of an order" scrim 0 phone show $OMS --order C1
is "are two" "$(grep -c '^id ' out)" 2
ok "in JSON as well" scrim 0 phone show $OMS --order C1 --json
is "as scrimd says it" "$(jq '.items | length' out)" 2
ok "an order that has none" scrim 1 phone show $OMS --order NONE
ok "is told as that" says 'that order has no binding'
ok "an id that is none" scrim 1 phone show $OMS 00
ok "an order's name may have any characters" scrim 0 phone bind $OMS --pool labels --order 'D 1/&?=%' $NUMBER
ok "and is found by it" scrim 0 phone show $OMS --order 'D 1/&?=%'
ok "pools are a table" scrim 0 phone pool $OMS
is "of three rows and a head" "$(wc -l <out)" 4
ok "which says how many are taken" shows '^labels +AXE +[0-9]+ +12[0-9] +0 '
ok "one pool in full" scrim 0 phone pool $OMS labels
ok "has its numbers" shows '^\+441632960002 +active, '
ok "a pool that is not there" scrim 1 phone pool $OMS nowhere
ok "simulated as it is configured" scrim 0 phone simulate --pool labels --orders-per-day 100 --days 30 --json
is "with its numbers and digits" "$(jq -c '[.numbers, .settings.ext_digits, .settings.ttl_s]' out)" '[2,4,1296000]'
ok "a pool of pairs is not simulated" scrim 2 phone simulate --pool pairs

# ---- what telephony would be told --------------------------------------------------------------
X=$(cut -d- -f1 first) EXT=$(cut -d- -f2 first) SWITCH="--socket $W/run/telephony.sock"
ok "a call is connected" scrim 0 phone route $SWITCH --caller +447700900200 --call t1 "$X" "$EXT"
ok "to whom and how it is shown" shows "^connect  answer connect  to \\+447700900123  display \\$X "
ok "a wrong extension is refused" scrim 1 phone route $SWITCH --caller +447700900201 --call t2 "$X" "$(printf %04d $(((10#$EXT + 1) % 10000)))"
ok "as nobody's" shows '^reject  answer nobody  sip 404'
ok "without one it is asked for" scrim 0 phone route $SWITCH --caller +447700900201 --call t3 "$X"
ok "by telephony" shows '^collect  answer collect  sip 484'
ok "who withholds the number is refused" scrim 1 phone route $SWITCH --call t4 "$X" "$EXT"
ok "as that" shows '^reject  answer withheld  sip 433'
ok "another call under the same id is none" scrim 1 phone route $SWITCH --caller +447700900201 --call t1 "$X" "$EXT"
ok "but a replay" shows "^reject  answer replayed  sip 482"
ok "in JSON" scrim 0 phone route $SWITCH --caller +447700900200 --call t5 --json "$X" "$EXT"
is "as scrimd says it" "$(jq -r .action out)" connect
ok "a text as well" scrim 2 phone route $SWITCH --kind LETTER --caller +447700900200 "$X" "$EXT"

# ---- a label -----------------------------------------------------------------------------------
printf '{"receiver":{"name":"张三","phone":"138****5678","address":"星光路887号"}}' >waybill.json
ok "a label by order" scrim 0 phone label $OMS --order A1 waybill.json
ok "has the number that was given" grep -qF "<title>tel:$(sed 's/-/,/' first)</title>" out
ok "and its last day" grep -qE '有效期至 20[0-9-]{8}' out
ok "a label by id" scrim 0 phone label $OMS --id "$ID" waybill.json
ok "is the same label" grep -qF "<title>tel:$(sed 's/-/,/' first)</title>" out
ok "a number without an extension is good when scrimd says it" scrim 0 phone label $OMS --order S1 waybill.json
ok "as it is" grep -qF '<title>tel:+441632960020</title>' out
ok "an order with two" scrim 1 phone label $OMS --order C1 waybill.json
ok "wants an id" says 'has 2 bindings'
ok "an order with none has no label" scrim 1 phone label $OMS --order NONE waybill.json

# ---- the end -----------------------------------------------------------------------------------
ok "a parcel arrives" scrim 0 phone complete $OMS --order A2
is "one binding lives on for a while" "$(cat out)" "completed: 1"
ok "an order is cancelled" scrim 0 phone end $OMS --order C1
is "both end" "$(cat out)" "ended: 2"
ok "ended again" scrim 0 phone end $OMS --order C1
ok "it is told that nothing was live" says 'nothing was live: it has ended before'
ok "as of an order that never was" scrim 0 phone complete $OMS --order NEVER
ok "in the same words" says 'nothing was live: it has ended before'
ok "one ends by its id" scrim 0 phone end $OMS "$ID"
ok "and rests" scrim 0 phone show $OMS "$ID"
ok "as can be seen" shows '^state +cooling$'
ok "no label for it" scrim 1 phone label $OMS --id "$ID" waybill.json
ok "and it says why" says 'has ended'
}
# ---- scrimd goes away between two batches ------------------------------------------------------
mkfifo lines
# shellcheck disable=SC2086
"$BIN/scrim" phone bind $OMS --pool labels - <lines >out 2>err &
BINDING=$!
exec 9>lines
sed -n 1,50p many >&9
ok "the first are answered while more are to come" await 10 eval '[ "$(wc -l <out)" = 50 ]'
stop scrimd
sed -n 51,100p many >&9
exec 9>&-
wait "$BINDING"
is "then nobody is there" "$?" 3
ok "which is told, and how far it came" says 'the first 50 were answered; all of them may be sent again'
world_down
# shellcheck disable=SC2086
ok "a scrimd that is away" scrim 3 phone bind $OMS --pool labels --order A1 $NUMBER
no "nothing of a number in what was said" grep -q "$NUMBER" err
tap_done
