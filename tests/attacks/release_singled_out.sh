#!/bin/bash
# Guesses, made from a release alone, that are true of exactly one person: one column's rare
# value or several columns' values, more often than they are of people who were not released.
# weakness: views-k-unheard
. "$(dirname "$0")/../lib/attack.sh"
. "$ROOT/tests/lib/risks.sh"

# who is found among k people has k - 1 others' values to hide behind: those rules go, too
[ "$VARIANT" != weak ] || export SCRIM_WEAK=$WEAKNESS,views-l-unheard,views-unchecked
worlds
for data in $DATA; do
	released $data
	counted "somebody is singled out by the release" $data single "$([ -n "${FULL:-}" ] && echo 5000 || echo 2000)"
done
tap_done
