#!/bin/bash
# `scrim collect`: what an operator is told and may have done, by scrimd's door and by a viewd
# that a test tool plays; what neither says is not made up.
. "$(dirname "$0")/../lib/world.sh"
world_new
S=$W/run/operator.sock

# run WANTED-CODE args...: standard output and error are kept in $W/out and $W/err.
run() {
	local want=$1
	shift
	"$BIN/scrim" collect "$@" >"$W/out" 2>"$W/err" </dev/null
	local rc=$?
	[ $rc = "$want" ] || { echo "# exit code $rc, wanted $want"; sed 's/^/# /' "$W/err"; return 1; }
}
says() { grep -q -- "$1" "$W/err"; }
told() { grep -qE -- "$1" "$W/out"; }
asked() { tail -n "${2:-1}" "$W/log/viewd.out" | grep -q -- "$1"; }
viewd() { # MODE
	stop viewd 2>/dev/null
	rm -f "$S" # one that is left says nothing of the next
	TMPDIR=$W/tmp start viewd "$W/log/viewd.err" bash -c 'exec "$0" "$1" "$2" >>"$3"' "$TOOLS/fake_viewd" "$S" "$1" "$W/log/viewd.out"
	await 5 test -S "$S"
}

# ---- without anybody ------------------------------------------------------------------
cd "$W" || bail "no folder"
unset SCRIM_CONFIG
ok "without a viewd.json it is said what is missing" run 1 rebuild
ok "and how to do without it" says "give --viewd SOCKET"
echo '{ "feed": "run/feed.sock" }' >viewd.json
ok "one without the operator's socket is no help" run 1 rebuild
ok "and it is said" says 'says no "operator"'
echo '{ "operator": "run/operator.sock" }' >viewd.json
ok "a viewd that does not run cannot be reached" run 3 rebuild
is "in one line" "$(wc -l <"$W/err")" 1
ok "too long a path is a mistake" run 2 rebuild --viewd "$(printf '/%0200d' 0)"

# ---- words ---------------------------------------------------------------------------
viewd good
ok "an event is known" run 0 why 00000000000000ab
ok "what it is" told '^event 00000000000000ab: product at 2026-11-18 12:00:00Z, shop 2, a page.s word, late$'
ok "and what is held against it, in words" told 'set aside by focus: its network looked at this product 120 times where 8.50 are usual'
ok "and what an operator said" told 'released by user 1000 \(mistake\)'
ok "digits may be capitals" run 0 why 00000000000000AB
ok "one that nothing is held against" run 0 why 00000000000000cd
ok "is told as that" told '^nothing is held against it$'
ok "one that is not there" run 1 why 00000000000000ef
ok "is not made up" says "keeps no such event"
ok "JSON of an event" run 0 why 00000000000000ab --json
is "has all of it" "$(jq -c '[.event, .kind, .shop, .late, (.verdicts | map(.action)), .verdicts[0].n]' "$W/out")" \
	'["00000000000000ab","product",2,true,["quarantine","release"],120]'
ok "a rule" run 0 why focus
is "is told by its newest twenty" "$(grep -c 'set aside by focus' "$W/out")" 20
ok "and how many they are" told '^quarantined: 40$'
ok "or by as many as are wanted" run 0 why focus --limit 3 --json
is "which are then all there are" "$(jq -c '[(.verdicts | length), .quarantined]' "$W/out")" '[3,40]'
ok "a rule that found nothing" run 1 why ring
ok "neither an event nor a rule is wrong usage" run 2 why 0ab
ok "and the rules are listed" says "focus, barren, ring, replay"
ok "no event has the number 0" run 2 why 0000000000000000
ok "which one must be said" run 2 why
ok "and one way" run 2 why focus --message m --site web
ok "an id is its site's" run 2 why --message m1
ok "and a site alone names nothing" run 2 why --site web

# ---- what is done ----------------------------------------------------------------------
ok "an event is released" run 0 release 00000000000000ab --because mistake
ok "and it is said" told '^released: 00000000000000ab, which focus had set aside$'
ok "viewd heard which and why" asked "question 4 event 00000000000000ab rule 0 because 1"
ok "all of a rule is condemned" run 0 condemn focus --because attack
ok "viewd heard that" asked "question 5 event 0000000000000000 rule 18 because 5"
ok "without a reason nothing is done" run 2 release focus
ok "and the words are listed" says "mistake, known_partner, complaint, test, attack"
ok "a text is no reason" run 2 release focus --because "Ann Example asked"
ok "and is not repeated" bash -c "! grep -q Ann '$W/err'"
ok "what viewd does not take from this user is refused" run 4 condemn barren --because test
ok "what it is at work on" run 1 release 0000000000000001 --because test
ok "what is gone" run 1 release 0000000000000002 --because test
ok "is told so" says "keeps no such event"
ok "what is dropped must be meant" run 2 drop focus
ok "and is then not even asked" asked "question 4 event 0000000000000002"
ok "a rule's is dropped" run 0 drop focus --yes
ok "and viewd heard it" asked "question 6 event 0000000000000000 rule 18"
ok "or all that is set aside" run 0 drop --quarantined --yes --json
is "and it is said" "$(cat "$W/out")" '{"done":"dropped","events":40}'
ok "one or the other" run 2 drop focus --quarantined --yes
ok "or none" run 2 drop --yes
ok "features are made anew" run 0 rebuild
ok "and what they came to" told '^rebuilt from 1000 frames: 34 people, digest 0123456789abcdef$'

