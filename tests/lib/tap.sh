# tap.sh - Test Anything Protocol for shell stories. Source it; end with `tap_done`.
#
#	ok "what was promised" command args...	passes when the command succeeds
#	no "what must not be" command args...	passes when the command fails
#	is "what" GOT WANTED			passes when the two are equal
#	tap_of "whose" command args...		takes another program's TAP lines over
#	skip "what" "why"			says loudly that nothing was tested
#	bail "why"				no use going on

tap_count=0
tap_failed=0

tap_line() { # 0|1 NAME
	tap_count=$((tap_count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tap_count - $2"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok $tap_count - $2"
	fi
}

# jq -e of 1.6 says yes where nothing came in, such as from a server that did not answer: here it is no.
jq() {
	local arg asks= out rc
	for arg in "$@"; do [[ $arg =~ ^-[a-zA-Z]*e[a-zA-Z]*$ ]] && asks=1; done
	[ -n "$asks" ] || { command jq "$@"; return; }
	out=$(command jq "$@")
	rc=$?
	[ -n "$out" ] || return $((rc == 0 ? 4 : rc))
	printf '%s\n' "$out"
	return $rc
}

ok() {
	local name=$1 rc=0
	shift
	"$@" || rc=1
	tap_line $rc "$name"
	[ $rc = 0 ] || echo "# failed: $*"
	return 0
}

no() {
	local name=$1 rc=0
	shift
	"$@" || rc=$?
	# where there is nothing to be read nothing was found out
	if [ $rc = 0 ] || [ "$1 $rc" = "jq 4" ]; then rc=1; else rc=0; fi
	tap_line $rc "$name"
	[ $rc = 0 ] || echo "# succeeded, but must not: $*"
	return 0
}

is() {
	if [ "$2" = "$3" ]; then
		tap_line 0 "$1"
	else
		tap_line 1 "$1"
		printf '# got    %s\n# wanted %s\n' "$2" "$3"
	fi
}

tap_of() {
	local name=$1 out err line rc=0
	shift
	out=$(mktemp) err=$(mktemp)
	"$@" >"$out" 2>"$err" </dev/null || rc=$?
	while read -r line; do
		case $line in
		"ok "*) tap_line 0 "$name: ${line#* - }" ;;
		"not ok "*) tap_line 1 "$name: ${line#* - }" ;;
		"#"*) echo "$line" ;;
		esac
	done <"$out"
	[ $rc = 0 ] || sed 's/^/# /' "$err" | head -20
	ok "$name: to its end" grep -q '^1\.\.' "$out"
	rm -f "$out" "$err"
}

skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

bail() {
	tap_line 1 "$1"
	tap_done
	exit 1
}

tap_done() {
	echo "1..$tap_count"
	[ "$tap_failed" = 0 ]
}
