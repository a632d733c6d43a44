#!/bin/bash
# What people consent to: said by a back end, told to who may see it, asked before
# anything is learned from them and by rules of the policy; taken back at once; there after
# a kill at any moment; forgotten with the person.
# timeout: 300
. "$(dirname "$0")/../lib/world.sh"
. "$(dirname "$0")/../lib/collect.sh"

world_new
# the usual rules, and one that asks: names of whoever wants to hear of campaigns
awk '/^\t"tests": \[/ { print "\t\"tests\": [] }"; exit } { print }
	/^\t"rules": \[/ { print "{ \"id\": \"who-wants-it\", \"role\": \"support\", \"purpose\": \"service\", \"class\": \"name\", \"op\": \"read\","
		print "\"effect\": \"mask\", \"when\": { \"consent\": [\"campaign\"] }, \"else\": \"drop\" }," }' \
	"$ROOT/policy/default.json" >"$W/policy.json"
jq -n --arg peer "http://127.0.0.1:$PEER_PORT" '[
	{ name: "in", match: { path: "/orders" }, upstream: $peer, purpose: "order_processing", subject: "$.buyer",
	  request: [{ at: "$.name", class: "name", do: "seal" }] },
	{ name: "out", match: { path: "/orders/*", method: "GET" }, upstream: $peer, purpose: "service", subject: "$.buyer",
	  response: [{ at: "$.name", class: "name", do: "policy" }] } ]' | world_routes -
collect_world
start_peer orders order_system "$PEER_PORT"
world_up
J='Content-Type: application/json'

