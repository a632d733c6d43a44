#!/bin/bash
# Four thousand people are opened in one request: keyd's log names each, `audit show --subject` finds
# each, and a keyd that is killed in the middle leaves no opening whose people it does not name.
. "$(dirname "$0")/../lib/world.sh"

N=4096
world_new
jq '.gateways[0].people_per_day = { all: 1000000, T2: 1000000, T3: 1000000 }' "$W/keyd.json" >"$W/tmp/k" && mv "$W/tmp/k" "$W/keyd.json"
echo '[]' | world_routes -
world_up

hacked() { # OP WHAT args...: a client of keyd's own frames, which asks for as much in one as it is given
	"$TOOLS/hacked_gateway" --socket "$W/run/keyd.sock" --policy "$W/policy.json" --keys "$W/keys" "${@:3}" --op "$1" "$2" 2>/dev/null
}
seal() { hacked write seal --role shop --purpose order_processing --class address | cut -d' ' -f3; }
look() { hacked read open --role order_system --purpose delivery; }
show() { "$BIN/scrim" audit show --config "$W/scrim.json" "$@" 2>"$W/said"; }

seq $N | sed 's/.*/c-&\t& Example Street/' | split -l 2048 - "$W/tmp/people."
for f in "$W"/tmp/people.*; do seal <"$f"; done >"$W/tokens"
is "4,096 people have an address" "$(grep -c '^sct1-' "$W/tokens")" $N
is "all of which are opened in one request" "$(look <"$W/tokens" | grep -c '^ok reveal')" $N
show --keyd --kind reveal --json >"$W/reveals"
is "which are a few records, one for each message to keyd" "$(jq -s 'map(.entry.what.subjects_total) | add' "$W/reveals")" $N
ok "far more than they have room for" [ "$(jq -s 'map(.entry.what.parts) | add' "$W/reveals")" -ge 18 ]

# Everybody whom the log names, with the list's root made anew from RFC 6962 alone: of each opening
# its index, how many it says, how many there are, and whether the root holds.
cat >"$W/tmp/lists.py" <<'END'
import hashlib, json, sys
sha = lambda b: hashlib.sha256(b).digest()
def root(v):
    if not v: return sha(b"")
    if len(v) == 1: return v[0]
    k = 1 << (len(v) - 1).bit_length() - 1
    return sha(b"\1" + root(v[:k]) + root(v[k:]))
before = []
for line in sys.stdin:
    e = json.loads(line)
    i, e = e["index"], e["entry"]
    what = e.get("what", {})
    if e["kind"] == "people":
        if what["parts"] == 1: before = []
        before.append(what["subjects"])
        continue
    if e["kind"] == "reveal":
        named = what.get("subjects", []) + [h for part in before for h in part]
        whole = "parts" not in what or (len(before) == what["parts"] and
            root([sha(b"\0" + bytes.fromhex(h)) for h in named]).hex() == what["subjects_root"])
        if sys.argv[1:] == ["names"]: print(*named)
        else: print(i, what.get("subjects_total", len(named)), len(set(named)), "whole" if whole else "torn")
    before = []
END
lists() { show --keyd --json | python3 "$W/tmp/lists.py"; }
lists >"$W/lists"
is "and all of them are named, under each record's root" "$(awk '$4 == "whole" { n += $3 } END { print n }' "$W/lists")" $N

# whose handle is whose, the log tells where few were sealed for
for i in 1 16 17 240 241 2048 4095 4096; do
	printf 'c-%d\tanother of %d\n' $i $i | seal >/dev/null
done
await 10 eval '[ "$(show --keyd --kind seal --json | jq -r "select(.entry.what.subjects | length < 16).entry.what.subjects[]" | sort -u | wc -l)" -ge 8 ]'
show --keyd --kind seal --json | jq -r 'select(.entry.what.subjects | length < 16).entry.what.subjects[]' | sort -u >"$W/handles"
is "eight of them are known by handle" "$(wc -l <"$W/handles")" 8
found=0
while read -r h; do
	[ "$(show --keyd --kind reveal --subject "$h" --json | wc -l)" = 1 ] && found=$((found + 1))
