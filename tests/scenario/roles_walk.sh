#!/bin/bash
# Every role of the shipped policy, for every purpose, asks every door for everything that is
# Ann's, with a reason and a ticket: what comes is what a naive walk over the file's own rules
# says, and nothing beyond.
# timeout: 300
. "$(dirname "$0")/../lib/world.sh"

ROLES+=" archivist collector"
world_new
# Of each class a value that stands nowhere else.
cat >"$W/values" <<'END'
{ "name": "Ann Exampleton", "phone": "07700 900123", "address": "1 Example Street, Exampletown", "postcode": "EX1 1EX", "email": "ann@example.com",
  "ip": "192.0.2.77", "license_plate": "EX51 ANN", "wechat": "wx_ann_example", "qq": "10001234567", "dob": "1970-02-03", "region": "Exampleshire",
  "customer_id": "customer-4711", "order_id": "order-4711", "resident_id": "11010519491231002X", "passport": "E12345678", "bank_card": "4111111111111111",
  "iban": "GB29NWBK60161331926819", "geo": "51.500001,-0.120001" }
END
jq -n --slurpfile values "$W/values" --arg roles "$ROLES" --arg echo "http://127.0.0.1:$CARRIER_PORT" '
	def rules: [ $values[0] | keys_unsorted[] | { at: "$.\(.)", class: ., do: "policy" } ];
	[ { name: "show", match: { path: "/show" }, upstream: $echo, purpose: "service", response: rules },
	  { name: "share", match: { path: "/share" }, upstream: $echo, purpose: "service", from: ($roles | split(" ")),
	    to: { role: "carrier", purpose: "delivery" }, request: rules } ]' | world_routes -
start_peer echo echo "$CARRIER_PORT"
world_up

J='Content-Type: application/json'
as() { # ROLE PURPOSE args...
	local role=$1 purpose=$2
	shift 2
	world_curl "$role" -H "$J" -H "Scrim-Purpose: $purpose" -H 'Scrim-Reason: they asked for it' -H 'Scrim-Ticket: T-1' "$@"
}
jq -c '{ items: [ to_entries[] | { class: .key, value, subject: "ann" } ] }' "$W/values" >"$W/seal"
as shop order_processing -d @"$W/seal" "$PLAIN/v1/seal" >"$W/sealed"
jq -c --slurpfile asked "$W/seal" '[ $asked[0].items, .items ] | transpose | map({ key: .[0].class, value: .[1].token }) | from_entries' "$W/sealed" >"$W/tokens"
is "there is a token of every class" "$(jq '[ .[] | select(startswith("sct1-")) ] | length' "$W/tokens")" "$(jq length "$W/values")"
jq -c '{ items: [ .[] | { token: . } ] }' "$W/tokens" >"$W/reveal"
jq -c '{ items: [ to_entries[] | { class: .key, value } ] }' "$W/values" >"$W/index"

# ---- what comes: answers into came/DOOR:ROLE:PURPOSE ----
mkdir "$W/came"
purposes=$(sed 's|^[[:space:]]*//.*||' "$W/policy.json" | jq -r '.purposes[]')
call() { # DOOR ROLE PURPOSE PATH BODY-FILE: one request, for curl -K
	printf 'url = "%s"\noutput = "%s"\ndata = "@%s"\n' "$PLAIN$4" "$W/came/$1:$2:$3" "$5"
	printf 'header = "Scrim-Purpose: %s"\nheader = "Authorization: Bearer %s"\n' "$3" "$(cat "$W/keys/$2.key")"
	printf 'header = "%s"\nheader = "Scrim-Reason: they asked for it"\nheader = "Scrim-Ticket: T-1"\nsilent\nnext\n' "$J"
}
echo '{"subject":"somebody-else"}' >"$W/erase"
echo '{"from":"nobody-1"}' >"$W/merge"
for role in $ROLES; do
	for purpose in $purposes; do
		for door in reveal seal index; do call $door "$role" "$purpose" /v1/$door "$W/$door"; done
		call show "$role" "$purpose" /show "$W/tokens"
		# what the carrier was handed is known by whose turn it was
		jq -c --arg at "share:$role:$purpose" '. + { at: $at }' "$W/tokens" >"$W/tmp/share:$role:$purpose"
		call answer "$role" "$purpose" /share "$W/tmp/share:$role:$purpose"
		call restore "$role" "$purpose" '/v1/rewrite/show?restore=1' "$W/tokens"
		call erase "$role" "$purpose" /v1/subjects/erase "$W/erase"
		call merge "$role" "$purpose" /v1/subjects/nobody-2/merge "$W/merge"
		echo '{}' >"$W/came/share:$role:$purpose"
	done
done | sed '$d' >"$W/tmp/calls"
curl -K "$W/tmp/calls"
while read -r line; do
	echo "$line" >"$W/came/$(jq -r .at <<<"$line")"
done < <(grep '"at":"share:' "$W/echo.ndjson")

