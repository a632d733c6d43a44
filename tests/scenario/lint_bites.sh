#!/bin/bash
# lint_bites.sh - what `make lint` says of the house style, it says of a tree
# in which one thing after the other was done wrong, and of nothing else.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/lib/tap.sh
ROOT=$PWD
W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-lint.XXXXXX") || bail "no temporary folder"
trap 'rm -rf "$W"' EXIT

# A small house without a fault: two floors, a pair of constants, a schema.
sound() {
	rm -rf "$W/t" && mkdir -p "$W/t"/{mk,docs,tests/lib,base/text,net/loop} && cd "$W/t" || exit 2
	printf '%s\n' 'LAYERS := base net' 'sees_base := base' 'sees_net := $(sees_base) net' >mk/layers.mk
	printf '/*\n * a.h\n */\n#ifndef BASE_A_H\n#define BASE_A_H\n#define ONE_ITEMS_MAX 64\nstruct pair_of {\n\tint n;\n};\nint one(const char *s);\n#endif\n' >base/a.h
	printf '/*\n * a.c\n */\n#include "base/a.h"\n#include <string.h>\nint one(const char *s)\n{\n\tint n = (int)strlen(s);\n\n\tfor (int i = 0; i < ONE_ITEMS_MAX; i++)\n\t\tn += i;\n\treturn n;\n}\n' >base/a.c
	printf '/*\n * b.h\n */\n#ifndef NET_B_H\n#define NET_B_H\n#include "base/a.h"\n#define TWO_ITEMS_MAX ONE_ITEMS_MAX\nint two(void);\n#endif\n' >net/b.h
	printf '/*\n * b.c\n */\n#include "net/b.h"\nint two(void)\n{\n\treturn one("key") + TWO_ITEMS_MAX;\n}\n' >net/b.c
	printf '/*\n * main.c\n */\n#include "net/b.h"\nint main(void)\n{\n\treturn two();\n}\n' >net/main.c
	echo '{"properties":{"key":{"type":"string"}}}' >docs/config.schema.json
}

