#!/bin/bash
# What the command line promises without any daemon: help, exit codes, one clear
# line for each mistake, and no value ever repeated.
BIN=${SCRIM_BIN:-$(cd "$(dirname "$0")/../.." && pwd)/build/${VARIANT:-release}/bin}
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
. "$ROOT/tests/lib/tap.sh"

W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-usage.XXXXXX") || bail "no temporary folder"
trap 'rm -rf "$W"' EXIT
unset SCRIM_CONFIG http_proxy https_proxy
cd "$W" || bail "no temporary folder"

# run WANTED-CODE args...: standard output and error are kept in $W/out and $W/err.
run() {
	local want=$1
	shift
	"$BIN/scrim" "$@" >"$W/out" 2>"$W/err" </dev/null
	local rc=$?
	[ $rc = "$want" ] || { echo "# exit code $rc, wanted $want"; sed 's/^/# /' "$W/err"; return 1; }
}
says() { grep -q -- "$1" "$W/err"; }
quiet() { [ ! -s "$W/err" ]; }
one_line() { [ "$(wc -l <"$W/err")" = 1 ]; }

ok "scrim alone is wrong usage" run 2
ok "and lists the commands" says "scrim rewrite"
ok "--help is no mistake" run 0 --help
ok "and goes to standard output" grep -q "audit verify" "$W/out"
ok "--version tells the version" run 0 --version
ok "an unknown command is wrong usage" run 2 frobnicate
ok "a group alone is wrong usage" run 2 keys
ok "and lists the group" says "keys erase-subject"
ok "help of a group is no mistake" run 0 audit --help
ok "an unknown word of a group is wrong usage" run 2 audit frobnicate

grep -o '^  scrim [a-z-]*\( [a-z-]*\)\{0,1\}  ' <("$BIN/scrim" --help) | sed 's/^  scrim //' >"$W/commands"
is "all commands are listed" "$(wc -l <"$W/commands")" "$(grep -cE '^	\{ "[a-z -]+", cli_' "$ROOT/cli/main.c")"
while read -r words; do
	# shellcheck disable=SC2086
	ok "scrim $words --help answers" run 0 $words --help
	ok "scrim $words --help tells the usage" grep -q "^usage: scrim $words" "$W/out"
	# shellcheck disable=SC2086
	ok "scrim $words refuses an option it does not have" run 2 $words --no-such-option
	ok "in one line" one_line
done <"$W/commands"

ok "an option without its value is wrong usage" run 2 seal --class
ok "a flag with a value is wrong usage" run 2 up --demo=yes
ok "a number that is none is wrong usage" run 2 audit show --since soon
ok "seal without a class is wrong usage" run 2 seal 07700900123
ok "and does not repeat the value" bash -c "! grep -q 07700900123 '$W/err'"
ok "an option-like value is not repeated" run 2 seal -07700900123
ok "indeed not" bash -c "! grep -q 07700900123 '$W/err'"
ok "reveal with a class is wrong usage" run 2 reveal --class phone sct1-0
ok "reveal with a subject is wrong usage" run 2 reveal --subject c1 sct1-0
ok "nobody cannot be erased" run 2 keys erase-subject ""
ok "nor an id that no text can hold" run 2 keys erase-subject $'a\xff'
ok "nor one of 513 bytes" run 2 keys erase-subject "$(printf '%0513d' 0)"
ok "rewrite without a route is wrong usage" run 2 rewrite
ok "a route is a name" run 2 rewrite --route 'a b'
ok "a server is a URL" run 2 mask --class phone --server localhost 07700900123
ok "a reason is one line" run 2 mask --class phone --server http://127.0.0.1:1 --reason $'a\nb' x
ok "a key file that is not there is wrong usage" run 2 mask --class phone --server http://127.0.0.1:1 --key no-such x
printf 'not a key' >"$W/badkey"
ok "a key file that holds no key is wrong usage" run 2 mask --class phone --server http://127.0.0.1:1 --key badkey x
ok "a key that is not there is said" run 1 audit verify --log x --vkey y
ok "prove needs an index" run 2 audit prove
ok "which is a number" run 2 audit prove x

for words in "bind --pool p --order o 07700900123" "show --order o" "end 00" "complete --order o" "pool" "label --order o w.json"; do
	printf '{"receiver":{"name":"a","address":"b"}}' >w.json
	# shellcheck disable=SC2086
	ok "scrim phone ${words%% *} cannot reach what is not there" run 3 phone $words --server http://127.0.0.1:1
	ok "and repeats no number" bash -c "! grep -q 07700900123 '$W/err'"
