#!/bin/bash
# style.sh - the part of the house style a machine can judge.
#
# C files: no code beyond column 100 (a tab counts eight; a remark beside a field
# may reach 124, the tables of cases in tests/unit and tests/fuzz further), no
# trailing blanks,
# indentation by tabs, a first comment that says what the file is, no line
# that puts work off, and the memory-unsafe or locale-bound calls nobody needs.
set -u
cd "$(dirname "$0")/../.." || exit 2
bad=0
say() { echo "  $1"; bad=$((bad + 1)); }

mapfile -t files < <(git ls-files -co --exclude-standard '*.c' '*.h' 2>/dev/null || find . -name '*.[ch]' -not -path './build/*')
for f in "${files[@]}"; do
	[ -f "$f" ] || continue
	case $f in */unit/* | */fuzz/*) wide=1 ;; *) wide= ;; esac
	[ -n "$wide" ] || while read -r line; do say "$f:$line"; done < <(expand "$f" | LC_ALL=C sed 's|[\x80-\xbf]||g' | awk '
		{ code = $0; sub(/ *\/\*.*$/, "", code) }
		length(code) > 100 || length($0) > 124 { print NR ": " length($0) " columns" }')
	while read -r line; do say "$f:$line"; done < <(awk -v name="${f##*/}" '
		NR == 2 && / \* [a-z0-9_]+\.[ch] - / && $2 != name { print "2: the file is named " name }
		/[ \t]+$/ { print NR ": blanks at the end" }
		/^ {8}/ { print NR ": indented by spaces" }
		NR == 1 && !/^\/\*/ { print "1: no comment that says what the file is" }' "$f")
	[ -n "$wide" ] || while read -r line; do say "$f:$line"; done < <(grep -nE \
		'\b(TO''DO|FIX''ME|XX''X)\b|\b(strcpy|strcat|sprintf|gets|atoi|atol|strtok|alloca)[[:space:]]*\(' "$f" | grep -vE 'str(cpy|cat)\([^,]*, "[^"]*"\)' | cut -c1-90)
	lines=$(wc -l <"$f")
	[ "$lines" -le 600 ] || [ -n "$wide" ] || say "$f: $lines lines; look for the seam"
done
if command -v clang-format >/dev/null; then
	while read -r f; do say "$f: not as make format writes it"; done < <(
		clang-format --dry-run "${files[@]}" 2>&1 | sed -n 's/:[0-9]*:[0-9]*: warning:.*//p' | uniq)
fi
while read -r f; do say "$f: blanks at the end of a line"; done < <(
	git ls-files -co --exclude-standard '*.sh' '*.mk' Makefile 2>/dev/null | xargs -r grep -lE '[ 	]+$')
while IFS= read -r -d '' f; do say "$f: a file's name is of letters, digits and . _ + - alone"; done < <(
	git ls-files -coz --exclude-standard 2>/dev/null | grep -zvE '^[A-Za-z0-9._+/-]+$')
echo "style: ${#files[@]} files, $bad complaints"
[ "$bad" = 0 ]
