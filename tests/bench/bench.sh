#!/bin/bash
# bench.sh - the gateway held against nginx, side by side in one run.
#
# nginx proxies an order untouched; scrimd does the same with its rules off,
# with six fields sealed, and with six tokens of the answer restored. One wrk
# thread drives them in alternating rounds, plain and TLS 1.3, over 32 and 256
# connections; nginx and scrimd have two workers each and the same upstream
# (one nginx worker answering about 700 bytes). Every scrimd row goes with the
# nginx run of its own round; ratios are medians over the rounds.
#
# Prints a table and writes build/bench.json (keys: docs/PERFORMANCE.md).
# SHORT=1: about a minute. ROUNDS and SECONDS_EACH override. Exit 1 when an
# answer was not 2xx: a figure with errors in it is no figure.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/lib/world.sh
. tests/bench/nginx.sh
. tests/bench/routes.sh

if [ -n "${SHORT:-}" ]; then ROUNDS=${ROUNDS:-2} EACH=${SECONDS_EACH:-1}; else ROUNDS=${ROUNDS:-4} EACH=${SECONDS_EACH:-3}; fi
LOGGED=nginx_logged
[ -z "${SHORT:-}" ] || LOGGED=
FRONTS=${FRONTS:-plain tls}
CONNECTIONS=${CONNECTIONS:-32 256}

die() { echo "bench: $*" >&2; exit 1; }
for tool in nginx wrk jq; do
	command -v $tool >/dev/null || [ -x /usr/sbin/$tool ] || die "$tool is missing (make deps-heavy)"
done
NGINX=$(command -v nginx || echo /usr/sbin/nginx)

# ---- the world ---------------------------------------------------------------
world_new
ulimit -n 8192 2>/dev/null
free_port && NG_PLAIN=$PORT
free_port && NG_TLS=$PORT
free_port && NG_LOG_PLAIN=$PORT
free_port && NG_LOG_TLS=$PORT
UP=http://127.0.0.1:$PEER_PORT
ROLE=${BENCH_ROLE:-order_system}
PURPOSE=${BENCH_PURPOSE:-delivery}

bench_routes "$UP" "$PURPOSE" /tokens >"$W/routes.json"
world_routes "$W/routes.json"

tr -d '\n' <"$ORDER" >"$W/answer.json"
cp "$W/answer.json" "$W/tokens.json"
world_up

# The answer with six tokens is made by the gateway itself.
world_curl "$ROLE" -H 'Content-Type: application/x-ndjson' --data-binary @"$W/answer.json" \
	"$PLAIN/v1/rewrite/seal?side=request" | tr -d '\n' >"$W/tokens.json"
[ "$(grep -o sct1- "$W/tokens.json" | wc -l)" = 6 ] || die "the six fields were not sealed: $(head -c 300 "$W/tokens.json")"

nginx_upstream "$W/up" "$PEER_PORT" "$W/answer.json" "$W/tokens.json"
nginx_proxy "$W/ng" $NG_PLAIN $NG_TLS $NG_LOG_PLAIN $NG_LOG_TLS "$PEER_PORT" "$W/keys/tls.crt" "$W/keys/tls.key"
start upstream "$W/log/up.err" "$NGINX" -c "$W/up/nginx.conf" -p "$W/up"
start nginx "$W/log/ng.err" "$NGINX" -c "$W/ng/nginx.conf" -p "$W/ng"
await 5 port_open "$PEER_PORT" && await 5 port_open "$NG_TLS" || die "nginx did not start: $(tail -2 "$W"/log/*.err)"

# The restored answer must be the untouched one: six tokens opened, nothing else changed.
world_curl "$ROLE" -H "Scrim-Purpose: $PURPOSE" "$PLAIN/tokens" | cmp -s - "$W/answer.json" ||
	die "the six tokens of the answer were not opened"
