#!/bin/bash
# lint_bites.sh - what `make lint` says of the house style, it says of a tree in
# which one thing after the other was done wrong, and of nothing else.
cd "$(dirname "$0")/../.." || exit 2
. tests/lib/tap.sh
ROOT=$PWD
W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-lint.XXXXXX") || bail "no temporary folder"
trap 'rm -rf "$W"' EXIT

# What takes more than a line to judge (house.py).
mkdir "$W/houses" && python3 tests/lib/house_bites.py "$W/houses" >"$W/said" 2>&1
while read -r line; do
	case $line in
	ok* | "not ok"*) tap_line "$([ "${line%%ok*}" = "" ]; echo $?)" "${line#*- }" ;;
	[!1]* | 1[!.]*) echo "# $line" ;;
	esac
done <"$W/said"
ok "all of it was tried" grep -q '^1\.\.' "$W/said"

# What is of one line (style.sh).
mkdir "$W/lines" && cd "$W/lines" && mkdir -p base tests/lib && git init -q . && cp "$ROOT/.clang-format" . && cp "$ROOT/tests/lib/style.sh" tests/lib/
style() { bash tests/lib/style.sh >"$W/said" 2>&1; }
sound() { printf '/*\n * a.c - a file.\n */\nint one(const char *s);\n' >base/a.c; }
wrong() { # NAME WHAT-IS-SAID: the file as it is now
	no "$1" style
	ok "$1: it is said" grep -q "base/a.c:.*$2" "$W/said"
	sound
}
sound
ok "a sound file" style
sed -i 1,3d base/a.c; wrong "no first comment" "no comment that says what the file is"
sed -i 's/a\.c - /b.c - /' base/a.c; wrong "a first comment that names another file" "the file is named a.c"
echo "int two; /* TO""DO */" >>base/a.c; wrong "a line that puts work off" "TO""DO"
printf 'int two; \n' >>base/a.c; wrong "blanks at the end" "blanks at the end"
printf 'int two = %s;\n' "$(printf '1 + %.0s' {1..40})1" >>base/a.c; wrong "a line too long" "columns"
echo >"$W/lines/ 1 A line of a screen"; no "a file that was made by mistake" style
ok "a file that was made by mistake: it is said" grep -q "1 A line of a screen: a file's name" "$W/said"; rm "$W/lines/ 1 A line of a screen"
if command -v clang-format >/dev/null; then
	echo "int  two;" >>base/a.c; wrong "another format" "not as make format writes it"
else
	skip "another format" "there is no clang-format"
fi
cd "$ROOT" && tap_done
