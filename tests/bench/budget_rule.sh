#!/bin/bash
# budget_rule.sh - a budget rises only in a commit that changes nothing else
# and says why.
#
#	budget_rule.sh [REVISION]	(HEAD), in the repository one stands in
#
# Looks at every commit in the history of tests/bench/budget.txt. One that
# raises a number, against all of its parents (so a merge is free to take either
# side), or that brings a path back above its last number, may touch only that
# file and docs/PERFORMANCE.md, and its message has a body. Exit 1 when one does not.
set -u
cd "$(git rev-parse --show-toplevel 2>/dev/null || echo /)" || exit 2
FILE=tests/bench/budget.txt
tip=${1:-HEAD}
git rev-parse -q --verify "$tip^{commit}" >/dev/null || {
	echo "budget rule: no history here, nothing was checked"
	exit 0
}
[ "$(git rev-parse --is-shallow-repository)" = false ] ||
	echo "budget rule: this clone's history is cut off; only what is there is checked"

rows() { git show "$1:$FILE" 2>/dev/null | awk '/^[a-z]/ { print $1, $2 }'; }

# The number PATH had when it was last in the file, before COMMIT.
last_known() { # COMMIT PATH
	local c
	for c in $(git log --format=%H "$1" -- $FILE); do
		rows "$c" | awk -v p="$2" '$1 == p { print $2; exit }' | grep . && return
	done
}

# The most COMMIT could have had from a parent; empty for a path that is new.
before() { # COMMIT PATH
	local p most= n
	for p in $(git show -s --format=%P "$1"); do
		n=$(rows "$p" | awk -v p="$2" '$1 == p { print $2 }')
		[ -n "$n" ] || n=$(last_known "$p" "$2")
		[ -z "$n" ] || [ "${most:-0}" -ge "$n" ] || most=$n
	done
	echo "$most"
}

explained() { # COMMIT: its message says more than its subject and its trailers
	git show -s --format=%b "$1" | grep -vE '^([A-Za-z-]+: .*)?[[:space:]]*$' | grep -q .
}

alone() { # COMMIT
	! git diff-tree -r --root --no-commit-id --name-only -m "$1" | sort -u | grep -vxE "$FILE|docs/PERFORMANCE.md" | grep -q .
}

bad=0
raised=0
for c in $(git log --full-history --format=%H "$tip" -- $FILE); do
	while read -r path n; do
		was=$(before "$c" "$path")
		[ -n "$was" ] && [ "$n" -gt "$was" ] || continue
		raised=$((raised + 1))
		if ! alone "$c"; then
			echo "budget rule: $(git show -s --format='%h %s' "$c"): raises $path from $was to $n beside other changes"
			bad=$((bad + 1))
		elif ! explained "$c"; then
			echo "budget rule: $(git show -s --format='%h %s' "$c"): raises $path from $was to $n and does not say why"
			bad=$((bad + 1))
		fi
	done < <(rows "$c")
done
echo "budget rule: $raised raises, $bad against the rule"
[ $bad = 0 ]
