# world.sh - a whole Scrim of our own in a temporary folder: keys, configuration,
# keyd, scrimd and the systems behind it. Source it; everything it starts is
# stopped and its folder removed when the script ends.
#
#	world_new			makes $W, certificates, one API key per role
#	world_routes FILE|-		the routes of scrim.json (a JSON array)
#	world_up / world_down		keyd and scrimd (start_keyd, start_scrimd)
#	world_curl ROLE args...		curl with that role's key and our CA
#	$URL (TLS), $PLAIN (no TLS)	where scrimd listens

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=$ROOT/build/${VARIANT:-release}
BIN=$BUILD/bin
TOOLS=$BUILD/tools
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/procs.sh"

ROLES="shop order_system carrier telephony support support_lead fraud finance marketing analyst auditor privacy_officer key_custodian operator"
W=

world_end() {
	stop_all
	[ -z "$W" ] || [ -n "${KEEP_WORLD:-}" ] || rm -rf "$W"
}

# With sanitisers in the build, what they say counts: called before the plan.
eval "plain_$(declare -f tap_done)"
tap_done() {
	case ${VARIANT:-release} in san-*)
		stop_all
		no "a sanitiser complained" grep -rhE \
			'(Address|Leak|Thread|Memory)Sanitizer|runtime error:' "$W/log"
		;;
	esac
	plain_tap_done
}

world_new() {
	umask 077
	W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-test.XXXXXX") || bail "no temporary folder"
	trap world_end EXIT
	trap 'exit 130' INT TERM
	mkdir -p "$W/keys" "$W/run" "$W/run/keyd" "$W/tmp" "$W/log"
	export SCRIM_TRUST=$W/trust # the auditor's file, made by logs_verified
	cp "${WORLD_POLICY:-$ROOT/policy/default.json}" "$W/policy.json" || bail "no policy"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
		-keyout "$W/keys/tls.key" -out "$W/keys/tls.crt" -subj /CN=localhost \
		-addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null || bail "no certificate"
	local role principals=
	for role in $ROLES; do
		openssl rand -hex 24 | tr -d '\n' >"$W/keys/$role.key"
		principals+=$(printf '{"name":"%s-1","role":"%s","api_key_sha256":"%s"},' "$role" "$role" \
			"$(sha256sum <"$W/keys/$role.key" | cut -d' ' -f1)")
	done
	PRINCIPALS="[${principals%,}]"
	free_port && TLS_PORT=$PORT
	free_port && PLAIN_PORT=$PORT
	free_port && PEER_PORT=$PORT
	free_port && CARRIER_PORT=$PORT
	URL=https://127.0.0.1:$TLS_PORT
	PLAIN=http://127.0.0.1:$PLAIN_PORT
	cat >"$W/keyd.json" <<-END
		{ "tenant": "demo", "socket": "run/keyd.sock", "store": "run/keyd/keyd.db",
		  "log": "run/keyd/log", "root": "keys/root.json", "policy": "policy.json",
		  "operator": "run/keyd/operator.sock", "principals": "principals.json",
		  "gateways": [ { "node": "scrimd", "uid": $(id -u), "asserts": [ $(world_asserts) ],
		    "people_per_day": { "T2": 100000, "T3": 100000 } } ], "demo": true }
	END
	world_callers
}

# A policy whose bulk restore opens what is sensitive too, unsigned: for tests of bytes alone.
world_restore_all() {
	sed -i -e '/"id": "restore-sensitive"/,/}/s/, { "signature": true }//' \
		-e '/"name": "\(a restore of it without a signature\|and of what nobody labelled\|nothing sensitive is shown without\)/d' "$W/policy.json"
}

# ROLE's principal signs, with the key in $W/keys/ROLE.sign; before world_routes.
world_signer() { # ROLE
	local key
	key=$("$BIN/scrim" keys signer "$1-1" --keyd-config "$W/keyd.json" --out "$W/keys/$1.sign" --json | jq -r .sign_key)
	PRINCIPALS=$(jq -c --arg name "$1-1" --arg key "$key" 'map(if .name == $name then .sign_key = $key else . end)' <<<"$PRINCIPALS") ||
		bail "no signing key"
}

