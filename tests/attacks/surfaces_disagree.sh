#!/bin/bash
# weakness: values-apart
# What one surface refuses, another does: every action x operation x tier is asked
# of proxied requests, proxied answers, shares, labels, rewriting, restoring and each
# call of /v1, and held against a naive walk over the policy file's own rules.
. "$(dirname "$0")/../lib/attack.sh"

GRID=$(mktemp -d "${TMPDIR:-/tmp}/scrim-grid.XXXXXX") || bail "no temporary folder"
# A class for every tier and action; one role is asked, another has sealed before. A
# telephone number is shared for a purpose of each action's own: "at-mask" and so on.
jq -n --arg roles "$ROLES" '
	["T0","T1","T2","T3","T4","X"] as $tiers
	| ["deny","drop","mask","generalise","tokenise","reveal"] as $actions
	| [ $tiers[] as $t | $actions[] as $a | { name: "c-\($t)-\($a)", tier: $t, action: $a } ] as $grid
	| { scrim_policy: 1, version: "grid",
	    classes: ([ $grid | to_entries[] | { key: .value.name, value: { id: (64 + .key), tier: .value.tier } } ] | from_entries),
	    roles: ([ $roles | split(" ")[] | { key: ., value: { max_tier: (if . == "support" then "T3" elif . == "carrier" then "T2" else "T4" end), indexes_per_day: 1000, stores: (. == "shop") } } ] | from_entries),
	    purposes: (["order_processing", "service", "delivery"] + [ $actions[] | "at-\(.)" ]),
	    rules: ([ { id: "sealer", role: ["shop"], purpose: ["order_processing"], class: ([ $grid[].name ] + ["phone"]), op: ["write"], effect: "tokenise" } ]
		+ [ $actions[] | { id: "number-\(.)", role: ["carrier"], purpose: ["at-\(.)"], class: ["phone"], op: ["share"], effect: . } ]
		# a share needs the other yes too, another one for each class
		+ [ { id: "number-sent", role: ["support"], purpose: ["service"], class: ["phone"], op: ["send"], effect: "reveal" } ]
		+ [ $grid[] | { id: "send-\(.name)", role: ["support"], purpose: ["service"], class: [.name], op: ["send"],
		      effect: $actions[((.action as $a | $actions | index($a)) + 2 * (.tier as $t | $tiers | index($t))) % 6] } ]
		+ [ $actions[] as $a | [ $grid[] | select(.action == $a) | .name ] as $of
		    | { id: "see-\($a)", role: ["support"], purpose: ["service"], class: $of, op: ["read", "export"], effect: $a },
		      { id: "share-\($a)", role: ["carrier"], purpose: ["delivery"], class: $of, op: ["share"], effect: $a },
		      (select($a != "reveal") | { id: "store-\($a)", role: ["support"], purpose: ["service"], class: $of, op: ["write"], effect: $a }),
		      (select($a == "reveal" or $a == "deny") | { id: "search-\($a)", role: ["support"], purpose: ["service"], class: $of, op: ["search"], effect: $a }) ]) }
	' >"$GRID/policy.json" || bail "no grid"
