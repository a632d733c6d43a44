#!/bin/bash
# What a route would do is seen before it does it: `scrim try` plans sample documents by the
# configuration alone. It tells of each rule what it matched, and what becomes of that; whose the
# documents are, and who reads them; what nobody declared; and no value of any.
. "$(dirname "$0")/../lib/world.sh"

world_new
try() { "$BIN/scrim" try --config "$ROOT/keys-example/scrim.json" "$@"; }
code() { "$@" >"$W/out" 2>"$W/err"; echo $?; }
found() { jq -c "$1" "$W/out"; }

cat >"$W/orders.ndjson" <<'END'
{ "id": "A-1", "total": 12.50, "buyer": { "id": "c1", "email": "ann@example.com" }, "receiver": { "name": "Ann Example", "mobile": "07700 900123", "address": { "street": "1 High Row", "safe": true } }, "remark": "ring 07700 900124", "items": [ { "sku": "mug", "price": 3 } ] }
{ "id": "A-2", "buyer": { "id": "c2" }, "receiver": { "name": "sct1-none", "mobile": 7700900123, "address": "2 High Row" }, "remark": "nothing" }
END
SECRETS='Ann|ann@|900123|900124|High Row|c1|c2|A-1|A-2'

is "orders that a route protects are well" "$(code try checkout --json "$W/orders.ndjson")" 0
is "all of them" "$(found '[.ok, .documents, .refused, .undeclared]')" '[true,2,0,[]]'
is "each rule has its line in the file" "$(found '.rules[0] | [.line, .at, .do, .class]')" \
	"[$(grep -n '"at": "$.receiver.name", "class": "name", "do": "seal"' "$ROOT/keys-example/scrim.json" | cut -d: -f1),\"\$.receiver.name\",\"seal\",\"name\"]"
is "how many places it matched, and where" "$(found '.rules[2] | [.places, .where]')" \
	'[3,["$.receiver.address.street","$.receiver.address.safe","$.receiver.address"]]'
is "what becomes of them" "$(found '[.rules[1], .rules[4] | .becomes]')" \
	'[[{"what":"seal","class":"phone","n":2}],[{"what":"seal","class":"phone","n":1},{"what":"pass","n":1}]]'
is "what analysis is told" "$(found '.rules[] | select(.at == "$.items[*].sku") | [.places, .becomes[0].what]')" '[1,"collect"]'
is "whose they are is said" "$(found '[.subject.said, .nobodys]')" '[2,0]'
is "who reads it: a carrier an address" "$(found '.readers[] | select(.class == "address" and .role == "carrier") | [.purpose, .gives]')" '["delivery","reveal"]'
is "a name, for what is wanting" "$(found '.readers[] | select(.class == "name" and .role == "support_lead") | [.gives, .else, .why]')" \
	'["reveal","mask","a reason is required"]'
is "marketing nothing" "$(found '[.readers[] | select(.role == "marketing")] | length')" 0
is "a person reads the same" "$(code try checkout "$W/orders.ndjson")" 0
ok "in a table" grep -qE '^ +[0-9]+ +3 +\$\.receiver\.address +seal +sealed as address +\$\.receiver\.address\.street' "$W/out"
ok "with who reads it" grep -qE '^ +address +carrier +delivery: reveal$' "$W/out"
no "and no value" grep -qE "$SECRETS" "$W/out" "$W/err"

# ---- what nobody declared
echo '{ "id": "A-3", "buyer": { "id": "c3" }, "cc": "ben@example.com", "note": "or 07700 900125", "contact": { "name": "Ben Example" }, "07700900126": { "vip": "cy@example.com" } }' >"$W/next.json"
is "what the route seals or masks is no fault" "$(code try checkout --json "$W/next.json")" 0
is "it is told where, as what, how it was seen and what becomes of it" "$(found '[.undeclared[] | [.place, .class, .by, .did]] | sort')" \
	'[["$.cc","email","form","seal"],["$.contact.name","name","name","mask"],["$.note","phone","text","seal"],["$[*].vip","email","form","seal"]]'
is "with the line that declares it" "$(found '.undeclared[] | select(.place == "$.note") | .declare')" '{"at":"$.note","do":"scan"}'
is "what it seals is read as well" "$(found '[.readers[] | .class] | unique')" '["email","phone"]'
ok "a rule that matches nothing is told" [ "$(found '.rules[0] | [.places, .others]')" = '[0,0]' ]
no "and no name that is a value" grep -qE 'ben@|cy@|90012|Ben' "$W/out"
routes() { # UNDECLARED: the README's route, and one for another's order
	sed -n '/"routes": \[/,/\] } \] }/p' "$ROOT/README.md" | sed '1s/.*"routes": //; $s/ }$//' |
		jq --argjson u "$1" 'map(.undeclared = $u | .upstream = "http://127.0.0.1:1")' | world_routes -
}
here() { "$BIN/scrim" try --config "$W/scrim.json" checkout --json "$@"; }
for word in report pass; do
	routes "\"$word\""
	is "where it would pass ($word) the answer is no" "$(code here "$W/next.json")" 1
	is "for each" "$(found '[.ok, .refused, .undeclared_passing, ([.undeclared[].did] | unique)]')" "[false,0,4,[\"$word\"]]"
done
routes '"refuse"'
is "nor where the document would be refused" "$(code here "$W/next.json")" 1
is "all that is undeclared is told at once" "$(found '[.refused, .refusals[0].why, .refusals[0].place, (.undeclared | length)]')" '[1,"undeclared-field","$.cc",4]'

