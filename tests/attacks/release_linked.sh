#!/bin/bash
# Two lists, each with half of the columns, are joined through a release: whose row in the one
# is whose in the other. More often than for people who were not released.
# weakness: views-k-unheard
. "$(dirname "$0")/../lib/attack.sh"
. "$ROOT/tests/lib/risks.sh"

[ "$VARIANT" != weak ] || export SCRIM_WEAK=$WEAKNESS,views-l-unheard,views-unchecked
worlds
for data in $DATA; do
	released $data
	counted "two lists are joined by the release" $data link "$([ -n "${FULL:-}" ] || echo 2000)"
done
tap_done
