#!/bin/bash
# Whom somebody looked up is written into the reason, as a name: no detector knows a name by its
# looks, and no log can be changed. What was opened has it, though.
# weakness: reason-names-people
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq -n '[]' | world_routes -
world_up
seal() { world_curl shop "${@:3}" -d "{\"items\":[{\"class\":\"$1\",\"value\":\"$2\",\"subject\":\"c1\"}]}" "$URL/v1/seal"; }
seal name "Zoë Quillfeather" >"$W/name"
seal address "12 Larkspur Crescent, Wendover" >"$W/address"
jq -s '{ items: [ .[] | { token: .items[0].token } ] }' "$W/name" "$W/address" >"$W/ask"

looked() { # ROLE HEADER...: the values are asked for
	world_curl "$1" -H 'Scrim-Purpose: service' "${@:2}" -d @"$W/ask" "$URL/v1/reveal" >"$W/answer"
}
shown() { "$BIN/scrim" audit show --log "$1" --json 2>/dev/null; }
in_logs() { { shown "$W/run/keyd/log"; shown "$W/run/log"; } | grep -qiF "$1"; }
both_told() { # that so many were opened
	[ "$(shown "$W/run/log" | jq -s '[.[] | select(.entry.kind == "reveal")] | length')" -ge "$1" ]
}
kept() { # ROLE WORD HEADER...: the word stands in one of the logs
	looked "$1" "${@:3}"
	n=$((n + 1))
	await 10 both_told $n
	in_logs "$2"
}
n=0
attack "a name" kept support_lead Quillfeather -H 'Scrim-Reason: called Quillfeather back'
attack "in small letters" kept support_lead quillfeather -H 'Scrim-Reason: to quillfeather, again'
attack "of a street, by who sees it masked" kept support Larkspur -H 'Scrim-Reason: lives in Larkspur'
attack "in the ticket" kept support_lead Wendover -H 'Scrim-Reason: lost' -H 'Scrim-Ticket: Wendover-7'
if [ "${VARIANT:-release}" != weak ]; then
	is "the rest of what was said stands in keyd's log" "$(shown "$W/run/keyd/log" | jq -r '.entry.why.reason // empty' | head -1)" 'called ************ back'
	is "and that it was withheld in the gateway's" "$(shown "$W/run/log" | jq -r '.entry.why.reason // empty' | head -1)" 'withheld: it may name whom it was about'
	looked support_lead -H 'Scrim-Reason: parcel of order 20261128-000123 lost'
	ok "what names nobody is kept in both" await 10 eval '[ "$({ shown "$W/run/keyd/log"; shown "$W/run/log"; } | grep -c "parcel of order 20261128-000123 lost")" = 2 ]'
	# what keyd did of it nobody knows: the client leaves, or keyd is lost
	withheld() { shown "$W/run/log" | grep -c 'withheld: it may name'; }
	before=$(withheld)
	kill -STOP "${PROC_PID[keyd]}"
	CURL_MAX=1 looked support_lead -H 'Scrim-Reason: Quillfeather was here'
	ok "a client that leaves while keyd is asked has kept nothing" await 30 eval '[ "$(withheld)" -gt "$before" ]'
	kill -CONT "${PROC_PID[keyd]}"
	await 20 ready
	before=$(withheld)
	kill -STOP "${PROC_PID[keyd]}"
	looked support_lead -H 'Scrim-Reason: Quillfeather was there' &
	asked=$!
	sleep .5
	kill -KILL "${PROC_PID[keyd]}"
	wait $asked
	ok "nor has one whose keyd is lost" await 30 eval '[ "$(withheld)" -gt "$before" ]'
	no "no log names her" in_logs Quillfeather
	stop keyd
	start_keyd
	await 20 ready
	seal name "Ferdinand Oakapple" -H 'Scrim-Reason: for Oakapple' >"$W/sealed"
	world_down
	no "nor is it kept beside what is sealed" in_logs Oakapple
fi
tap_done