# ---- answers that are none ---------------------------------------------------------------
for mode in torn sum alien behind; do
	viewd $mode
	ok "an answer that is $mode is no answer" run 1 release focus --because mistake
	ok "and nothing is said to be done" bash -c "! grep -q released '$W/out'"
done
viewd hang-up
ok "a viewd that hangs up refuses" run 4 rebuild
stop viewd

# ---- with scrimd --------------------------------------------------------------------------
mkdir -p "$W/data"
cp "$ROOT/tests/data/words.json" "$W/words.json"
world_order_routes "http://127.0.0.1:$PEER_PORT" >"$W/routes.json"
world_routes "$W/routes.json"
jq '.collect = { feed: "unix:run/feed.sock", store: "sqlite:run/collect.db", spool: "run/spool", words: "words.json",
	purpose: "analytics", role: "collector", operators: ["operator-1"],
	sites: [ { name: "web", write_key: "wk_web_0001", origins: ["https://shop.example"], events: "*", per_minute: 600, zone: "UTC" } ] }' \
	"$W/scrim.json" >"$W/with.json" && mv "$W/with.json" "$W/scrim.json"
viewd good
world_up
K=(--key "$W/keys/operator.key")
# three of them: a name that came once is told nobody
jq -n '{ batch: [ range(3) | { type: "track", event: "Product Viewed", messageId: "m-\(.)", anonymousId: "a-1",
	timestamp: (now | todate), properties: { product_id: "p1", secret_note: "x" } } ] }' >"$W/tmp/batch"
curl -s --cacert "$W/keys/tls.crt" -u wk_web_0001: -H 'Origin: https://shop.example' --data-binary "@$W/tmp/batch" "$URL/v1/batch" >/dev/null
settled() { "$BIN/scrim" collect status --json "${K[@]}" | jq -e '.scrimd.refused.no_consent == 3 and (.scrimd.dropped | length) > 0' >/dev/null 2>&1; }
await 15 settled
ok "both are asked for the status" run 0 status "${K[@]}"
ok "scrimd tells what came in" told '^  came in +3$'
ok "and why it was refused" told '^    no_consent +3$'
ok "that viewd's feed is not there" told 'is not connected: what comes in waits'
ok "the names of what stayed outside" told '^    secret_note +3$'
ok "and viewd what it keeps" told '^    product +900$'
ok "all of a reason is one line" told '^    bot_agent +9$'
ok "whom it has features of now, between snapshots" told '^  people, as of now +33$'
ok "and who waits for the next" told '^    waiting for a snapshot +2$'
ok "as JSON" run 0 status --json "${K[@]}"
is "with both" "$(jq -c '[.scrimd.taken, .scrimd.refused.no_consent, (.viewd | map(select(.of == "refused"))), (.viewd | map(select(.of == "digest"))[0].value)]' "$W/out")" \
	'[3,3,[{"of":"refused","rule":"bot_agent","kind":"product","value":7},{"of":"refused","rule":"bot_agent","kind":"page","value":2}],"0123456789abcdef"]'
ok "who is no operator is not told" run 4 status --key "$W/keys/marketing.key"
ok "but who would be" says 'collect.operators names them'
ok "and what viewd says stands there all the same" told '^    product +900$'
ok "a message's number is scrimd's to say" run 1 why --message m-1 --site web "${K[@]}"
number=$(curl -s --cacert "$W/keys/tls.crt" -H "Authorization: Bearer $(cat "$W/keys/operator.key")" "$URL/v1/collect/number?site=web&message=m-1" | jq -r .event)
ok "and viewd is asked for that" asked "question 2 event $number"
ok "an id may have any characters" run 1 why --message 'm&site=x %' --site web "${K[@]}"
ok "and is another" bash -c "! tail -1 '$W/log/viewd.out' | grep -q 'event $number'"
ok "an order has a number too" run 1 why --order 'O 1/é' "${K[@]}"
number=$(curl -s --cacert "$W/keys/tls.crt" -H "Authorization: Bearer $(cat "$W/keys/operator.key")" "$URL/v1/collect/number?order=O%201%2F%C3%A9" | jq -r .event)
ok "and viewd is asked for that as well" asked "question 2 event $number"
ok "a message and an order are two questions" run 2 why --message m-1 --site web --order O-1 "${K[@]}"
ok "a site must be known" run 1 why --message m-1 --site wab "${K[@]}"
viewd good
ok "a snapshot is waited for" run 0 snapshot "${K[@]}"
ok "and told" told '^snapshot 8 of 2026-11-18 12:00:00Z: 34 people, digest 0123456789abcdef$'
is "viewd was asked until it had one" "$(tail -n 3 "$W/log/viewd.out" | grep -c 'question 1')" 3
viewd good
ok "who may not is refused before anything is waited for" run 4 snapshot --key "$W/keys/shop.key"
is "viewd was asked but once" "$(tail -n 3 "$W/log/viewd.out" | grep -c 'question 1')" 3
stop viewd
ok "without viewd the door's status is told" run 3 status "${K[@]}"
ok "all of it" told '^  came in +3$'
ok "and no snapshot is begun that nobody would see" run 3 snapshot "${K[@]}"
tap_done