# Who signs, at keyd and at the gateway, that a lost log begins anew; before world_routes.
world_owner() {
	world_signer privacy_officer
	WORLD_OWNER='["privacy_officer-1"]'
	jq --argjson who "$WORLD_OWNER" '.anew_signers = $who' "$W/keyd.json" >"$W/keyd.new" && mv "$W/keyd.new" "$W/keyd.json" ||
		bail "no owner"
}

# The owner's statement about a log, by the three words that were printed, into FILE.
owner_signs() { # FILE ORIGIN SIZE ROOT
	rm -f "$1"
	"$BIN/scrim" keys anew "${@:2}" --sign "$W/keys/privacy_officer.sign" --reason "the disk was lost" --out "$1" >"$W/log/signed"
}

# keyd's way out, by what it asks to be signed; where it asks for nothing, that.
keyd_anew() { # --start-anew, or --forget-head ORIGIN
	local words
	world_callers
	"$BIN/scrim-keyd" --config "$W/keyd.json" --demo "$@" 2>"$W/log/anew" && return 1
	words=$(sed -n 's/.*scrim keys anew \([^ ]* [^ ]* [^ ]*\) .*/\1/p' "$W/log/anew")
	[ -n "$words" ] || return 1
	# shellcheck disable=SC2086
	owner_signs "$W/anew" $words &&
		"$BIN/scrim-keyd" --config "$W/keyd.json" --demo "$@" --statement "$W/anew" 2>"$W/log/anew"
}

