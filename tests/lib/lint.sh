#!/bin/bash
# lint.sh - cppcheck and clang-tidy over the product, each file with its layer's view.
#
#	tests/lib/lint.sh build/release		(after the include folders were made)
#
# The analyser follows the shorter paths of a function; all of them with DEEP=1.
set -u
cd "$(dirname "$0")/../.." || exit 2
inc=$1/inc
layers="base policy net crypto audit gateway analytics cli"
inner="analytics/query analytics/queryd analytics/market" # layers in the folder of another
flags="-std=c11 -D_GNU_SOURCE $(pkg-config --cflags libssl libsodium sqlite3 libcjson zlib libseccomp expat libcurl clp libpq)"
[ -n "${DEEP:-}" ] && depth=deep || depth=shallow
rc=0

# One DIR is never shared between threads, so readdir() is safe. Leaks are looked
# for by the address sanitiser, which sees through structs.
# shellcheck disable=SC2086
cppcheck --quiet -j "$(nproc)" --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 \
	--suppress=missingInclude --suppress=missingIncludeSystem --suppress=unusedFunction --suppress=ctuuninitvar \
	--suppress=normalCheckLevelMaxBranches --suppress=memleak \
	--suppress=readdirCalled --suppress=duplicateAssignExpression \
	--library=posix -D_GNU_SOURCE -I. $layers tests/data tests/demo || rc=1

for l in $layers $inner; do
	mapfile -t src < <(find "$l" -name '*.c' 2>/dev/null | sort)
	for i in $inner; do
		[ "$i" = "$l" ] || mapfile -t src < <(printf '%s\n' "${src[@]}" | grep -v "^$i/")
	done
	[ ${#src[@]} -gt 0 ] || continue
	# shellcheck disable=SC2086
	printf '%s\0' "${src[@]}" | xargs -0 -n 6 -P "$(nproc)" sh -c '
		inc=$1; flags=$2; depth=$3; shift 3
		exec clang-tidy --quiet --warnings-as-errors="*" "$@" -- $flags -I"$inc" \
			-Xclang -analyzer-config -Xclang mode="$depth" 2>/dev/null
	' sh "$inc/$l" "$flags" $depth || rc=1
done
[ $rc = 0 ] && echo "lint: nothing found"
exit $rc
