#!/bin/bash
# weakness: route-for-anybody
# A key that may read nothing sends a stolen token through the carrier's route,
# so that a label is printed on somebody's account.
. "$(dirname "$0")/../lib/attack.sh"
. "$(dirname "$0")/../lib/label.sh"

label_world '["order_system"]'

# What a label shows is the policy's: "send" lets nobody of these have a value printed, so
# what comes through at all comes empty, and is an order to a carrier all the same.
label_by() {
	local before
	before=$(wc -l <"$W/label.ndjson")
	label_print "$1" >"$W/status"
	[ "$(wc -l <"$W/label.ndjson")" -gt "$before" ]
}
for role in marketing analyst auditor operator support shop; do
	attack "$role has a label printed" label_by "$role"
done
[ "${VARIANT:-release}" = weak ] || {
	is "it is refused as what it is" "$(label_print marketing; jq -r .type "$W/answer")" \
		"403urn:scrim:problem:role-not-allowed"
	sleep 1.5
	ok "and stands in the log as a denial, with role and purpose" \
		grep -rqE '"denial".*"role":"marketing".*"purpose":"order_processing"|"role":"marketing".*"denial"' "$W/run/log"
}
tap_done
