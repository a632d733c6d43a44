# apart.sh - where root runs the demo, keyd, scrimd and the witness are three users (`scrim up` sees
# to the first two), in a folder that all of them can reach. Who has names here has those, else
# the numbers that cli/users.c has.

APART= PROGRAMS=$BIN UP_AS=
as_user() { # UID command...
	setpriv --reuid "$1" --regid "$1" --clear-groups "${@:2}"
}
number_of() { id -u "$1" 2>/dev/null || echo "$2"; } # NAME ELSE

# Before there is a folder: may root be others here, and where can they all go?
apart_begin() {
	[ "$(id -u)" = 0 ] || return 0
	KEYD_USER=$(number_of scrim-keyd 61001) SCRIMD_USER=$(number_of scrimd 61002) WITNESS_USER=$(number_of scrim-witness 61003)
	if ! as_user "$WITNESS_USER" true 2>/dev/null; then
		echo "demo: root cannot become another user here: EVERYTHING RUNS AS ROOT (scrim up --one-user)" >&2
		UP_AS=--one-user
		return 0
	fi
	APART=1
	# where the sources are may be closed to everybody but root, as /root is
	[ -n "${DEMO_DIR:-}" ] || as_user "$WITNESS_USER" test -x "$ROOT" || DEMO_DIR=/var/lib/scrim-demo
}

# There is: others pass through it, and find programs that they can run.
apart_folder() {
	[ -n "$APART" ] || return 0
	chmod 711 "$D"
	as_user "$WITNESS_USER" test -x "$D" || give_up "users other than root cannot reach $D: DEMO_DIR=/var/lib/scrim-demo names another folder"
	as_user "$WITNESS_USER" test -x "$BIN/scrim" && return
	PROGRAMS=$D/bin
	mkdir -p "$PROGRAMS" && install -m 755 "$BIN/scrim" "$BIN/scrimd" "$PROGRAMS/" && chmod 711 "$PROGRAMS"
}

# Start NAME as UID, where there are users; PROGRAM is one of ours.
start_as() { # UID NAME LOG PROGRAM args...
	if [ -n "$APART" ]; then
		start "$2" "$3" setpriv --reuid "$1" --regid "$1" --clear-groups "$PROGRAMS/$4" "${@:5}"
	else
		start "$2" "$3" "$BIN/$4" "${@:5}"
	fi
}
