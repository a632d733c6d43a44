#!/bin/bash
# The weaknesses of the weakened build are in no other, and each has an attack
# that shows what it would cost.
. "$(dirname "$0")/../lib/tap.sh"
cd "$(dirname "$0")/../.." || exit 2
BIN=build/${VARIANT:-release}/bin

names=$(grep -rhoE 'WEAK\("[a-z-]+"\)' --include='*.[ch]' base policy net crypto audit gateway analytics cli | cut -d'"' -f2 | sort -u)
attacks=$(sed -n 's/^# weakness: \([a-z-]*\)$/\1/p' tests/attacks/*.sh | sort -u)
ok "there are weaknesses" test -n "$names"
is "each has an attack, and each attack a weakness" "$names" "$attacks"
for p in scrimd scrim-keyd scrim-viewd scrim-queryd scrim; do
	if [ "${VARIANT:-release}" = weak ]; then
		[ $p = scrim ] || ok "$p of the weakened build has the switch" grep -qa SCRIM_WEAK "$BIN/$p"
		continue
	fi
	no "$p has no such switch" grep -qa SCRIM_WEAK "$BIN/$p"
	no "$p names none of them" grep -qaFf <(echo "$names") "$BIN/$p"
done
# the search above can find: where the switch is built in
if [ -x build/weak/bin/scrim-keyd ]; then
	ok "a weakened build would be noticed" grep -qa SCRIM_WEAK build/weak/bin/scrim-keyd
else
	skip "a weakened build would be noticed" "there is none here (make attacks)"
fi
tap_done