# keyd's principals: scrim.json's own, and those in whose name scrimd asks itself.
world_callers() {
	if [ -e "$W/scrim.json" ]; then
		jq 'if .principals | type == "array" then .principals + [
			(.collect.sites // [] | .[] | { name, role: "collector", asserted: true }),
			(.phone.vendors // [] | .[] | { name, role: (.role // "telephony"), asserted: true }) ] | unique_by(.name)
			else empty end' "$W/scrim.json"
	else
		echo "$PRINCIPALS"
	fi >"$W/principals.new" || bail "no principals"
	if [ -s "$W/principals.new" ]; then mv "$W/principals.new" "$W/principals.json"; else rm "$W/principals.new"; fi
}

# Of whom keyd takes the gateway's word: roles that the policy has.
world_asserts() {
	local role list=
	for role in telephony collector carrier shop; do
		grep -q "\"$role\"" "$W/policy.json" && list+="\"$role\","
	done
	echo "${list%,}"
}

# Values of whom nobody knows how old they are, such as those without a subject, open as others do.
world_any_age() {
	sed -i -e '/idle_weeks/d' -e 's/, "sealed_within": "30d"//' -e 's/"when": { "sealed_within": "30d" }/"when": { "records_max": 4000000 }/' "$W/policy.json"
}

# The routes come from a file or standard input, virtual numbers (the section "phone") from WORLD_PHONE.
world_routes() {
	jq -n --slurpfile routes "${1/#-//dev/stdin}" --argjson principals "$PRINCIPALS" \
		--argjson limits "${WORLD_LIMITS:-{\}}" --argjson phone "${WORLD_PHONE:-null}" --argjson owner "${WORLD_OWNER:-null}" --argjson tls "$TLS_PORT" --argjson plain "$PLAIN_PORT" '{
		tenant: "demo", policy: "policy.json", keyd: "unix:run/keyd.sock",
		store: "sqlite:run/scrim.db", log: "run/log", threads: 2, limits: $limits,
		listen: [ { address: "127.0.0.1:\($tls)", tls: { cert: "keys/tls.crt", key: "keys/tls.key" } },
			  { address: "127.0.0.1:\($plain)", plain: true } ],
		principals: $principals, routes: $routes[0] } + if $phone == null then {} else { phone: $phone } end +
			if $owner == null then {} else { anew_signers: $owner } end' >"$W/scrim.json" || bail "no configuration"
}

# The four shapes of the tests' own orders, all to one upstream.
world_order_routes() { # UPSTREAM
	"$ROOT/tests/lib/routes_from_paths.sh" "$ROOT/tests/data/paths.json" "$1" \
		"$(cat "$ROOT/tests/data/subjects.json")"
}

keyd_init() {
	world_callers
	[ -e "$W/keys/root.json" ] && return 0
	"$BIN/scrim-keyd" --config "$W/keyd.json" --demo --init >>"$W/log/keyd.err" 2>&1
}

start_keyd() {
	world_callers
	TMPDIR=$W/tmp start keyd "$W/log/keyd.err" ${TEST_CLOCK:+env "LD_PRELOAD=$TOOLS/testclock.so"} \
		"$BIN/scrim-keyd" --config "$W/keyd.json" --demo
}

# A clock that a test sets for keyd: in force from its next start, and while it runs.
clock_new() {
	head -c 16 /dev/zero >"$W/clock"
	export TEST_CLOCK=$W/clock
}

# From the next start on it is noon by it, whatever the hour: no midnight comes between.
clock_noon() {
	export CLOCK_NOON_S=$((43200 - $(date +%s) % 86400))
	clock_ahead 0
}

clock_ahead() { # DAYS
	perl -e 'print pack("q", $ARGV[0] * 86400000 + $ARGV[1] * 1000)' -- "$1" "${CLOCK_NOON_S:-0}" | dd of="$W/clock" conv=notrunc status=none
}

# Days go by, from the start of the test on, which nobody can set: a keyd that runs lives through them.
clock_runs() { # DAYS
	perl -e 'print pack("q", $ARGV[0] * 86400000)' -- "$1" | dd of="$W/clock" conv=notrunc status=none bs=8 seek=1
}

start_scrimd() {
	TMPDIR=$W/tmp start scrimd "$W/log/scrimd.err" "$BIN/scrimd" --config "$W/scrim.json"
}

start_peer() { # NAME ROLE PORT [args...]
	local name=$1 role=$2 port=$3
	shift 3
	start "$name" "$W/log/$name.err" "$TOOLS/demo_peer" --role "$role" --port "$port" --store "$W/$name.ndjson" "$@"
	await 5 port_open "$port"
}

ready() { curl -sf --max-time 2 -o /dev/null "$PLAIN/readyz"; }

world_up() {
	keyd_init || { tail -5 "$W/log/keyd.err"; bail "keyd could not be initialised"; }
	start_keyd
	start_scrimd
	await 20 ready && return 0
	tail -5 "$W/log/keyd.err" "$W/log/scrimd.err"
	bail "scrimd did not become ready"
}

world_down() { stop scrimd; stop keyd; }

# The auditor's look: both logs verify, by the keys and heads that were there at the first look.
logs_verified() { # [option...]
	"$BIN/scrim" audit trust "$@" && "$BIN/scrim" audit verify "$@"
}

world_curl() { # ROLE args...
	local role=$1
	shift
	curl -s --max-time "${CURL_MAX:-20}" --cacert "$W/keys/tls.crt" \
		-H "Authorization: Bearer $(cat "$W/keys/$role.key")" "$@"
}

# POST every line of FILE to PATH over many connections; a status per line to OUT.
world_post_lines() { # ROLE PATH FILE OUT [PARALLEL] [SAVE-ANSWERS-DIR]
	local dir
	dir=$(mktemp -d "$W/tmp/post.XXXXXX")
	split -a 6 -d -l 1 "$3" "$dir/b"
	local f first=1
	for f in "$dir"/b*; do
		[ $first = 1 ] || echo next
		first=0
		printf 'url = "%s%s"\nheader = "Authorization: Bearer %s"\nheader = "Content-Type: application/json"\n' \
			"${POST_URL:-$URL}" "$2" "$(cat "$W/keys/$1.key")"
		printf 'data-binary = "@%s"\noutput = "%s"\nwrite-out = "%s %%{http_code}\\n"\ncacert = "%s"\nmax-time = 30\nsilent\n' \
			"$f" "${6:-$dir}/a${f##*/b}" "${f##*/b}" "$W/keys/tls.crt"
	done >"$dir/config"
	curl --parallel --parallel-max "${5:-16}" --no-progress-meter -K "$dir/config" 2>/dev/null | sort >"$4"
	rm -rf "$dir"
}
