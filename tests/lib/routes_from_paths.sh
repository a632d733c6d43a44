#!/bin/bash
# routes_from_paths.sh - the declared fields of a corpus as routes of scrim.json.
#
#	routes_from_paths.sh paths.json UPSTREAM [SUBJECTS-JSON] > routes.json
#
# paths.json is {"shape":{"fields":{"/a/*/b":"type"},"free_text":["/c"]}}; a
# route is made for each shape, named after it, matching /shape and sealing on
# the way in. The way back opens the same fields as policy says. mobile and
# landline are phones; every other type is the class of the same name.
# SUBJECTS-JSON maps a shape to the JSONPath of its customer.
set -eu
[ $# -ge 2 ] || { sed -n '2,12p' "$0" >&2; exit 2; }

jq --arg upstream "$2" --argjson subjects "${3-{\}}" '
	def segment: if . == "*" then "[*]"
		elif test("^[0-9]+$") then "[" + . + "]"
		elif test("^[A-Za-z_][A-Za-z0-9_]*$") then "." + .
		else "[" + (gsub("~1"; "/") | gsub("~0"; "~") | tojson) + "]" end;
	def selector: "$" + (ltrimstr("/") | split("/") | map(segment) | add);
	def class: {"mobile": "phone", "landline": "phone"}[.] // .;
	[ to_entries[] | .key as $shape | .value as $v | {
		name: $shape,
		match: { path: ("/" + $shape) },
		upstream: $upstream,
		purpose: "order_processing",
		request: ([ $v.fields | to_entries[]
				| { at: (.key | selector), class: (.value | class), "do": "seal" } ]
			+ [ $v.free_text[]? | { at: selector, "do": "scan" } ]),
		response: ([ $v.fields | to_entries[]
				| { at: (.key | selector), class: (.value | class), "do": "policy" } ])
	} + (if $subjects[$shape] then { subject: $subjects[$shape] } else {} end) ]' "$1"
