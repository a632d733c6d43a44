# golden.sh - the world in which golden files are made, and opened: sourced by both.
#
# What they hold opens with every later release. They are demo keys and made-up people.
#
#	root.json keyd.epoch keyd.db.gz	a root key, and a store under it: packed, since marks are mostly zeros
#	policy.json			who may see what
#	clear.ndjson sealed.ndjson	documents before and after: one person's, another's,
#					whose key is a class's ("buyer" is missing), erased
#	erased				of whom all in the last document is gone
#
#	logs.tar.gz			both logs of all that, as they were stopped
#	scrimd.entries keyd.entries	what stands in them
#	receipt receipt.entry trust	of an opening; an auditor's file
#
# The first document's order is remembered as its buyer's.
#
# Only who means to change a format makes them anew: bash tests/golden/make.sh

GOLDEN=$ROOT/tests/golden

golden_policy() {
	jq -n --arg roles "$ROLES" '{ scrim_policy: 1, version: "golden",
		classes: { loyalty_no: { id: 64, tier: "T1" } },
		roles: ([ $roles | split(" ")[] | { key: ., value: ({ max_tier: "T3" } + if . == "shop" then { stores: true } else {} end) } ] | from_entries),
		purposes: ["order_processing", "service", "audit"],
		rules: [ { id: "seal", role: "shop", purpose: "order_processing", class: "*", op: "write", effect: "tokenise" },
			 { id: "see", role: "support", purpose: "service", class: "*", op: "read", effect: "reveal" },
			 { id: "erase", role: "privacy_officer", purpose: "audit", class: "*", op: "delete", effect: "reveal" } ] }'
}

# /in seals all that clear.ndjson has, /out opens what it is given.
golden_routes() {
	jq -n --arg in "http://127.0.0.1:$PEER_PORT" --arg out "http://127.0.0.1:$CARRIER_PORT" '
	[ "name", "phone", "address", "region", "postcode", "email", "resident_id", "passport", "bank_card", "iban", "ip",
	  "license_plate", "wechat", "qq", "dob", "geo", "customer_id", "order_id", "loyalty_no" ] as $classes
	| ([ $classes[] | { at: "$.\(.)", class: ., do: "seal" } ]
	   + [ { at: "$.nonce", class: "name", do: "seal", random: true },
	       { at: "$.address_like", class: "email", do: "seal", shape: "email" },
	       { at: "$.long", class: "address", do: "seal" }, { at: "$.true", class: "order_id", do: "seal" } ]) as $seal
	| [ { name: "people", match: { path: "/people" }, upstream: $in, purpose: "order_processing", subject: ["$.buyer", { order: "$.order_id" }], request: $seal },
	    { name: "classes", match: { path: "/classes" }, upstream: $in, purpose: "order_processing", request: $seal },
	    { name: "out", match: { path: "/out" }, upstream: $out, purpose: "service",
	      response: [ $seal[] | { at: .at, class: .class, do: "policy" } ] } ]'
}
