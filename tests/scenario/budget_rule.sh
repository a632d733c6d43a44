#!/bin/bash
# A budget rises only in a commit that changes nothing else and says why; every
# other way of getting a higher number in is found.
. "$(dirname "$0")/../lib/tap.sh"
RULE=$(cd "$(dirname "$0")/../.." && pwd)/tests/bench/budget_rule.sh
command -v git >/dev/null || { skip "the rule" "git is missing"; tap_done; exit; }
D=$(mktemp -d "${TMPDIR:-/tmp}/scrim-budget.XXXXXX") || bail "no temporary folder"
trap 'rm -rf "$D"' EXIT
cd "$D" || exit 2
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com
git init -q -b main .
mkdir -p tests/bench docs

budget() { printf '# remarks\noff %s\nseal %s\n' "$1" "$2" >tests/bench/budget.txt; }
keep() { git add -A && git commit -q --allow-empty-message -m "$1"; }
start_over() { git checkout -q -B try main; }
holds() { bash "$RULE" >"$D/.git/said" 2>&1; }
breaks() { ! holds && grep -q "$1" "$D/.git/said"; }

ok "a repository without a commit is no reason to fail" holds
echo 1 >code.c
budget 100 200
keep "budgets"
ok "the commit that adds the file may add code too" holds

start_over
budget 90 200; echo 2 >code.c; keep "faster"
ok "lowering may come with code" holds
budget 91 200; echo 3 >code.c; keep $'slower\n\nbecause of a check'
ok "raising may not, by one instruction even" breaks "off from 90 to 91 beside"

start_over
budget 100 210; keep $'seal costs more\n\nevery token is checked twice now'
ok "raising alone, with a reason" holds
budget 100 220; echo row >docs/PERFORMANCE.md; keep $'seal costs more\n\nand thrice'
ok "raising with its row of the documentation" holds
echo 2 >code.c; keep "code"
ok "code after it" holds

start_over
budget 100 210; keep "seal costs more"
ok "raising without a reason" breaks "seal from 200 to 210 and does not say why"
start_over
budget 100 210; keep $'seal costs more\n\nSigned-off-by: A <a@example.com>'
ok "a signature is no reason" breaks "does not say why"

start_over
budget 90 210; echo 2 >code.c; keep $'a trade\n\none for the other'
ok "one lower and one higher is a raise" breaks "seal from 200 to 210 beside"

start_over
printf 'off 100\n' >tests/bench/budget.txt; keep "no budget for seal"
ok "taking a path out" holds
printf 'off 100\nseal 201\n' >tests/bench/budget.txt; echo 2 >code.c; keep "seal again"
ok "bringing it back higher is a raise" breaks "seal from 200 to 201 beside"

start_over
git rm -q tests/bench/budget.txt; keep "no budgets"
mkdir -p tests/bench; budget 101 200; echo 2 >code.c; keep "budgets again"
ok "so is taking the file out and bringing it back" breaks "off from 100 to 101 beside"

start_over
budget 100 200; echo 'scan 5' >>tests/bench/budget.txt; echo 2 >code.c; keep "a new path"
ok "a new path may come with its code" holds

start_over
git checkout -q -b side; echo 2 >side.c; keep "side"
budget 100 190; keep "seal is faster on the side"
git checkout -q try; budget 100 230; keep $'seal costs more\n\nfor a reason'
git merge -q -s ours -m "merge" side
ok "a merge may take the higher side" holds
git checkout -q -B evil try~1; git merge -q --no-commit --no-ff side >/dev/null 2>&1
budget 100 250; keep "merge"
ok "a merge may not invent a higher one" breaks "seal from .* to 250 beside"
ok "what went wrong once stays found" bash -c 'echo 9 >code.c; git add -A; git commit -q -m later; ! bash "$0"' "$RULE"
tap_done