judge() { # what the lint says of it
	local f kept
	mkdir -p obj/base obj/net "$W/kept"
	for f in base/*.c net/*.c; do
		kept=$W/kept/$(cat "$f" base/*.h net/*.h | md5sum | cut -d' ' -f1).o
		[ -e "$kept" ] || gcc -w -I. -c "$f" -o "$kept" || return 2
		cp "$kept" "obj/${f%.c}.o"
	done
	python3 "$ROOT/tests/lib/house.py" -C . -o obj >"$W/said" 2>&1
}

bites() { # NAME WHAT-IT-SAYS: it says this, once, and nothing else
	judge
	local rc=$?
	ok "$1" [ $rc = 1 ]
	ok "$1: it says so, and no more" eval "grep -qF -- '$2' '$W/said' && [ \$(grep -c '^  ' '$W/said') = 1 ]" || sed 's/^/# /' "$W/said"
}

sound && judge
is "nothing is said of a sound house" 0 $?

sound && sed -i 's|#include "net/b.h"|#include "../net/b.h"|' net/main.c
bites "a relative include" 'net/main.c:4: "../net/b.h" is relative'
sound && sed -i '5i #include "net/b.h"' base/a.c
judge
ok "an include of a higher floor" grep -qF 'base/a.c:5: base may not see net/b.h' "$W/said"
ok "and that its folder now needs it in a circle" grep -qF 'folders need each other in a circle: base -> net' "$W/said"
sound && sed -i '6i #include "net/c.h"' net/b.h && printf '#ifndef NET_C_H\n#define NET_C_H\n#include "net/b.h"\n#endif\n' >net/c.h
bites "headers in a circle" 'headers include each other in a circle: net/b.h net/c.h'
sound && printf '/*\n * c.c\n */\n#include "net/b.h"\nint three(void)\n{\n\treturn two();\n}\n' >net/c.c && sed -i 's/int two(void);/&\nint three(void);/' net/b.h && sed -i 's/return one/return three() + one/' net/b.c
bites "object files in a circle" 'net/b.c -> net/c.c (three), net/c.c -> net/b.c (two)'
printf '#ifndef NET_P_H\n#define NET_P_H\nint two(void);\n#endif\n' >net/b_private.h
sed -i 's|#include "net/b.h"|&\n#include "net/b_private.h"|' net/b.c net/c.c
judge
is "one object in several files may" 0 $?
sound && sed -i 's/int two(void);/&\nint three(void);/' net/b.h && printf 'int three(void)\n{\n\treturn 3;\n}\n' >>net/b.c
bites "a function that nobody calls" 'net/b.c: three is used by no other file'
mkdir -p tests/unit && echo 'int t(void) { return three(); }' >tests/unit/t.c
bites "a function that only tests call" 'net/b.c: three is used by tests only'
echo 'hook three - tests count with it' >tests/lib/house.txt
judge
is "unless its reason is given" 0 $?
rm tests/unit/t.c && sed -i 's/return one/return three() + one/' net/b.c && sed -i 's/return two/return three() + two/' net/main.c
bites "a reason that is given for nothing" 'hook three excepts nothing'
sound && sed -i '6i #define SPARE 3' base/a.h
bites "a constant that nobody uses" 'base/a.h:6: SPARE is used by no other file'
sound && sed -i '/string.h/d' base/a.c
bites "a library function without its header" 'base/a.c:7: strlen is used, <string.h> is not included'
sound && sed -i 's/TWO_ITEMS_MAX ONE_ITEMS_MAX/TWO_ITEMS_MAX (8 * 8)/' net/b.h
bites "equal ceilings that nothing ties" 'TWO_ITEMS_MAX is 64 as ONE_ITEMS_MAX is'
sed -i '5i _Static_assert(ONE_ITEMS_MAX == TWO_ITEMS_MAX, "one");' net/b.c && judge
is "tied by an assertion" 0 $?
sound && sed -i 's/"key":{/"key":{"type":"object","properties":{"lock":{}}},"door":{/; s/}}}$/}}}/' docs/config.schema.json && sed -i 's/"key"/"lock"/; s/one(/one("key") + one(/' net/b.c
bites "a key that nobody reads" '"door" is read by nobody'
sound && sed -i 's/\tint n = (int)strlen(s);/&\n\tint i;/; s/for (int i/for (i/' base/a.c
bites "a counter that outlives its loop for nothing" 'base/a.c:9: i counts in a loop only'
sound && sed -i 's/#include "base\/a.h"//; s/#include <string.h>/&\n#include "base\/a.h"/' base/a.c
bites "an own header behind the system's" "base/a.c:5: the house"
sound && sed -i 's/return n;/return n + ((struct pair_of *)(void *)s)->n;/' base/a.c
bites "an owner found by a cast" '(struct pair_of *)(void *): loop_owner()'


# What is of one line each is judged by style.sh.
sound && cp "$ROOT/tests/lib/style.sh" tests/lib/ && cp "$ROOT/.clang-format" . && git init -q .
clang-format -i base/*.[ch] net/*.[ch]
styled() { bash tests/lib/style.sh >"$W/said" 2>&1; }
ok "a sound house is in style" styled || sed 's/^/# /' "$W/said"
if command -v clang-format >/dev/null; then
	sed -i 's/int one(const char \*s);/int  one( const char *s );/' base/a.h && styled
	ok "what is not as make format writes it" grep -q 'base/a.h: not as make format writes it' "$W/said"
else
	skip "what is not as make format writes it" "there is no clang-format"
fi
sound && cp "$ROOT/tests/lib/style.sh" tests/lib/ && git init -q .
sed -i '1d' base/a.c && echo "int x; // TO""DO" >>net/b.c && styled
no "a file that does not say what it is, a line that puts work off" styled
ok "the first" grep -q 'base/a.c:1: no comment that says what the file is' "$W/said"
ok "the second" grep -q 'net/b.c:.*TO''DO' "$W/said"

cd "$ROOT" && tap_done