# ---- documents that are refused
printf '%s\n' '{ "id": "A-4", "receiver": "Ann Example" }' '{ "id": "A-5", ' '{ "id": "A-6", "receiver": { "name": "Ann Example" } }' >"$W/bad.ndjson"
is "a document that would be refused is the answer no" "$(code try checkout --json "$W/bad.ndjson")" 1
is "which, why and where" "$(found '[.refused, (.refusals[] | [.document, .why, .place, .offset])]')" \
	'[2,[1,"unmatched-shape","$.receiver",28],[2,"malformed-json",null,15]]'
is "what would be nobody's is told" "$(found '[.subject.said, .nobodys]')" '[0,1]'
ok "a rule is named" grep -q 'something else stands where $.receiver.name goes on' "$W/out"
is "what a role may not store is refused" "$(code try checkout --role marketing --json "$W/orders.ndjson")" 1
is "as policy says" "$(found '[.refusals[].why] | unique')" '["policy"]'

# ---- other bodies, other sides
form='id=A-7&receiver%5Bmobile%5D=07700+900123&buyer%5Bid%5D=c1&mail2=ann%40example.com'
is "a form is read as it is sent" "$(code try checkout --type application/x-www-form-urlencoded --json - <<<"$form")" 0
is "with its rules" "$(found '[.rules[1].places, .subject.said, .undeclared[0].place]')" '[1,1,"$.mail2"]'
printf '<order><id>A-8</id><receiver mobile="07700 900123"><name>Ann Example</name></receiver><mail2>ann@example.com</mail2></order>' >"$W/order.xml"
is "XML is read as what it is" "$(code try checkout --json "$W/order.xml")" 0
is "what nobody declared has its place" "$(found '[.undeclared[] | [.place, .class]] | sort')" '[["$.order.mail2","email"],["$.order.receiver.mobile","phone"],["$.order.receiver.name","name"]]'
printf '<order><receiver>' >"$W/cut.xml"
is "what is no document is told" "$(code try checkout --json "$W/cut.xml")$(found '.refusals[0].why')" '1"malformed-xml"'
is "a route is suggested of JSON alone" "$(code "$BIN/scrim" suggest "$W/order.xml")" 1
ok "as is said" grep -q 'the samples are no JSON' "$W/err"
is "what no codec reads is said" "$(code try checkout --type text/csv - <<<a,b)" 1
ok "with what the route does" grep -q 'unmatched_body' "$W/err"
waybill='{ "orderNo": "A-1", "buyer": { "id": "c1" }, "receiver": { "name": "Ann Example", "mobile": "07700 900123", "address": "1 High Row" } }'
is "a waybill is for its carrier" "$(code try carrier --json - <<<"$waybill")" 0
is "who gets a number of its order's" "$(found '[.role, .order, (.rules[] | .becomes[0].what)]')" '["order_system",1,"mask","virtual_number","pass"]'
is "without an order there is none" "$(code try carrier --json - <<<"${waybill/orderNo/no}"; found '.refusals[0].why')" '1
"order-missing"'
is "a role that may not call it" "$(code try carrier --role shop - <<<"$waybill")" 4
is "an answer is for somebody" "$(code try checkout --side response - <<<"$waybill")" 2
is "who sees of it what policy says" "$(code try checkout --side response --role support --purpose service --json - <<<"$waybill"; found '[.side, .rules[0].becomes]')" \
	'0
["response",[{"what":"mask","class":"name","n":1}]]'
is "no route, no answer" "$(code try nosuch "$W/next.json")" 1
is "no sample neither" "$(code try checkout /dev/null)" 1

# ---- a person who is named beside the body
routes '"scan"'
jq '.routes[0].subject = { "from": [ "header.X-Customer" ], "required": true }' "$W/scrim.json" >"$W/head.json"
is "whom the head names" "$("$BIN/scrim" try --config "$W/head.json" checkout --json - <<<"$waybill" | jq -c '[.ok, .subject.said, .subject.elsewhere]')" '[true,0,1]'
jq '.routes[0].subject = { "from": [ "$.buyer.id" ], "required": true }' "$W/scrim.json" >"$W/must.json"
is "and whom the body must" "$("$BIN/scrim" try --config "$W/must.json" checkout --json - <<<"${waybill/buyer/by}" | jq -c '[.ok, .refusals[0].why]')" '[false,"subject-missing"]'
jq '.routes[0].request |= [ { at: "$.receiver", class: "name", do: "seal" } ] + .' "$W/scrim.json" >"$W/two.json"
is "a rule whose places are all another's" "$("$BIN/scrim" try --config "$W/two.json" checkout --json - <<<"$waybill" | jq -c '[.rules[] | select(.at == "$.receiver.mobile") | .places, .others]')" '[0,1]'

# ---- a route that was suggested protects what it was suggested of
for shape in shopify taobao; do
	"$TOOLS/gen_orders" --shape $shape --count 30 --seed 9 >"$W/$shape.ndjson"
	"$BIN/scrim" suggest --route checkout "$W/$shape.ndjson" 2>/dev/null | sed 's# // .*##; /^ *\/\//d' >"$W/suggested"
	jq -s . "$W/suggested" | world_routes - || bail "no route is suggested"
	is "a route suggested of $shape is one" "$(code "$BIN/scrim" config check "$W/scrim.json")" 0
	is "and nothing of the same orders is refused, or undeclared" \
		"$("$BIN/scrim" try --config "$W/scrim.json" checkout --json "$W/$shape.ndjson" | jq -c '[.ok, .documents, .refused, .undeclared]')" '[true,30,0,[]]'
done
tap_done