done
ok "a route needs a call's id" run 2 phone route +441632960001 4711 --socket s
ok "and a telephony peer" run 2 phone route +441632960001 4711 --call c1
ok "whose certificate has a key" run 2 phone route +441632960001 4711 --call c1 --cert c.pem
ok "whose socket is there" run 3 phone route +441632960001 4711 --call c1 --socket no-such-socket
ok "a binding is one or an order's" run 2 phone show
ok "not both" run 2 phone show 00 --order o
ok "an end is as careful" run 2 phone end
ok "completion is an order's" run 2 phone complete
ok "a time is a time" run 2 phone bind --ttl soon --order o 07700900123
ok "and says which" says "a time such as 15d"
ok "not a day and a half written so" run 2 phone bind --ttl 1.5d --order o 07700900123
ok "nor an age" run 2 phone bind --ttl 99999999999d --order o 07700900123
ok "a number belongs to an order" run 2 phone bind --pool p --server http://127.0.0.1:1 07700900123
ok "a share is a share" run 2 phone simulate --late 1%%
ok "and not negative" run 2 phone simulate --late -1%
ok "not more than all" run 2 phone simulate --late 101%
ok "a cooldown has a floor" run 2 phone simulate --cooldown 23h
ok "extensions have a length" run 2 phone simulate --ext-digits 7
ok "a year has an end" run 2 phone simulate --days 100000
ok "a pool without a configuration" run 1 phone simulate --pool p
ok "says what to do" says 'there is no configuration scrim.json; give --config FILE, or set \$SCRIM_CONFIG'
ok "a simulation answers" run 0 phone simulate --orders-per-day 50 --days 40 --ttl 1d --cooldown 1d --ext-digits 3
ok "with nobody wrong in the cooldown" grep -qE '^    in the cooldown +0  of [0-9]+$' out
ok "and what longer extensions buy" grep -qE '^numbers needed' out
ok "in JSON too" run 0 phone simulate --orders-per-day 50 --days 40 --ttl 1d --cooldown 1d --ext-digits 3 --json
is "of the same" "$(jq -c '[.calls.wrong.in_cooldown.wrong, (.extensions | length), .exhausted.orders]' out)" '[0,3,0]'

ok "no configuration: the answer is no" run 1 config check
ok "and it says which file" says scrim.json
printf '{\n  "tenant": "demo",\n  "lisen": []\n}\n' >scrim.json
ok "a wrong configuration: the answer is no" run 1 config check
ok "with its line and column" says 'scrim.json:3:3: '
ok "and the name that was meant" says 'unknown key "lisen": did you mean "listen"?'
ok "what is missing is told in the same go" says '"routes" is missing in this configuration'
is "all of it" "$(wc -l <err)" 7
printf '{"tenant":"demo","sockt":"s","gateways":[]}' >keyd.json
ok "keyd.json is checked even so" run 1 config check
ok "with its line and column" says 'keyd.json:1:18: unknown key "sockt": did you mean "socket"?'
ok "all of it as well" says '"gateways" must not be an empty list'
ok "and in JSON" run 1 config check --json
ok "which is all there is" quiet
is "each with its place" "$(jq -c '[.ok, .more, (.errors | length), (.errors[0] | keys_unsorted)]' out)" \
	'[false,0,15,["file","line","column","text"]]'
is "in the order of the text" "$(jq -c '[.errors[] | select(.file == "scrim.json") | .line]' out)" '[1,1,1,1,1,1,3]'
ok "keyd says the same of its file" bash -c "'$BIN/scrim-keyd' --config keyd.json 2>err; [ \$? = 1 ]"
is "all of it" "$(grep -c '^scrim-keyd: keyd.json:1:[0-9]*: ' err)" 8
ok "scrimd of its own" bash -c "'$BIN/scrimd' --config scrim.json 2>err; [ \$? = 1 ]"
is "all of it too" "$(grep -c '^scrimd: .*: scrim.json:[0-9]*:[0-9]*: ' err)" 7
{ printf '{'; seq -f '"x%.0f":1,' 40; printf '"tenant":"demo"}'; } >scrim.json
ok "a file full of mistakes" run 1 config check
is "is told of to a limit" "$(grep -c . err)" 33
ok "and how many more there are" says 'and 22 more'
rm keyd.json
SCRIM_CONFIG=elsewhere.json ok "the environment can name the configuration" run 1 config check
ok "and is heard" says elsewhere.json

cat >scrim.json <<-END
	{ "tenant": "demo", "listen": [{ "address": "127.0.0.1:1", "tls": { "cert": "c.pem", "key": "k.pem" } }],
	  "keyd": "unix:run/keyd.sock", "policy": "policy.json", "store": "sqlite:run/s.db", "log": "run/log",
	  "principals": [], "routes": [
	    { "name": "r", "match": { "path": "/r" }, "upstream": "http://127.0.0.1:2", "purpose": "service",
	      "request": [{ "at": "\$..a.*.*.*.*.*.*.*.*.*.*.*.*.*.*", "do": "scan" }] },
	    { "name": "unsent", "match": { "path": "/u" }, "upstream": "http://127.0.0.1:2", "purpose": "delivery",
	      "from": ["analyst"], "to": { "role": "carrier", "purpose": "delivery" }, "response": [] } ] }