[ "$(curl -s "http://127.0.0.1:$NG_PLAIN/off")" = "$(cat "$W/answer.json")" ] || die "nginx does not answer"

# ---- measuring ---------------------------------------------------------------
# All ids of a process: nginx has workers, the others have threads only.
pids_of() { echo "${PROC_PID[$1]}"; cat "/proc/${PROC_PID[$1]}/task/${PROC_PID[$1]}/children" 2>/dev/null; }

cpu_us() { # NAME: user + system time so far, microseconds
	local p t=0
	for p in $(pids_of "$1"); do
		set -- $(sed 's/^.*) //' "/proc/$p/stat" 2>/dev/null)
		t=$((t + ${12:-0} + ${13:-0}))
	done
	echo $((t * 1000000 / HZ))
}
HZ=$(getconf CLK_TCK)

switches() { # NAME: context switches so far
	local p
	for p in $(pids_of "$1"); do cat /proc/"$p"/task/*/status 2>/dev/null; done |
		awk '/ctxt_switches/ { n += $2 } END { print n + 0 }'
}

machine_busy() { awk 'NR == 1 { print ($2 + $3 + $4 + $7 + $8 + $9) * 1000000 / hz }' hz="$HZ" /proc/stat; }

# measure VARIANT FRONT C ROUND: one wrk run, a JSON line to $W/rows
measure() {
	local variant=$1 front=$2 c=$3 round=$4 port path mode=post procs
	case $variant in
	nginx) path=/off; procs=nginx ;;
	nginx_logged) path=/off; procs=nginx ;;
	nginx_tokens) path=/tokens mode=get; procs=nginx ;;
	off) path=/off; procs="scrimd keyd" ;;
	seal) path=/seal; procs="scrimd keyd" ;;
	restore) path=/tokens mode=get; procs="scrimd keyd" ;;
	esac
	case $variant-$front in
	nginx_logged-plain) port=$NG_LOG_PLAIN ;; nginx_logged-tls) port=$NG_LOG_TLS ;;
	nginx*-plain) port=$NG_PLAIN ;; nginx*-tls) port=$NG_TLS ;;
	*-plain) port=$PLAIN_PORT ;; *) port=$TLS_PORT ;;
	esac
	local scheme=http before=() i=0 p busy own0=0 own1=0
	[ "$front" = tls ] && scheme=https
	for p in $procs upstream; do before[i]="$(cpu_us "$p") $(switches "$p")"; i=$((i + 1)); done
	busy=$(machine_busy)
	local out
	out=$({ MODE=$mode KEY=$(cat "$W/keys/$ROLE.key") PURPOSE=$PURPOSE bash -c '
		wrk -t1 -c"$1" -d"$2"s --latency --timeout 10s -s tests/bench/orders.lua "$3"; times' \
		bench "$c" "$EACH" "$scheme://127.0.0.1:$port$path"; } 2>&1)
	busy=$(awk -v a="$busy" -v b="$(machine_busy)" 'BEGIN { printf "%d", b - a }')
	local cpu=() cs=0 total=0 now
	i=0
	for p in $procs upstream; do
		now="$(cpu_us "$p") $(switches "$p")"
		set -- ${before[i]} $now
		cpu+=("\"$p\":$(($3 - $1))")
		total=$((total + $3 - $1))
		[ "$p" = upstream ] || cs=$((cs + $4 - $2))
		i=$((i + 1))
	done
	printf '%s\n' "$out" | awk -v variant="$variant" -v front="$front" -v c="$c" -v round="$round" \
		-v cpu="$(IFS=,; echo "${cpu[*]}")" -v cs="$cs" -v busy="$busy" -v total="$total" -v each="$EACH" '
		function ms(s) { return s ~ /us$/ ? s / 1000 : s ~ /ms$/ ? s + 0 : s * 1000 }
		function seconds(s, a) { split(s, a, /[ms]/); return a[1] * 60 + a[2] }
		/^ +50%/ { p50 = ms($2) }
		/^ +99%/ { p99 = ms($2) }
		/^Requests\/sec:/ { rps = $2 }
		/requests in/ { n = $1 }
		/Non-2xx/ { bad += $NF }
		/Socket errors/ { gsub(",", ""); bad += $4 + $6 + $8 + $10 }
		/^[0-9]+m[0-9.]+s / { wrk = seconds($1) + seconds($2) }
		END {
			own = total + wrk * 1000000
			foreign = (busy - own) / (each * 10000)
			printf "{\"variant\":\"%s\",\"front\":\"%s\",\"connections\":%d,\"round\":%d,\"requests\":%d,\"rps\":%.1f,", variant, front, c, round, n, rps
			printf "\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"errors\":%d,\"cpu_us\":{%s},\"switches\":%d,\"foreign_percent\":%.1f}\n", p50, p99, bad, cpu, cs, foreign < 0 ? 0 : foreign
		}' >>"$W/rows"
}

for front in $FRONTS; do
	for c in $CONNECTIONS; do
		[ -t 2 ] && printf '  %s, %s connections …\r' "$front" "$c" >&2
		# one short run of each, not counted: pools fill, keys are made
		saved=$EACH EACH=1
		for v in nginx seal restore; do measure $v "$front" "$c" 0; done
		EACH=$saved
		for round in $(seq "$ROUNDS"); do
			for v in nginx off seal nginx_tokens restore $LOGGED; do measure $v "$front" "$c" "$round"; done
		done
	done
done

# ---- what it says ------------------------------------------------------------
mkdir -p build
cpu_name=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)
jq -s --arg cpu "$cpu_name" --arg kernel "$(uname -r)" --arg cores "$(nproc)" --arg each "$EACH" --arg rounds "$ROUNDS" \
	--arg nginx "$("$NGINX" -v 2>&1 | sed 's/.*nginx\///')" --arg when "$(date -u +%FT%TZ)" '
	def median: sort | if length == 0 then null elif length % 2 == 1 then .[length / 2 | floor]
		else (.[length / 2 - 1] + .[length / 2]) / 2 end;
	def r2: if . == null then null else . * 100 | round / 100 end;
	map(select(.round > 0)) as $all
	| def of($v; $f; $c): $all | map(select(.variant == $v and .front == $f and .connections == $c));
	{ when: $when, machine: { cpu: $cpu, cores: ($cores | tonumber), kernel: $kernel, nginx: $nginx },
	  rounds: ($rounds | tonumber), seconds_each: ($each | tonumber),
	  foreign_percent: ($all | map(.foreign_percent) | median | r2),
	  errors: ($all | map(.errors) | add),
	  rows: [ ($all | map(.front) | unique)[] as $f | ($all | map(.connections) | unique)[] as $c
		| { nginx: null, nginx_logged: "nginx", off: "nginx", seal: "nginx", nginx_tokens: null, restore: "nginx_tokens" }
		| to_entries[] | .key as $v | .value as $base
		| of($v; $f; $c) as $mine | select($mine | length > 0)
		| (if $base then [ $mine[] as $m | (of($base; $f; $c)[] | select(.round == $m.round)) as $b
			| select($b.rps > 0) | $m.rps / $b.rps ] else [] end) as $ratios
		| { what: $v, against: $base, front: $f, connections: $c,
		    rps: ($mine | map(.rps) | median | r2),
		    ratio: ($ratios | median | r2), ratio_min: ($ratios | min | r2), ratio_max: ($ratios | max | r2),
		    p50_ms: ($mine | map(.p50_ms) | median | r2), p99_ms: ($mine | map(.p99_ms) | median | r2),
		    cpu_us_per_request: ([ $mine[] | .requests as $n | select($n > 0) | .cpu_us | to_entries[] | { key, v: (.value / $n) } ]
			| group_by(.key) | map({ key: .[0].key, value: (map(.v) | median | r2) }) | from_entries),
		    switches_per_request: ($mine | map(select(.requests > 0) | .switches / .requests) | median | r2),
		    foreign_percent: ($mine | map(.foreign_percent) | median | r2),
		    errors: ($mine | map(.errors) | add) } ] }' "$W/rows" >build/bench.json || die "no figures"

jq -r '
	def pad($n): tostring | . + (" " * ([$n - length, 0] | max));
	def lpad($n): tostring | (" " * ([$n - length, 0] | max)) + .;
	"\(.machine.cpu), \(.machine.cores) cores, nginx \(.machine.nginx), \(.rounds) rounds of \(.seconds_each) s; others used \(.foreign_percent) % of a core",
	("what" | pad(14)) + ("front" | pad(7)) + ("c" | lpad(4)) + ("req/s" | lpad(9)) + ("ratio" | lpad(8)) + "  " + ("[min-max]" | pad(13))
		+ ("p50 ms" | lpad(8)) + ("p99 ms" | lpad(9)) + "   CPU us a request (switches)",
	(.rows[] | (.what | pad(14)) + (.front | pad(7)) + (.connections | lpad(4)) + (.rps | floor | lpad(9))
		+ ((.ratio // "-") | lpad(8)) + "  " + ((if .ratio then "[\(.ratio_min)-\(.ratio_max)]" else "" end) | pad(13))
		+ (.p50_ms | lpad(8)) + (.p99_ms | lpad(9)) + "   "
		+ (.cpu_us_per_request | to_entries | map("\(.key) \(.value)") | join(", ")) + " (\(.switches_per_request))"
		+ (if .errors > 0 then "   \(.errors) ERRORS" else "" end))' build/bench.json
echo "figures: build/bench.json"
[ "$(jq '.errors' build/bench.json)" = 0 ] || die "some answers were errors; these figures mean nothing"
