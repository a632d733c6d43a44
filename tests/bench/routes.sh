# routes.sh - the order the bench and the gate send, and what scrimd does with
# it: nothing, six fields sealed, or six tokens of an answer opened.

ORDER=$ROOT/tests/bench/order.json	# one line of about 700 bytes

bench_fields() { # DO: the six fields of the order
	jq -n --arg do "$1" '[ ["$.receiver.name","name"], ["$.receiver.mobile","phone"], ["$.receiver.county","region"],
		["$.receiver.address","address"], ["$.receiver.city","region"], ["$.receiver.zip","postcode"] ]
		| map({ at: .[0], class: .[1], "do": $do })'
}

bench_routes() { # UPSTREAM PURPOSE TOKENS-PATH
	jq -n --arg up "$1" --arg purpose "$2" --arg tokens "$3" \
		--argjson seal "$(bench_fields seal)" --argjson open "$(bench_fields policy)" '[
	{ name: "off", match: { path: "/off" }, upstream: $up, purpose: $purpose },
	{ name: "seal", match: { path: "/seal" }, upstream: $up, purpose: $purpose, subject: "$.buyer.id", request: $seal },
	{ name: "restore", match: { path: $tokens }, upstream: $up, purpose: $purpose, subject: "$.buyer.id",
	  request: $seal, response: $open } ]'
}