END
cp "$ROOT/policy/default.json" policy.json
ok "config check looks at files and selectors" run 1 config check scrim.json
ok "the certificate that is not there is named" says c.pem
ok "the folder that is not there is named" says run
ok "a route whose callers may not send is named" says 'route "unsent": none of the roles'
ok "the selector that is too large is placed" says 'scrim.json:5:[23][0-9]: .*states'
ok "config check --json says no in JSON" run 1 config check --json
ok "as an object" grep -q '"ok":false' out
sed -i 's/\$\.\.a[.*]*"/$.a[?(@.b)]"/' scrim.json
ok "one that is none is told before files are looked at" run 1 config check scrim.json
ok "at its very place" says 'scrim.json:5:3[0-9]: "at": a filter compares'

mkdir run
sed 's|"default.json"|"policy.json"|; s|/etc/new.token|keys/new.token|' "$ROOT/tests/data/phone.json" >phone.json
ok "keys and secrets that are not there" run 1 config check phone.json
is "are named, each" "$(grep -c 'keys/.*: cannot open' err)" 5
ok "and the CA of a hook, with why" says 'hook "shop": CA .*: No such file or directory'
mkdir keys
for f in old.token new.token hook.secret watch.secret events.secret; do printf 'whsec_%s\n' "$(openssl rand -base64 32)" >"keys/$f"; done
chmod 600 keys/*
sed -i 's|"ca": "ca.pem",||' phone.json
ok "with them all is well" run 0 config check phone.json
chmod 604 keys/new.token
chmod 640 keys/events.secret
echo whsec_short >keys/hook.secret
printf 'two\nlines\n' >keys/old.token
ok "those that others can read, or that are none" run 1 config check phone.json
ok "are named with what to do: a mode" says "events.secret: the webhook secret's mode must be 0600 or 0400, not 0640"
ok "a form" says 'hook.secret: a webhook secret is whsec_ and base64 of 24 to 64 random bytes'
ok "a line" says "old.token: a vendor's key is one line"
no "and none of it is quoted" grep -q 'short\|two' err
rm -r keys phone.json

sed 's|"default.json"|"policy.json"|; s|"../tests/data/words.json"|"words.json"|; s|/etc/scrim/networks.txt|networks.txt|' "$ROOT/tests/data/collect.json" >collect.json
ok "words that are not there" run 1 config check collect.json
ok "are named where they are wanted" says 'collect.json:17:14: the words words.json cannot be read'
cp "$ROOT/tests/data/words.json" words.json
ok "lists that are not there" run 1 config check collect.json
is "are named, each" "$(grep -c '\(bots\|networks\).txt: cannot be read' err)" 2
printf '# ours\nab\n' >bots.txt
printf '192.0.2.0/24\n192.0.2.1/24\n' >networks.txt
ok "lists that are wrong" run 1 config check collect.json
ok "are told by the line" says 'bots.txt:2:1: .*3 to 128 letters'
ok "as networks are" says 'networks.txt:2:1: .*a network such as'
echo Crawler >bots.txt
echo 192.0.2.0/24 >networks.txt
ok "all that collecting wants is here" run 0 config check collect.json
mkdir -p run
: >run/spool
ok "nor for a spool that is no folder" run 1 config check collect.json
ok "which is told too" says 'run/spool: the spool.s folder cannot be written'
rm run/spool
jq -n --arg tenant "$(jq -r .tenant collect.json)" --arg feed "$(jq -r '.collect.feed[5:]' collect.json)" \
	'{ tenant: $tenant, feed: $feed, operator: "run/viewd.sock", data: "run/viewd", words: "words.json" }' >viewd.json
ok "with a viewd.json of the same deployment too" run 0 config check collect.json
no_viewd() { jq "$1" viewd.good >viewd.json && run 1 config check collect.json && says "^scrim: viewd.json: $2"; }
mv viewd.json viewd.good
ok "not with another tenant's" no_viewd '.tenant = "other"' 'it is for another tenant'
ok "nor one that listens elsewhere" no_viewd '.feed = "run/other.sock"' 'it listens at run/other.sock, and scrimd hands over at .*feed.sock'
ok "another way to say the same is none" bash -c "jq '.feed = \"./\" + .feed' viewd.good >viewd.json && '$BIN/scrim' config check collect.json"
for change in '.text_version = 4' '.purposes = ["campaign", "analytics"]' '.categories += ["more"]' '.channels = []' '.campaigns[0] = "autumn"' '.pages = ["home"]' \
	'.queries[1] = "x"' '.traits[0].bands[0] = 17' '.traits[1].words[1] = "west"' '.price_step = 10' '.price_bands = [1]'; do
	member=${change#.}
	jq "$change" words.json >others.json
	ok "nor other words: $change" no_viewd '.words = "others.json"' "its words others.json are not the configuration's: \"${member%%[ \[.]*}\" differs"
done
echo '{' >viewd.json
ok "a viewd.json that is none" run 1 config check collect.json
ok "is told by the line" says 'viewd.json:2:1: '
rm viewd.json
sed 's|run/spool|spools/spool|' collect.json >elsewhere.json
ok "but for a spool in no folder" run 1 config check elsewhere.json
ok "which is told" says 'collect.spool: the folder spools'

# the example, all of it, and what must agree in it
mkdir -p example/run
cp -r "$ROOT/keys-example" "$ROOT/policy" example/
mkdir -p example/keys-example/run/{scrimd/log,queryd/log,viewd,meet}
example() { # FILE CHANGE SAYS
	jq "$2" "example/$1.good" >"example/keys-example/$1.json" && run 1 config check example/keys-example/scrim.json && says "$1.json: $3"
	local rc=$?
	cp "example/$1.good" "example/keys-example/$1.json"
	return $rc
}
ok "the example is a good one" run 0 config check example/keys-example/scrim.json
ok "without a complaint" quiet
for f in keyd viewd queryd; do grep -v '^ *//' "example/keys-example/$f.json" >"example/$f.good"; done
ok "a queryd.json of another tenant is none" example queryd '.tenant = "other"' 'it is for another tenant'
ok "nor one that serves what is not published" example queryd '.views = "run/drafts"' 'it serves .*run/drafts, and what is published goes to .*run/views (views.published)'
ok "nor one whose log nobody has signed" example queryd '.log = "run/log2"' 'its log is .*run/log2, and scrimd has .*run/queryd/log signed'
ok "nor one with the key of another log" example queryd '.log_vkey = "run/queryd/log/vkey"' 'its "log_vkey" is .*, and scrimd writes .*run/scrimd/log/vkey'
ok "nor drafts that nobody looks for" example viewd '.drafts = "run/elsewhere"' 'it drafts to .*run/elsewhere, and scrim views looks in .*run/drafts (views.drafts)'
ok "keyd must know the log" example keyd 'del(.logs)' 'its "logs" do not name "queryd"'
grep -v '"logs"' "$ROOT/keys-example/scrim.json" >example/keys-example/scrim.json
ok "and scrimd" run 1 config check example/keys-example/scrim.json
ok "which is said" says 'queryd.json: the configuration.s "logs" do not name "queryd"'
echo '{' >example/keys-example/queryd.json
ok "a queryd.json that is no JSON" run 1 config check example/keys-example/scrim.json
ok "is told by the line" says 'queryd.json:2:1: '

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout k.pem -out c.pem \
	-subj /CN=localhost 2>/dev/null
