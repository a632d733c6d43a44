#!/bin/bash
# Somebody who knows all else of a person reads what is sensitive off the rows that fit best,
# better than of a person who was not released; and somebody who knows one value that it is
# not is sure of another.
# weakness: views-l-unheard
. "$(dirname "$0")/../lib/attack.sh"
. "$ROOT/tests/lib/risks.sh"

[ "$VARIANT" != weak ] || export SCRIM_WEAK=$WEAKNESS,views-unchecked
# in a small table the surest of a hundred guesses are too few to tell anything
worlds 12000
for data in $DATA; do
	released $data
	counted "what is sensitive is read off the best rows" $data infer
	counted "somebody who can exclude one value is sure of another" $data excluded
done
tap_done