WORLD_POLICY=$GRID/policy.json
world_new
mv "$GRID"/* "$W/tmp/" && rmdir "$GRID"
jq -r '.classes | keys_unsorted[]' "$W/policy.json" >"$W/classes"

jq -n --slurpfile policy "$W/policy.json" --arg store "http://127.0.0.1:$PEER_PORT" --arg echo "http://127.0.0.1:$CARRIER_PORT" '
	def rules($do): [ $policy[0].classes | keys_unsorted[] | { at: "$['\''\(.)'\'']", class: ., do: $do } ];
	def number: { class: "phone", do: "virtual_number", pool: "labels" };
	def parcel($name; $purpose; $rules): { name: $name, match: { path: "/\($name)" }, upstream: $store, purpose: "service",
		from: ["support"], to: { role: "carrier", purpose: $purpose }, order: "$.order", request: $rules };
	[ { name: "store", match: { path: "/store" }, upstream: $store, purpose: "service", request: rules("seal") },
	  { name: "share", match: { path: "/share" }, upstream: $store, purpose: "service",
	    from: ["support"], to: { role: "carrier", purpose: "delivery" }, request: rules("policy") },
	  parcel("label"; "delivery"; rules("") | map(. + number)),
	  (["deny","drop","mask","generalise","tokenise","reveal"][] | parcel("label-\(.)"; "at-\(.)"; [ { at: "$.phone" } + number ])),
	  { name: "show", match: { path: "/show" }, upstream: $echo, purpose: "service", response: rules("policy") } ]' | world_routes -
jq '.phone = { home: "44", pools: [ { name: "labels", mode: "AXE", dial: ["44"], numbers: [ { number: "+441632960001" } ] } ] }' \
	"$W/scrim.json" >"$W/one.json" && mv "$W/one.json" "$W/scrim.json"
start_peer store order_system "$PEER_PORT"
start_peer echo echo "$CARRIER_PORT"
world_up

CLEAR="Ann Example"
JSON='Content-Type: application/json'
LINES='Content-Type: application/x-ndjson'
as() { local role=$1; shift; world_curl "$role" "$@"; }
support() { as support -H 'Scrim-Purpose: service' "$@"; }

# The tokens: of every class but those that are never carried.
grep -v '^c-X' "$W/classes" | jq -Rn --arg v "$CLEAR" '{ items: [ inputs | { class: ., value: $v, subject: "c1" } ] }' >"$W/seal.json"
as shop -H "$JSON" -d @"$W/seal.json" "$PLAIN/v1/seal" >"$W/sealed.json"
jq -n --slurpfile asked "$W/seal.json" --slurpfile got "$W/sealed.json" \
	'[ $asked[0].items, $got[0].items ] | transpose | map({ key: .[0].class, value: .[1].token }) | from_entries' >"$W/tokens.json"
ok "there is a token of every class" jq -e '[ .[] | select(startswith("sct1-")) ] | length == 30' "$W/tokens.json"

# ---- what each surface does: lines of SURFACE OP CLASS RESULT ----
: >"$W/got"
seen() { # of a value as it came out: what was done with it
	jq -r --arg clear "$CLEAR" 'if . == null then "drop" elif . == $clear then "reveal" elif type == "string" and startswith("sct1-") then "tokenise" else "poorer" end'
}
one_by_one() { # SURFACE OP PATH BODY-FILE-OF-CLASS: a request each; what the other side got, or the answer
	local surface=$1 op=$2 path=$3 c body status
	while read -r c; do
		body=$(jq -c --arg c "$c" '.[$c] // empty | { ($c): ., order: "o-1" }' "$4")
		[ -n "$body" ] || continue
		: >"$W/store.ndjson"
		status=$(support -o "$W/answer" -w '%{http_code}' -H "$JSON" -d "$body" "$PLAIN$path")
		if [ "$status" = 403 ]; then
			echo "$surface $op $c refused"
		elif [ "$path" = /show ]; then
			echo "$surface $op $c $(jq --arg c "$c" '.[$c]' "$W/answer" | seen)"
		else
			echo "$surface $op $c $(jq --arg c "$c" '.[$c]' "$W/store.ndjson" | seen)"
		fi
	done <"$W/classes" >>"$W/got"
}
rewritten() { # SURFACE OP QUERY BODIES
	jq -c 'to_entries[] | { (.key): .value }' "$4" >"$W/lines"
	support -H "$LINES" --data-binary @"$W/lines" "$PLAIN/v1/rewrite/$3" >"$W/rewritten"
	paste -d '\n' "$W/lines" "$W/rewritten" | jq -rs --arg s "$1" --arg op "$2" --arg clear "$CLEAR" '
		def seen: if . == null then "drop" elif . == $clear then "reveal" elif type == "string" and startswith("sct1-") then "tokenise" else "poorer" end;
		range(0; length; 2) as $i | (.[$i] | keys[0]) as $c
		| "\($s) \($op) \($c) \(if .[$i + 1].scrim_error then "refused" else .[$i + 1][$c] | seen end)"' >>"$W/got"
}
batch() { # SURFACE OP CALL ITEMS: an answer each
	support -H "$JSON" -d @"$4" "$PLAIN/v1/$3" >"$W/answer"
	jq -rn --slurpfile asked "$4" --slurpfile got "$W/answer" --slurpfile tokens "$W/tokens.json" --arg s "$1" --arg op "$2" --arg clear "$CLEAR" '
		def seen: if . == null then "drop" elif . == $clear then "reveal" elif type == "string" and startswith("sct1-") then "tokenise" else "poorer" end;
		($tokens[0] | to_entries | map({ key: .value, value: .key }) | from_entries) as $of
		| [ $asked[0].items, $got[0].items ] | transpose[]
		| "\($s) \($op) \(.[0].class // $of[.[0].token]) \(if .[1].status == "denied" then "refused" elif .[1].status != "ok" then .[1].status
			elif .[1].index then "index" elif .[1] | has("value") then .[1].value | seen else .[1].token | seen end)"' >>"$W/got"
}
jq -Rn --arg v "$CLEAR" '[ inputs | { key: ., value: $v } ] | from_entries' "$W/classes" >"$W/clear.json"
jq -Rn --arg v "$CLEAR" '{ items: [ inputs | { class: ., value: $v } ] }' "$W/classes" >"$W/values.json"
jq '{ items: [ .[] | { token: . } ] }' "$W/tokens.json" >"$W/reveal.json"
one_by_one request write /store "$W/clear.json"
rewritten rewrite write store "$W/clear.json"
batch seal write seal "$W/values.json"
one_by_one answer read /show "$W/tokens.json"
rewritten rewrite read 'show?side=response' "$W/tokens.json"
batch reveal read reveal "$W/reveal.json"
one_by_one share share /share "$W/tokens.json"
one_by_one label share /label "$W/tokens.json"
rewritten restore export 'store?restore=1' "$W/tokens.json"
batch index search index "$W/values.json"
jq '. + { for: "store" }' "$W/values.json" >"$W/store.json"
batch index-beside write index "$W/store.json"

# ---- a telephone number on a label, sealed and in clear: never the number itself ----
PHONE="07700 900123"
jq -n --arg v "$PHONE" '{ items: [ { class: "phone", value: $v, subject: "c1" } ] }' >"$W/phone.json"
phone_token=$(as shop -H "$JSON" -d @"$W/phone.json" "$PLAIN/v1/seal" | jq -r '.items[0].token')
for action in deny drop mask generalise tokenise reveal; do
	for value in "$phone_token" "$PHONE"; do
		: >"$W/store.ndjson"
		case $value in sct1-*) surface=number ;; *) surface=number-clear ;; esac
		status=$(support -o "$W/answer" -w '%{http_code}' -H "$JSON" -d "$(jq -cn --arg v "$value" '{ phone: $v, order: "o-2" }')" "$PLAIN/label-$action")
		case $status in 403) echo "$surface share $action refused" ;; *)
			echo "$surface share $action $(jq -r --arg clear "$PHONE" '.phone | if . == null then "drop" elif contains("900123") then "reveal"
				elif startswith("sct1-") then "tokenise" elif test("^\\+441632960001-[0-9]{4}$") then "number" else "poorer" end' "$W/store.ndjson")" ;;
		esac
	done
done >>"$W/got"

# ---- what the rules say: a walk over the file, rule by rule ----
jq -Rrn --slurpfile policy "$W/policy.json" '
	$policy[0] as $p | ["deny","drop","mask","generalise","tokenise","reveal"] as $order | ["T0","T1","T2","T3","T4","X"] as $tiers
	| def decide($role; $purpose; $op; $class):
		($tiers | index($p.classes[$class].tier // "T2")) as $tier
		| if $tier == 5 then "deny"
		  elif $op != "write" and $tier > ($tiers | index($p.roles[$role].max_tier)) then "deny"
		  else [ $p.rules[] | select((.role | index($role)) and (.purpose | index($purpose)) and (.class | index($class)) and (.op | index($op))) | .effect as $e | $order | index($e) ]
			| if length == 0 then "deny" else $order[min] end end;
	def shared($purpose; $class): [ decide("support"; "service"; "send"; $class), decide("carrier"; $purpose; "share"; $class) | . as $e | $order | index($e) ] | $order[min];
	inputs | split(" ") as [$surface, $op, $class, $got]
	| (if ($surface | startswith("number")) then shared("at-\($class)"; "phone")
	   elif $op == "share" then shared("delivery"; $class) else decide("support"; "service"; $op; $class) end) as $a
	| (if ($surface | startswith("number")) then
		(if $a == "deny" or $a == "drop" then "drop" elif $surface == "number" then (if $a == "tokenise" then $a else "number" end)
		 # who asks may not store phones: nothing of one can be bound or sealed
		 elif $a == "tokenise" then "refused" else "poorer" end)
	   elif $op == "search" then
		(if $a == "reveal" then "index" else "refused" end)
	   elif $surface == "index-beside" then
		(if $a == "tokenise" then "index" else "refused" end)
	   elif $a == "mask" or $a == "generalise" then "poorer"
	   elif $a != "deny" then $a
	   # a document towards a reader passes without what is denied; all else is refused
	   elif ($surface == "answer" or $surface == "share" or $surface == "label" or ($surface == "rewrite" and $op == "read")) then "drop"
	   else "refused" end) as $want
	| "\($surface) \($op) \($class) \($want)"' "$W/got" >"$W/wanted"

is "every surface was asked of every class" "$(cut -d' ' -f1,2 "$W/got" | sort | uniq -c | awk '{print $2, $3, $1}' | paste -sd,)" \
	"answer read 30,index search 36,index-beside write 36,label share 30,number share 6,number-clear share 6,request write 36,restore export 30,reveal read 30,rewrite read 30,rewrite write 36,seal write 36,share share 30"
is "and every result there can be was seen" "$(cut -d' ' -f4 "$W/got" | sort -u | paste -sd,)" "drop,index,number,poorer,refused,reveal,tokenise"
differ() { diff "$W/wanted" "$W/got" >"$W/differ" && return 1; grep '^>' "$W/differ" | head -5 | sed 's/^/# /'; }
attack "some surface does what the rules do not say" differ

# ---- and nobody but these asks the policy ----
asks() { # OBJECTS...: those that call policy_ask() or policy_decide()
	for o; do nm "$o" | grep -qE ' U policy_(ask|decide|explain)$' && echo "${o#"$BUILD"/obj/}"; done | sed 's|/[^/]*$||' | sort -u
}
is "the policy is asked by the enforcement point and by keyd only" \
	"$(asks $(find "$BUILD/obj" -name '*.o' -not -path '*/policy/*') | paste -sd' ')" "crypto/keyd gateway/protect"
tap_done
