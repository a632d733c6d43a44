# attack.sh - what every test in tests/attacks begins with.
#
# An attack names in a comment "# weakness: NAME" the defence it tries to get
# past. It runs twice. Against the release build it must fail. Against the
# weakened build with that defence taken away (SCRIM_WEAK=NAME) it must succeed:
# otherwise it would not have noticed a hole either.
#
#	attack "what the attacker wants" command args...
#		the command succeeds when the attacker has got it
#	ok / no / is	as ever: what is no attack and must hold in both builds
#
# A file may have several attacks on the same defence.

. "$(dirname "${BASH_SOURCE[0]}")/world.sh"

WEAKNESS=$(sed -n 's/^# weakness: \([a-z-]*\)$/\1/p' "$0" | head -1)
[ -n "$WEAKNESS" ] || bail "$0 names no weakness"

if [ "${VARIANT:-release}" = weak ]; then
	export SCRIM_WEAK=$WEAKNESS
	attack() { local what=$1; shift; ok "weakened: $what" "$@"; }
else
	unset SCRIM_WEAK
	attack() { local what=$1; shift; no "$what" "$@"; }
fi
