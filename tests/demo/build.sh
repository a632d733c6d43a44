#!/bin/bash
# build.sh - builds, and says how far it is in one line.
#
#	tests/demo/build.sh target...		MAKE names make; its flags are inherited
#
# On a terminal the line is rewritten and goes away in the end; in a pipe it is
# said once how much there is to do, and nothing when there is nothing. What the
# compiler says is shown only when the build fails.
set -u -o pipefail
make=${MAKE:-make}
jobs=-j$(nproc)
case " ${MAKEFLAGS:-}" in *" -j"* | *jobserver*) jobs= ;; esac
said=$(mktemp) || exit 1
trap 'rm -f "$said"' EXIT

total=$($make -n -s --no-print-directory "$@" 2>/dev/null | grep -cE '^echo "  [A-Z]+ ')
[ -t 1 ] && [ "${TERM:-dumb}" != dumb ] && line=1 || line=
[ -n "$line" ] || [ "$total" = 0 ] || echo "building $total files"

progress() {
	local n=0 text
	while IFS= read -r text; do
		printf '%s\n' "$text" >>"$said"
		case $text in "  "[A-Z]*) n=$((n + 1)) ;; *) continue ;; esac
		[ -z "$line" ] || printf '\rbuilding %d/%d' $n "$total"
	done
	[ -z "$line" ] || printf '\r\033[K'
}

$make --no-print-directory -s $jobs "$@" 2>&1 | progress && exit 0
echo "the build failed:" >&2
grep -v '^  [A-Z]' "$said" | tail -n 40 >&2
exit 1
