#!/bin/bash
# The judge of the tests, judged: a bug dies, what is no bug lives and is shown,
# a row that fits no more is loud, the same commit draws the same list, and the
# tree it works on is never touched. And a copied tree builds against itself.
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
. "$ROOT/tests/lib/tap.sh"
W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-test.XXXXXX") || bail "no temporary folder"
trap 'rm -rf "$W"' EXIT
trap 'exit 130' INT TERM
cd "$ROOT" || bail "no tree"
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
export MUTANT_ROOT=$W/trees MUTANT_TABLES=$W JOBS=1

mutants() { make -s -o deps mutants "$@" >"$W/out" 2>&1; }
says() { grep -qE -- "$1" "$W/out"; }
counts() { grep -E '^[0-9]+ passed, ' "$W/out"; }
row() { # NAME OLD NEW
	printf '== %s base/name.c\n-%s\n+%s\n' "$1" "$2" "$3"
}
LIMIT='	if (text.n == 0 || text.n > SC_NAME_MAX)'
FIRST='	out->s[0] = '\''\0'\'';'

printf 'promise tiny base/name.c\n\tbase/test_name\n' >"$W/guards.txt"
: >"$W/equivalent.txt"
before=$(sha256sum base/name.c)

row limit-off-by-one "$LIMIT" "${LIMIT/>/>=}" >"$W/planted.txt"
ok "a list of which every bug dies passes" mutants ONLY=planted
ok "the bug died, and by whom is told" says '^killed +limit-off-by-one +by base/test_name'
is "and is counted" "$(counts)" "1 passed, 0 failed"

row no-change "$FIRST" '	out->s[0] = 0;' >>"$W/planted.txt"
no "a list with a survivor does not pass" mutants ONLY=planted
ok "what is no bug survived" says '^SURVIVED +no-change'
ok "its file is named" says '^\+\+\+ b/base/name.c'
ok "its change is shown" says '^\+	out->s\[0\] = 0;$'
ok "the score is told" says '^score 50.0 %'
is "a survivor is a failure" "$(counts)" "1 passed, 1 failed"

row limit-off-by-one "$LIMIT" "${LIMIT/>/>=}" >"$W/planted.txt"
row fits-no-more '	was never here' '	nor this' >>"$W/planted.txt"
no "a row that fits no more fails the run" mutants ONLY=planted
ok "it is named" says '^STALE +fits-no-more'
is "and counted" "$(counts)" "1 passed, 1 failed"
row does-not-compile "$LIMIT" '	if (' >"$W/planted.txt"
no "nor may a bug that does not compile stay in the list" mutants ONLY=planted
ok "it is no kill" says '^broken +does-not-compile'

# generated ones
no "without a bug to plant nothing passes" mutants FILE=nothing
mutants ONLY=generated SEED=1 LIST=1
cp "$W/out" "$W/first"
is "ten are drawn" "$(grep -c '^== ' "$W/out")" 10
mutants ONLY=generated SEED=1 LIST=1
ok "the same seed draws the same" cmp -s "$W/out" "$W/first"
mutants ONLY=generated SEED=2 LIST=1
no "another seed draws others" cmp -s "$W/out" "$W/first"
mutants ONLY=generated SEED=1 LIST=1 N=3
is "of a sample fewer" "$(grep -c '^== ' "$W/out")" 3

# the first two that replace a line are declared equivalent, one by one
awk '/^== / { n = $2; old = new = "" }
	/^-\t/ { old = old $0 "\n" } /^\+\t/ { new = new $0 "\n" }
	old != "" && new != "" && !(n in done) { done[n] = 1; split(n, part, ":")
		printf "== base/name.c %s %s\n%s%sIt is.\n", part[2], part[3], old, new }' \
	"$W/first" >"$W/rows"
ok "there are two to choose from" test "$(grep -c '^== ' "$W/rows")" -ge 2
awk '/^== / { n++ } n == 1' "$W/rows" >"$W/equivalent.txt"
mutants ONLY=generated SEED=1
ok "an equivalent one is told with its sentence" says '^equivalent .* It is\.$'
ok "and is no part of the score" says '^score .* of 9 died'
awk '/^== / { n++ } n <= 2' "$W/rows" >"$W/equivalent.txt"
no "more than a few of them are too many" mutants ONLY=generated SEED=1
ok "which is told" says ' 2 equivalent \(20.0 %; 3 % may be\)'
printf '== base/name.c sc_name_parse negate\n-	never here\n+	nor this\nIt is.\n' >"$W/equivalent.txt"
no "an equivalent that fits no more fails the run" mutants ONLY=planted
ok "and is named" says '^STALE +equivalent.txt:1'

is "the tree itself was never touched" "$(sha256sum base/name.c)" "$before"

# what makes this possible: no link of the build leads out of the tree
ok "a built tree has links to its layers" test -n "$(find "$MUTANT_ROOT/pristine/build/release/inc" -type l)"
is "none of them is absolute" "$(find "$MUTANT_ROOT/pristine/build/release/inc" -type l -lname '/*')" ""
copy=$MUTANT_ROOT/worker-0
touch "$copy/base/name.c"
echo '#error of the copy' >>"$copy/base/name.h"
make -s -C "$copy" build/release/obj/base/name.o >"$W/out" 2>&1
ok "a copied tree is built with its own headers" says 'of the copy'
tap_done
