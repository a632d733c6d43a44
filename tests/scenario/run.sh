#!/bin/bash
# `make run`: the lines it prints work as pasted, and each request has a line of
# its own, without a value.
# timeout: 240
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/procs.sh"
cd "$(dirname "$0")/../.." || exit 2
W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-run.XXXXXX") || bail "no temporary folder"
chmod 711 "$W" # where root runs this, daemons are other users
trap 'stop_all; rm -rf "$W"' EXIT
trap 'exit 130' INT TERM
TOOLS=build/${VARIANT:-release}/tools

# The demo in a folder of its own, its screen in $W/NAME; on a terminal, or not.
in_pipe() { DEMO_DIR=$W/$1.d start "$1" "$W/$1" bash tests/demo/demo.sh --stay; }
on_terminal() {
	DEMO_DIR=$W/$1.d TERM=xterm start "$1" "$W/$1" script -qefc "bash tests/demo/demo.sh --stay" /dev/null
}
is_up() { await 60 grep -q 'Ctrl-C' "$W/$1"; }
# The line under a heading, as it stands.
line() { grep -A "${2:-1}" "$1" "$W/run" | tail -n 1 | sed 's/^   //'; }
paste_line() { bash -c "$(line "$@")"; }
live() { sed '1,/Ctrl-C/d' "$W/run"; }
told() { await 10 eval "live | grep -qE '$1'"; }

in_pipe run
is_up run || { cat "$W/run"; bail "it does not come up"; }
no "no colour goes into a file" grep -q $'\033' "$W/run"
is "no request, no line" "$(live)" ""

is "a shop's order arrives" "$(paste_line 'the shop sends an order')" '{"stored":1}'
ok "which is told" told '^[0-9:]{8} +shop \(shop\) +shopify +ok +[0-9]+ sealed$'
ok "the order system has tokens" grep -q '"phone": *"sct1-' <(paste_line 'the order system looks')
is "a parcel goes out" "$(paste_line 'the order system hands')" '{"label":1,"printed":true}'
ok "which is told" told '^[0-9:]{8} +order_system \(order_system\) +carrier +ok .*masked'
call=$(paste_line 'a courier dials it')
is "the courier is put through" "$(jq -r '"\(.action) \(.to)"' <<<"$call")" "connect +447700900358"
ok "by the number on the label" eval '[[ "$(jq -r .display <<<"$call")" =~ ^\+44163296000[1-3]$ ]]'
ok "which is told" told 'telephony \(telephony\) +phone.connect +ok'
seen=$(paste_line 'a support agent looks')
is "a support agent sees a mask" "$(jq -r '.items[0].status + " " + .items[0].action' <<<"$seen")" "ok mask"
ok "which is told" told 'support \(support\) +reveal +ok +1 masked$'
is "marketing sees nothing" "$(paste_line 'marketing would like to' | jq -r '.items[0].status')" denied
ok "which is told" told 'marketing \(marketing\) +reveal +refused +1 denied$'
ok "finance sees a card number, by their own signature" grep -qE '^[0-9]{12,19}$' <(paste_line 'finance looks at a card')
no "and not without it" grep -qE '[0-9]{12}' <(bash -c "$(line 'finance looks at a card' | sed 's/--sign [^ ]*//')" 2>&1)
is "nor does who has no key" "$(paste_line 'somebody without a key' | jq .status)" 401
ok "which is told" told 'nobody we know +denial +refused +credential, 401$'
is "the privacy officer erases" "$(paste_line 'the privacy officer' | jq -r .status)" erased
ok "which is told" told 'privacy_officer \(privacy_officer\) +erase +ok'
is "after which nobody sees anything" "$(paste_line 'a support agent looks' | jq -r '.items[0].status')" gone
ok "which is told" told 'support \(support\) +reveal .*1 gone'
ok "the key custodian sees the keys" grep -qE '^class +phone +a +active' <(paste_line 'the key custodian')
ok "and has a backup that would do" grep -qE '^sampled +[1-9]' <(paste_line 'the key custodian' 2)
ok "the auditor sees who looked" grep -q 'principal=support ' <(paste_line 'an auditor looks')
sleep 1.5	# heads are signed once a second
ok "and both logs verify" paste_line 'an auditor looks' 2
is "an event comes in" "$(paste_line 'a page of the shop tells')" '{"success":true}'
ok "is real, and told of" grep -qE '^  passed on +[1-9]' <(paste_line 'the operator looks at what came')
ok "and features are made" grep -qE '^snapshot [0-9]+ of .* people, digest' <(paste_line 'the operator looks at what came' 2)
ok "which are told" told 'operator \(operator\) +collect.status +ok'
ok "both" told 'operator \(operator\) +collect.snapshot +ok'
ok "the operator has metrics" grep -q '^scrim_' <(paste_line 'the operator looks at the metrics')
ok "an analyst asks what was released" grep -qE '^[0-9]{4}-W[0-9]{2} +[0-9]+' <(paste_line 'an analyst asks')
ok "marketing has its page" grep -q '^Marketing report' <(paste_line 'marketing has its page')
ok "which needs nothing" test -s "$W/run.d/report/report.html"
is "every line that is printed was pasted" "$(grep -cE '^   (curl|build|tail|mkdir)' "$W/run")" 19
is "a line for each request" "$(live | wc -l)" 12
"$TOOLS/gen_orders" --shape shopify --count 1 --truth "$W/truth" >/dev/null
jq -r '.pii[].v | select(length >= 4)' "$W/truth" >"$W/values"
ok "the order has values to look for" test "$(wc -l <"$W/values")" -gt 10
no "and none is told" grep -qF -f "$W/values" <(live)
port_of() { grep -oE 'https://127.0.0.1:[0-9]+' "$W/$1" | head -1 | grep -oE '[0-9]+$'; }
ok "it listens" port_open "$(port_of run)"
stop run
no "and nothing is left running" port_open "$(port_of run)"

plainly() { tr -d '\r' <"$W/$1" | sed -E "s,127.0.0.1:[0-9]+,HERE,g; s,$W/$1,DIR,g; s/in [0-9]+ s/in N s/"; }
if command -v script >/dev/null; then
	on_terminal colour
	ok "on a terminal there is colour" eval 'is_up colour && grep -q "$(printf "\033\[1m")" "$W/colour"'
	stop colour
	no "and nothing is left running when the terminal is closed" port_open "$(port_of colour)"
	NO_COLOR=1 on_terminal plain
	ok "with NO_COLOR there is none" eval 'is_up plain && ! grep -q "$(printf "\033")" "$W/plain"'
	stop plain
	is "and the text is the same as in a pipe" "$(plainly plain | head -n 20)" "$(plainly run | head -n 20)"
else
	skip "colour on a terminal" "script is missing"
fi
tap_done
