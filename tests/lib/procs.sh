# procs.sh - start, await and stop processes by their own ids, and find free ports.
#
# Everything started here is stopped when the script ends, however it ends.
# Nothing is ever stopped by name.

declare -A PROC_PID

# A loopback port nobody listens on and nobody here was given before. Files that
# run side by side have ranges of their own (PORT_FIRST, PORT_COUNT; tests/run).
free_port() { # sets PORT
	local p tries=0
	while [ $((tries += 1)) -le 200 ]; do
		p=$((${PORT_FIRST:-10000} + (RANDOM * 32768 + RANDOM) % ${PORT_COUNT:-20000}))
		case " ${PORTS_GIVEN:-} " in *" $p "*) continue ;; esac
		if ! (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null; then
			PORTS_GIVEN="${PORTS_GIVEN:-} $p"
			PORT=$p
			return 0
		fi
	done
	echo "no free port found" >&2
	return 1
}

# start NAME LOGFILE command args...
start() {
	local name=$1 log=$2
	shift 2
	"$@" >>"$log" 2>&1 </dev/null &
	PROC_PID[$name]=$!
	disown "${PROC_PID[$name]}"	# no "Killed" lines among the TAP
}

alive() { # NAME
	[ -n "${PROC_PID[$1]:-}" ] && kill -0 "${PROC_PID[$1]}" 2>/dev/null
}

# stop NAME [SIGNAL]: sends it and waits until the process is gone (10 s, then KILL).
stop() {
	local pid=${PROC_PID[$1]:-} i
	[ -n "$pid" ] || return 0
	kill -"${2:-TERM}" "$pid" 2>/dev/null
	for i in $(seq 100); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	kill -KILL "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	unset "PROC_PID[$1]"
	return 0
}

stop_all() {
	local name
	for name in "${!PROC_PID[@]}"; do stop "$name"; done
}

# await SECONDS command args...: until it succeeds.
await() {
	local tenths=$(($1 * 10)) i
	shift
	for ((i = 0; i < tenths; i++)); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	return 1
}

port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