done <"$W/handles"
is "and each is found in it" $found 8
h=$(head -1 "$W/handles")
is "also from that entry on" "$(show --keyd --kind reveal --since "$(show --keyd --kind reveal --subject "$h" --json | jq .index)" --subject "$h" --json | wc -l)" 1
is "somebody else is not" "$(show --keyd --kind reveal --subject 00112233445566778899aabbccddeeff; echo $?)" 0
# scrimd's own record names sixteen, and does not say of anybody that they were not among them
head -20 "$W/tokens" | jq -Rn '{ items: [ inputs | { token: . } ] }' >"$W/tmp/twenty"
world_curl order_system -H 'Scrim-Purpose: delivery' --data-binary @"$W/tmp/twenty" "$URL/v1/reveal" >"$W/tmp/answer"
is "twenty are opened through scrimd" "$(jq '[.items[] | select(.status == "ok")] | length' "$W/tmp/answer")" 20
await 10 eval '[ "$(show --kind reveal --json | wc -l)" = 1 ]'
show --keyd --json | python3 "$W/tmp/lists.py" names | tail -1 | tr ' ' '\n' >"$W/tmp/names"
is "whom keyd's log names" "$(wc -l <"$W/tmp/names")" 20
h=$(tail -1 "$W/tmp/names")
is "one beyond the sixteen is not said to be nobody" "$(show --kind reveal --subject "$h"; echo $?)" 1
ok "but to be looked for in keyd's log" grep -q "keyd's log tells (--keyd)" "$W/said"
is "where they are" "$(show --keyd --kind reveal --subject "$h" --json | tail -1 | jq .index)" "$(jq .record "$W/tmp/answer")"
is "one of the sixteen is found in both" "$(show --kind reveal --subject "$(head -1 "$W/tmp/names")" --json | wc -l)" 1
# and all of them through scrimd, in one request
jq -Rn '{ items: [ inputs | { token: . } ] }' <"$W/tokens" >"$W/tmp/everybody"
world_curl order_system -H 'Scrim-Purpose: delivery' --data-binary @"$W/tmp/everybody" "$URL/v1/reveal" >"$W/tmp/answer"
is "4,096 people are opened in one request to scrimd" "$(jq '[.items[] | select(.status == "ok")] | length' "$W/tmp/answer")" $N
req=$(jq -r .request_id "$W/tmp/answer")
await 10 eval '[ "$(show --request "$req" --json | wc -l)" -ge 1 ]'
is "scrimd's record says how many, and names sixteen" "$(show --request "$req" --json | tail -1 | jq -r '"\(.entry.what.records) \(.entry.what.subjects | length)"')" "$N 16"
is "and the last of keyd's" "$(show --request "$req" --json | tail -1 | jq .entry.outcome.keyd)" "$(show --keyd --request "$req" --kind reveal --json | tail -1 | jq .index)"
lists >"$W/lists"
is "and keyd's name each, under its records' roots" "$(show --keyd --request "$req" --kind reveal --json | jq .index | while read -r i; do grep "^$i " "$W/lists"; done | awk '$4 == "whole" { n += $3 } END { print n }')" $N
missed=0
while read -r h; do
	[ "$(show --keyd --kind reveal --request "$req" --subject "$h" --json | wc -l)" = 1 ] || missed=$((missed + 1))
done <"$W/handles"
is "by whose handles they are found" $missed 0
h=$(head -1 "$W/handles")
is "parts are shown where they are asked for" "$(show --keyd --kind people --json | wc -l)" "$(show --keyd --kind reveal --json | jq -s 'map(.entry.what.parts) | add')"

# killed in the middle, again and again
: >"$W/answers"
for i in $(seq 12); do
	(look <"$W/tokens" | grep -c '^ok reveal' >>"$W/answers") &
	asked=$!
	sleep "0.0$((i % 9))"
	stop keyd KILL
	wait $asked
	start_keyd
	await 20 test -S "$W/run/keyd.sock"
	await 20 eval 'head -1 "$W/tokens" | look | grep -q "^ok reveal"'
done
sleep 1.5
lists >"$W/lists"
is "no opening is torn" "$(grep -vc whole "$W/lists")" 0
is "nor names fewer than it says" "$(awk '$2 != $3' "$W/lists")" ""
answered=$(grep -c "^$N$" "$W/answers")
ok "whoever was answered is recorded" [ "$(awk '$3 > 1 { n += $3 } END { print n + 0 }' "$W/lists")" -ge $((N * answered)) ]
ok "and the log verifies" logs_verified --config "$W/scrim.json"
PY=$ROOT/tests/lib/verify_logs.py SPECS=("scrimd=demo/scrimd=$W/run/log" "keyd=scrim/demo/keyd=$W/run/keyd/log")
if python3 -c 'import cryptography' 2>/dev/null; then
	world_down
	is "so says an independent verifier, which makes the roots anew" "$(python3 "$PY" word "${SPECS[@]}" --pin "$W/run/keyd/log/vkey" 2>&1 | head -1)" verified
	# keyd's log by somebody who has its key, and leaves the second part of each list out
	printf 'scrim.audit/trust@v1\n' >"$W/none"
	for drop in nothing-of-that '"parts":2}'; do
		rm -rf "$W/forged" && python3 "$PY" forge "$W/run/keyd/log" "$W/entries" scrim/demo/keyd "$drop" && "$TOOLS/log_writer" "$W/forged" scrim/demo/keyd 7 all <"$W/entries" >/dev/null
		"$BIN/scrim" audit verify --json --log "$W/run/log" --keyd-log "$W/forged" --vkey "$W/forged/vkey" --trust "$W/none" >"$W/words" 2>/dev/null
		echo "$(jq -r '.[] | select(.log == "keyd") | "\(.word) \(.why // "")"' "$W/words")"
		python3 "$PY" word "keyd=scrim/demo/keyd=$W/forged" --pin "$W/forged/vkey" | head -1
	done >"$W/lists"
	is "by another key, with all of its entries" "$(sed -n '1s/ .*//p;2p' "$W/lists" | paste -sd' ')" "verified incomplete"
	is "without a part of each list it is broken, for both" "$(sed -n '3s/ .*//p;4p' "$W/lists" | paste -sd' ')" "broken broken"
	ok "and which it is is said" grep -qE "parts of its list of people are not right before it|stands without the one before it" "$W/lists"
else
	skip "an independent verifier says so, too" "python3-cryptography is not here: NOTHING was compared"
fi
tap_done