# Lines of DOOR ROLE PURPOSE CLASS RESULT.
cat >"$W/seen.jq" <<'END'
(input_filename | split("/")[-1] | split(":")) as [$door, $role, $purpose] | . as $came
| def seen($v; $clear): if $v == null or ($v | tostring | startswith("sct1-")) then "nothing" elif $v == $clear then "clear" else "poorer" end;
  if $door == "erase" or $door == "merge" then "- \(if .status == "unknown" then "done" else "nothing" end)"
  elif $door | IN("reveal", "seal", "index") then $values[0] | to_entries | to_entries[] | .value as $e | ($came.items[.key] // {}) as $i
	| "\($e.key) \(if $i.status != "ok" then "nothing" elif $i.index then "index" elif $i.token == $tokens[0][$e.key] then "guessed"
		elif $i.token then "token" else seen($i.value; $e.value) end)"
  else $values[0] | to_entries[] | "\(.key) \(if ($came | type) != "object" or ($came | has("type")) then "nothing" else seen($came[.key]; .value) end)" end
| "\($door) \($role) \($purpose) \(.)"
END
jq -r --slurpfile values "$W/values" --slurpfile tokens "$W/tokens" -f "$W/seen.jq" "$W"/came/* >"$W/got"

# ---- what the rules say: a walk over the file, rule by rule ----
sed 's|^[[:space:]]*//.*||' "$W/policy.json" >"$W/plain.json"
cat >"$W/walk.jq" <<'END'
$policy[0] as $p | ["deny", "drop", "mask", "generalise", "tokenise", "reveal"] as $effects | ["T0", "T1", "T2", "T3", "T4", "X"] as $tiers
| { region: "T1", customer_id: "T1", order_id: "T1", resident_id: "T3", passport: "T3", bank_card: "T3", iban: "T3", geo: "T3" } as $of
| def listed($x; $v): if $x == null or $x == "*" then true elif ($x | type) == "array" then any($x[]; . == $v or . == "*") else $x == $v end;
  # with a reason and a ticket; nobody signed, approved, signed in anew or granted anything
  def met: (.when.consent == null) and all(.require[]?; has("reason") or has("ticket"));
  def decide($role; $purpose; $op; $class):
	($p.classes[$class].tier // $of[$class] // "T2") as $tier
	| if ($op | IN("read", "share", "send", "export", "search")) and ($tiers | index($tier)) > ($tiers | index($p.roles[$role].max_tier // "T0")) then "deny"
	  else [ $p.rules[] | select(listed(.role; $role) and listed(.purpose; $purpose) and listed(.op; $op) and listed(.class; $class) and listed(.tier; $tier))
			| (if met then .effect else (.else // "deny") end) as $e | $effects | index($e) ]
		| if length == 0 then "deny" else $effects[min] end end;
  def least($a; $b): [ $a, $b | . as $e | $effects | index($e) ] | $effects[min];
  def shown: if . == "reveal" then "clear" elif . == "mask" or . == "generalise" then "poorer" else "nothing" end;
  def whole($role; $purpose; $op): if all($classes[]; decide($role; $purpose; $op; .) == "reveal") then "done" else "nothing" end;
  inputs | split(" ") as [$door, $role, $purpose, $class, $got]
| (if $door == "reveal" or $door == "show" then decide($role; $purpose; "read"; $class) | shown
   elif $door == "seal" then decide($role; $purpose; "write"; $class)
	| if . == "tokenise" then (if $p.roles[$role].stores then "guessed" else "token" end) elif . == "mask" or . == "generalise" then "poorer" else "nothing" end
   elif $door == "index" then decide($role; $purpose; "search"; $class) | if . == "reveal" then "index" else "nothing" end
   elif $door == "share" then least(decide($role; $purpose; "send"; $class); decide("carrier"; "delivery"; "share"; $class)) | shown
   elif $door == "restore" then decide($role; $purpose; "export"; $class) | shown
   elif $door == "erase" then whole($role; $purpose; "delete")
   elif $door == "merge" then whole($role; $purpose; "merge")
   # what comes back of a share is never more than what may be read
   else decide($role; $purpose; "read"; $class) | shown as $may | if ["nothing", "poorer", "clear"] | index($got) <= index($may) then $got else $may end end) as $want
| select($got != $want) | "\($door): a \($role) for \($purpose) has \($got) of \($class), and may have \($want)"
END
jq -Rrn --slurpfile policy "$W/plain.json" --argjson classes "$(jq -c keys "$W/values")" -f "$W/walk.jq" "$W/got" >"$W/wrong"
is "every door was tried by every role for every purpose" "$(wc -l <"$W/got")" $(($(wc -w <<<"$ROLES") * $(wc -w <<<"$purposes") * (7 * $(jq length "$W/values") + 2)))
for result in clear poorer token guessed index done nothing; do
	ok "some have $result" grep -q " $result\$" "$W/got"
done
sed 's/^/# /' "$W/wrong" | head -20
is "what comes is what the rules say" "$(wc -l <"$W/wrong")" 0

# ---- and whatever else there is to call ----
jq -r '.[]' "$W/values" >"$W/secrets"
sed -n 's/^  \(\/v1\/[^:]*\):$/\1/p' "$ROOT/docs/openapi.yaml" | sed 's/{[^}]*}/order-4711/g' | sort -u >"$W/calls"
for role in $ROLES; do
	while read -r path; do
		as "$role" service "$PLAIN$path"
		as "$role" service -d '{}' "$PLAIN$path"
	done <"$W/calls"
done >"$W/answers" 2>&1
sed 's/order-4711//g' "$W/answers" >"$W/said"
no "no other call says anything of hers" grep -qF -f "$W/secrets" "$W/said"
ok "all were called" test "$(wc -l <"$W/calls")" -ge 20
tap_done