ask() { # METHOD PATH [BODY] [args...]: the status; the answer is in $W/answer
	local method=$1 path=$2
	local body=()
	[ -z "${3:-}" ] || body=(--data-binary "$3")
	shift 2
	[ $# = 0 ] || shift
	world_curl "${ROLE:-shop}" --path-as-is -o "$W/answer" -w '%{http_code}' -X "$method" -H "$J" "${body[@]}" "$@" "$URL$path"
}
has() { jq -e "$1" "$W/answer" >/dev/null; }
get() { jq -r "$1" "$W/answer"; }
put() { ask PUT "/v1/subjects/$1/consents" "$2"; }
SEE=(-H 'Scrim-Purpose: order_processing')
show() { ask GET "/v1/subjects/$1/consents" '' "${SEE[@]}"; }
grant() { put "$1" "{\"purpose\":\"${2:-analytics}\",\"word\":\"grant\",\"version\":3,\"source\":\"shop-web\",\"method\":\"checkbox\"}"; }
withdraw() { put "$1" "{\"purpose\":\"${2:-analytics}\",\"word\":\"withdraw\"}"; }
granted() { show "$1" >/dev/null && get ".consents.${2:-analytics}.granted"; }

# ---- said and told ----
is "of whom nothing was said" "$(show c1)" 200
ok "nothing was granted" has '.text_version == 3 and .consents.analytics == { granted: false } and .consents.campaign.granted == false and .history == []'
SUM=$(printf 'the text' | sha256sum | cut -d' ' -f1)
is "a word is taken" "$(put c1 "{\"purpose\":\"analytics\",\"word\":\"grant\",\"version\":3,\"text_sha256\":\"$SUM\",\"time\":\"2026-11-01T10:00:00+08:00\",\"source\":\"shop-web\",\"method\":\"checkbox\",\"evidence_sha256\":\"$SUM\"}")" 200
ok "and what counts now is told" has '.consents.analytics.granted and .consents.analytics.word == "grant" and .consents.analytics.version == 3 and .consents.analytics.verified and (has("history") | not)'
is "said again" "$(put c1 "{\"purpose\":\"analytics\",\"word\":\"grant\",\"version\":3,\"text_sha256\":\"$SUM\",\"time\":\"2026-11-01T10:00:00+08:00\",\"source\":\"shop-web\",\"method\":\"checkbox\",\"evidence_sha256\":\"$SUM\"}")" 200
show c1 >/dev/null
ok "it is one word" has '.history | length == 1'
ok "with all that was said of it" has ".history[0] | .purpose == \"analytics\" and .word == \"grant\" and .time == \"2026-11-01T02:00:00.000Z\" and .source == \"shop-web\" and .method == \"checkbox\" and .text_sha256 == \"$SUM\" and .evidence_sha256 == \"$SUM\" and .verified"
is "several at once" "$(put c2 '[{"purpose":"analytics","word":"grant","version":3},{"purpose":"campaign","word":"refuse","version":2}]')" 200
ok "each for itself" has '.consents.analytics.granted and (.consents.campaign.granted | not) and .consents.campaign.word == "refuse" and .consents.campaign.version == 2'
show c2 >/dev/null
ok "the principal is the source where none is said" has '[.history[] | .source == "shop-1" and .method == "api"] | all'
is "taking it back needs no more than to say so" "$(withdraw c1)" 200
ok "and counts at once" has '(.consents.analytics.granted | not) and .consents.analytics.word == "withdraw" and .consents.analytics.version == 3'
is "an older text than is asked now" "$(put c3 '{"purpose":"analytics","word":"grant","version":2}')" 200
ok "is no consent to this one" has '(.consents.analytics.granted | not) and .consents.analytics.word == "grant"'
is "an id of any characters" "$(put 'a%2Fb%20%E5%BC%A0' '{"purpose":"analytics","word":"grant","version":3}')" 200
is "is that id" "$(granted 'a%2Fb%20%E5%BC%A0')" true
is "and no other" "$(granted 'a%20b')" false
is "a device's words" "$(ask PUT /v1/devices/d1/consents '{"purpose":"analytics","word":"grant","version":3}')" 200
is "are not a person's of that name" "$(granted d1)" false

# ---- by the command ----
export SCRIM_CONFIG=$W/scrim.json
jq_has() { jq -e "$@" >/dev/null; }
scrim() { "$BIN/scrim" consent "$@" --key "$W/keys/shop.key" --purpose "${FOR:-order_processing}" >"$W/out" 2>"$W/err"; }
printf 'a signed form' >"$W/form"
FORM=$(sha256sum <"$W/form" | cut -d' ' -f1)
FOR=analytics scrim set 'c/6 7' --to analytics --word grant --text-version 3 --evidence "$W/form" --method signature --source desk --at 2026-11-21T10:00:00+08:00
is "and taken" $? 0
ok "what counts is printed" grep -q '^analytics  *granted  *grant, text 3, 2' "$W/out"
ok "it is shown" scrim show 'c/6 7'
ok "with what was said" grep -qE "^2.*analytics +grant +text 3  desk signature  evidence ${FORM:0:16}\$" "$W/out"
FOR=analytics scrim set 'c/6 7' --to analytics --word withdraw
ok "exported" scrim export 'c/6 7'
ok "by the names of ISO/IEC TS 27560" jq_has ".[0] | .schema_version == \"ISO/IEC TS 27560:2023\" and .pii_principal_id == \"c/6 7\" and .pii_processing.purpose == \"analytics\" and .pii_processing.lawful_basis == \"consent\" and (.pii_processing.in_force | not) and ([.events[].event_state] == [\"given\", \"withdrawn\"]) and .events[0].evidence_sha256 == \"$FORM\" and .events[0].stated_time == \"2026-11-21T02:00:00.000Z\"" "$W/out"
ok "only purposes of which something was said" jq_has 'length == 1' "$W/out"
ok "in JSON as it came" scrim show 'c/6 7' --json
ok "is the answer" jq_has '.history | length == 2' "$W/out"
FOR=analytics scrim set 'c/6 7' --to analytics
is "a word is needed" $? 2
FOR=analytics scrim set 'c/6 7' --to analytics --word grant --evidence "$W/nothing"
is "and its evidence, when it is named" $? 1
FOR=campaign scrim set 'c/6 7' --to analytics --word grant --text-version 3
is "policy refuses here as there" $? 4
FOR=analytics scrim set d7 --device --to analytics --word grant --text-version 3
ok "a device's" scrim show d7 --device
ok "is a device's" grep -q '^analytics  *granted' "$W/out"
scrim show d7
ok "and no customer's" grep -q '^analytics  *not granted  *nothing was said' "$W/out"

# ---- what is wrong, and who may not ----
bad() { # BODY WHAT
	is "$2" "$(put c9 "$1")" 400
	no "$2: nothing is quoted" grep -q SECRET "$W/answer"
}
bad '{"purpose":"SECRET","word":"grant","version":3}' "a purpose that nobody is asked for"
bad '{"purpose":"analytics","word":"SECRET","version":3}' "a word that is none"
bad '{"purpose":"analytics","word":"","version":3}' "an empty word"
bad '{"purpose":"analytics","word":"grant"}' "a grant of no text"
bad '{"purpose":"analytics","word":"grant","version":4}' "a grant of a text that is not asked yet"
bad '{"purpose":"analytics","word":"grant","version":0}' "a grant of text 0"
bad '{"purpose":"analytics","word":"grant","version":3,"evidence_sha256":"SECRET"}' "a digest that is none"
bad '{"purpose":"analytics","word":"grant","version":3,"time":"SECRET"}' "a time that is none"
bad '{"purpose":"analytics","word":"grant","version":3,"source":"SECRET here"}' "a source that is no name"
bad '[]' "no word"
bad "$(jq -nc '[range(17) | { purpose: "analytics", word: "withdraw" }]')" "too many words"
bad '"SECRET"' "no object"
bad '{"purpose":"SECRET' "no JSON"
is "sixteen are not too many" "$(put c9 "$(jq -nc '[range(16) | { purpose: "analytics", word: "withdraw" }]')")" 200
is "a bad one among them: none is taken" "$(put c8 '[{"purpose":"analytics","word":"grant","version":3},{"purpose":"x","word":"grant"}]')" 400
show c8 >/dev/null
ok "none" has '.history == []'
is "who may not collect says nothing for anybody, though it may store an id" "$(ROLE=carrier ask PUT /v1/subjects/c1/consents '{"purpose":"analytics","word":"grant","version":3}' -H 'Scrim-Purpose: delivery')" 403
is "who may not see them is told nothing" "$(ROLE=carrier ask GET /v1/subjects/c1/consents '' -H 'Scrim-Purpose: delivery')" 403
is "nothing comes back out of analytics" "$(ask GET /v1/subjects/c1/consents '' -H 'Scrim-Purpose: analytics')" 403
is "a question says what for" "$(ask GET /v1/subjects/c1/consents)" 400
is "without a key" "$(curl -s --cacert "$W/keys/tls.crt" -o "$W/answer" -w '%{http_code}' "$URL/v1/subjects/c1/consents")" 401
is "another path" "$(ask PUT /v1/subjects/c1/consent '{}')" 404
is "an id of 512 bytes" "$(put "$(printf 'x%.0s' {1..512})" '{"purpose":"analytics","word":"withdraw"}')" 200
is "one more" "$(put "$(printf 'x%.0s' {1..513})" '{"purpose":"analytics","word":"withdraw"}')" 400

# ---- who does not wait for the answer ----
for i in $(seq 30); do
	CURL_MAX=0.0$((i % 10))5 put "left$((i % 3))" '[{"purpose":"analytics","word":"grant","version":3},{"purpose":"campaign","word":"refuse"}]' >/dev/null &
	CURL_MAX=0.0$((i % 7))7 show "left$((i % 3))" >/dev/null &
done
wait
is "leaves nobody without one" "$(show left1)" 200

# ---- in the log ----
records() { "$BIN/scrim" audit show --log "$W/run/$1" --json "${@:2}" 2>"$W/err" | jq -c .entry >"$W/records"; }
records log
logged() { jq -se "$1" "$W/records" >/dev/null; }
ok "the words are in the log" logged '[.[] | select(.act == "consent.set" and .what.consent != null)] | length >= 6'
ok "with what finds their proof" logged "[.[] | select(.what.consent[0].evidence? == \"$SUM\" and .what.consent[0].text == \"$SUM\" and .what.consent[0].version == 3)] | length >= 1"
ok "under a handle" logged '[.[] | select(.act == "consent.set" and .what.consent != null) | (.what.subjects | length == 1) and (.what.subjects[0] | test("^[0-9a-f]{32}$"))] | all'
ok "who was told is there too" logged '[.[] | select(.act == "consent.show" and .what.subjects != null)] | length >= 2'
no "and nobody's id" grep -qE '"c1"|a/b|%E5' "$W/records"

# ---- asked before anything is learned ----
order() { # ID ACCOUNT
	erp_post "{\"batch\":[{\"type\":\"track\",\"event\":\"Product Viewed\",\"messageId\":\"$1\",\"userId\":\"$2\",\"timestamp\":\"$(now_iso)\",\"properties\":{\"product_id\":\"p1\"}}]}" >/dev/null
}
events() { spooled 1; }
n=$(events)
order m1 c2
await 5 test "$(events)" -gt "$n"
ok "an event of who granted enters" test "$(events)" = $((n + 1))
order m2 c1
order m3 nobody
order m4 c3
is "of who took it back, said nothing, or said it to another text, none" "$(events)" $((n + 1))
grant c1 >/dev/null
order m5 c1
is "it enters when it was granted again" "$(events)" $((n + 2))

# ---- a page's word ----
view() { # ID DEVICE VERSION
	page_post /v1/t "{\"writeKey\":\"$WEB_KEY\",\"type\":\"track\",\"event\":\"Product Viewed\",\"messageId\":\"$1\",\"anonymousId\":\"$2\",\"timestamp\":\"$(now_iso)\",\"properties\":{\"product_id\":\"p1\"},\"c\":$3}"
}
vouched() { cat "$W"/run/spool/feed/*.spool | od -An -v -t u1 -w64 | awk '$1 == 1 && $2 == 1 && ($11 + $12 + $13 + $14 + $15 + $16 + $17 + $18) > 0' | wc -l; }
v=$(vouched)
view p1 dev-9 3 >/dev/null
view p2 dev-9 0 >/dev/null
is "a page's own consent makes nobody's portrait" "$(vouched)" "$v"


# ---- one word makes no other ----
grant guest:SO-9 >/dev/null
order g1 guest:SO-9
n=$(events)
withdraw c20 >/dev/null
order g2 c20
is "a guest's consent is not the account's that the guest becomes" "$(events)" "$n"
order g3 guest:SO-9
is "nor is the account's no the guest's" "$(events)" $((n + 1))

# ---- who is linked ----
link() { # ACCOUNT DEVICE
	erp_post "{\"batch\":[{\"type\":\"identify\",\"messageId\":\"l-$1-$2\",\"userId\":\"$1\",\"anonymousId\":\"$2\",\"timestamp\":\"$(now_iso)\"}]}" >/dev/null
}
say_no() { page_post /v1/batch "{\"writeKey\":\"$WEB_KEY\",\"batch\":[{\"type\":\"consent\",\"word\":\"withdraw\",\"anonymousId\":\"$1\",\"messageId\":\"w-$1\"}]}" >/dev/null; }
grant c30 >/dev/null
link c30 dev-30
is "linked to a device that said nothing, an account's consent holds" "$(granted c30)" true
say_no dev-99
is "and whatever strangers say" "$(granted c30)" true
say_no dev-30
is "a page's no on the device stops the account" "$(granted c30)" false
n=$(events)
order l1 c30
is "and its events" "$(events)" "$n"
say_no dev-31
grant c31 >/dev/null
is "a device that said no before" "$(granted c31)" true
link c31 dev-31
is "stops the account from when it is linked" "$(granted c31)" false
stop scrimd
start_scrimd
await 20 ready
is "over a restart" "$(granted c30) $(granted c31)" "false false"
is "until a back end says for the device" "$(ask PUT /v1/devices/dev-30/consents '{"purpose":"analytics","word":"grant","version":3}')" 200
is "that it granted" "$(granted c30)" true

# ---- rules of the policy ----
world_curl shop -H "$J" -d '{"buyer":"c2","name":"Ann Example"}' -o /dev/null "$URL/orders"
world_curl shop -H "$J" -d '{"buyer":"c4","name":"Bob Example"}' -o /dev/null "$URL/orders"
world_curl shop -H "$J" -d '{"name":"Cid Example"}' -o /dev/null "$URL/orders"
name() { world_curl support -H 'Scrim-Purpose: service' "$URL/orders/$1" | jq -c .name; }
is "who refused is not shown" "$(name 1)" null
is "nor who said nothing" "$(name 2)" null
is "nor who is nobody" "$(name 3)" null
grant c2 campaign >/dev/null
is "who granted is, as the rule says" "$(name 1)" '"A** E******"'
is "and nobody else" "$(name 2)$(name 3)" nullnull
TOKEN=$(sed -n 1p "$W/orders.ndjson" | jq -r .name)
OTHER=$(sed -n 2p "$W/orders.ndjson" | jq -r .name)
reveal() { # TOKEN SUBJECT
	jq -cn --arg t "$1" --arg s "$2" '{ items: [{ token: $t } + if $s == "" then {} else { subject: $s } end] }' |
		world_curl support -H "$J" -H 'Scrim-Purpose: service' --data-binary @- "$URL/v1/reveal" | jq -r '.items[0] | "\(.action) \(.value)"'
}
is "a value of theirs" "$(reveal "$TOKEN" c2)" "mask A** E******"
is "without saying whose: nobody's consent" "$(reveal "$TOKEN" '')" "drop null"
is "another's token under their name stays closed" "$(reveal "$OTHER" c2)" "null null"
is "their token under another's name too" "$(reveal "$TOKEN" c4)" "drop null"
withdraw c2 campaign >/dev/null
is "taken back: at once" "$(name 1) $(reveal "$TOKEN" c2)" "null drop null"
grant c2 campaign >/dev/null
records keyd/log --keyd
ok "keyd's record says what was granted, as it was told" logged '[.[] | select(.kind == "reveal" and (.decision.consents? // [] | index("campaign")))] | length >= 2'

# ---- a kill at any moment ----
lost=0
for i in $(seq 8); do
	for k in 1 2 3 4; do
		(grant "k$i-$k" >"$W/tmp/st.$i.$k" 2>/dev/null) &
	done
	sleep "0.0$((i % 5))"
	stop scrimd KILL
	wait
	start_scrimd
	await 20 ready
	for k in 1 2 3 4; do
		[ "$(cat "$W/tmp/st.$i.$k" 2>/dev/null)" != 200 ] || [ "$(granted "k$i-$k")" = true ] || lost=$((lost + 1))
	done
done
is "what was answered is there after a kill" "$lost" 0
is "and what was said before" "$(granted c1) $(granted c2 campaign) $(granted c3)" "true true false"

# ---- forgotten with the person ----
is "a person is erased" "$(ROLE=privacy_officer ask POST /v1/subjects/c2/erase '' -H 'Scrim-Purpose: audit' -H 'Scrim-Reason: asked by the person')" 200
show c2 >/dev/null
ok "and has said nothing" has '.history == [] and (.consents.analytics.granted | not)'
is "nor is what is left of them shown" "$(name 1)" null
n=$(events)
order m9 c2
is "nor learned" "$(events)" "$n"
stop scrimd
ok "that something was said stays, under no name" test "$(sqlite3 "$W/run/collect.db" "SELECT count(*) FROM consent WHERE handle = x''")" -ge 3
tap_done
