# screen.sh - how the demo speaks: panels side by side, and verdicts it keeps.
# Colour only on a terminal, and never when NO_COLOR is set.

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	BOLD=$'\033[1m' GREEN=$'\033[32m' RED=$'\033[31m' DIM=$'\033[2m' PLAIN_TEXT=$'\033[0m'
else
	BOLD= GREEN= RED= DIM= PLAIN_TEXT=
fi
surprises=0

# panel FILE TITLE: the title, then standard input, kept for show_panels.
panel() { { echo "$2"; cat; } >"$1"; }

# Two files side by side. A CJK character takes two columns, any other one.
show_panels() { # LEFT RIGHT
	LC_ALL=C awk -v left_columns=49 -v bold="$BOLD" -v plain="$PLAIN_TEXT" '
		function columns(s, n, w) {
			n = s; w = gsub(/[\343-\357][\200-\277][\200-\277]/, "", n) * 2
			gsub(/[\200-\277]/, "", n)
			return w + length(n)
		}
		FNR == NR { left[++n] = $0; next }
		{ right[++m] = $0 }
		END {
			for (i = 1; i <= (n > m ? n : m); i++) {
				pad = left_columns - columns(left[i]); if (pad < 1) pad = 1
				line = (i == 1 ? " " bold : "   ") left[i] (i == 1 ? plain : "")
				if (i == 1) pad += 2
				while (i <= m && pad-- > 0) line = line " "
				print (i > m ? line : line (i == 1 ? bold : "  ") right[i] (i == 1 ? plain : ""))
			}
			print ""
		}' "$1" "$2"
}

# verdict COMMAND args...: prints ok or SURPRISE, and remembers.
verdict() {
	if "$@" >/dev/null 2>&1; then
		echo "ok"
	else
		echo "SURPRISE"
	fi
}

# A line that must read "ok" at its end; counted when it does not. To be used
# outside of pipes, so that the count survives.
check() { # TEXT COMMAND args...
	local text=$1 v
	shift
	v=$(verdict "$@")
	[ "$v" = ok ] || surprises=$((surprises + 1))
	CHECKED="$text$v"
}

surprise() {
	surprises=$((surprises + 1))
	echo "${RED}surprise:${PLAIN_TEXT} $*" >&2
}

# A token or any long word, cut for the screen.
short() { # TEXT COLUMNS
	if [ "${#1}" -gt "$2" ]; then echo "${1:0:$2}…"; else echo "$1"; fi
}

paint() { # colours the words ok and SURPRISE on the way out
	if [ -n "$GREEN" ]; then
		sed -E "s/\bok( {4}|\$)/${GREEN}ok${PLAIN_TEXT}\1/g; s/SURPRISE/${RED}SURPRISE${PLAIN_TEXT}/"
	else
		cat
	fi
}
