#!/bin/bash
# lint.sh - cppcheck and clang-tidy over the product, each file with its layer's view.
#
#	tests/lib/lint.sh build/release		(after the include folders were made)
set -u
cd "$(dirname "$0")/../.." || exit 2
inc=$1/inc
layers="base policy net crypto audit gateway analytics cli"
inner="analytics/query analytics/queryd analytics/market" # layers in the folder of another
flags="-std=c11 -D_GNU_SOURCE $(pkg-config --cflags libssl libsodium sqlite3 libcjson zlib libseccomp libcurl clp libpq)"
rc=0

# One DIR is never shared between threads, so readdir() is safe. Leaks are looked
# for by the address sanitiser, which sees through structs.
# shellcheck disable=SC2086
cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 \
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
		inc=$1; flags=$2; shift 2
		exec clang-tidy --quiet --warnings-as-errors="*" "$@" -- $flags -I"$inc" 2>/dev/null
	' sh "$inc/$l" "$flags" || rc=1
done
[ $rc = 0 ] && echo "lint: nothing found"
exit $rc
