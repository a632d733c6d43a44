#!/bin/bash
# weakness: pads-nothing
# Who stole the order table cannot open a token, but measures it: how long is the
# name, from which country is the number, is there a flat in the address?
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq -n '[]' | world_routes -
world_up

# Pairs of one class that a thief would like to tell apart.
jq -nc '[ ["name","Bo"], ["name","Ann Lee"], ["name","张伟"], ["name","欧阳娜娜"],
	["phone","16400001234"], ["phone","+447700900123"], ["postcode","20417"], ["postcode","SW1A 1AA"],
	["address","1 High Street"], ["address","17 Saltmarsh Lane, Flat 4"],
	["email","a@example.cn"], ["email","maeve.fennimore@example.com"] ]
	| { items: [ .[] | { class: .[0], value: .[1], subject: "c1" } ] }' >"$W/values.json"
world_curl shop --data-binary @"$W/values.json" "$URL/v1/seal" | jq -r '.items[].token' >"$W/table"
is "there is a table to steal" "$(grep -c '^sct1-' "$W/table")" 12
jq -r '.items[].class' "$W/values.json" | paste -d' ' - "$W/table" | awk '{ print $1, length($2) }' | sort -u >"$W/measured"

several() { [ "$(grep -c "^$1 " "$W/measured")" -gt 1 ]; }
for class in name phone postcode address email; do
	attack "tokens of class $class tell values apart by their length" several $class
done
tap_done