sed -i 's/\[?(@.b)\]//; s/"analyst"/"order_system"/' scrim.json
ok "a good configuration passes" run 0 config check scrim.json
ok "without a word of complaint" quiet
cp policy.json policy.good
sed -i '/"an agent sees masks"/s/"expect": "mask", "rule": "support-masked"/"expect": "reveal"/' policy.json
ok "a policy that fails its own test is refused" run 1 config check scrim.json
ok "where the test stands" says "policy.json:$(grep -n '"an agent sees masks"' policy.json | cut -d: -f1):3: "
ok "with what it expects and what came" says 'support may read name for service: expected reveal, got mask by support-masked'
mv policy.good policy.json
openssl genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-256 -out k.pem 2>/dev/null
ok "a key of another certificate is noticed" run 1 config check scrim.json
printf '{"tenant":"demo","socket":"s","store":"k","log":"l","root":"r","principals":[],"gateways":[{"node":"scrimd","uid":0}],"policy":"other.json"}' >keyd.json
sed 's/support_lead/support_chief/g' policy.json >other.json
ok "a policy that keyd does not share is noticed" run 1 config check scrim.json
ok "and said" says "keyd.json: it has another policy"

sed -i 's/, "tls": { "cert": "c.pem", "key": "k.pem" }//' scrim.json
ok "a scrimd that is not there cannot be reached" run 3 mask --class phone 07700900123
ok "and the value is not repeated" bash -c "! grep -q 07700900123 '$W/err'"
ok "a keyd that is not there cannot be reached" run 3 keys status
ok "nothing to stop is no" run 1 down
ok "a log that is not there is incomplete" run 6 audit verify --log no-such-folder
tap_done
