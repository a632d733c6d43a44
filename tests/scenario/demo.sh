#!/bin/bash
# The demo runs, checks itself, finds no surprise, and what its screen claims is
# so: one customer in every panel, and a theft that opens nothing with one disk
# and everything with both.
# timeout: 300
. "$(dirname "$0")/../lib/tap.sh"
cd "$(dirname "$0")/../.." || exit 2
S=$(mktemp "${TMPDIR:-/tmp}/scrim-demo-screen.XXXXXX") || bail "no temporary file"
trap 'rm -f "$S"' EXIT
ok "the demo ends well" bash -o pipefail -c 'bash tests/demo/demo.sh 2>&1 | tee "$0"' "$S"
no "it prints no colour into a pipe" grep -q $'\033' "$S"
no "and no surprise" grep -qi surprise "$S"

# what stands behind the first of these words on the screen
after() { awk -v words="$1 *" 'match($0, words) { print substr($0, RSTART + RLENGTH); exit }' "$S"; }
last4() { grep -oE '[0-9]{4}$' <<<"${1%% *}"; }
name=$(after '"receiver_name": *"' | cut -d'"' -f1)
phone=$(after '"receiver_mobile": *"' | cut -d'"' -f1)
ok "the shop sends a name and a phone in clear" eval '[ -n "$name" ] && [[ $phone =~ ^\+?[0-9]{10,}$ ]]'
is "the customer is named above the panels" "$(after 'One customer, ' | cut -d, -f1)" "$name"
is "the order system has neither" "$(grep -F '"receiver_' "$S" | grep -o '"sct1-…' | wc -l)" 2
is "the phone in the remark is that phone, in clear and as a token" \
	"$(grep '"buyer_message"' "$S" | grep -F "$phone" | grep -oE 'sct1-…[0-9a-z]+')" \
	"$(grep '"receiver_mobile"' "$S" | grep -oE 'sct1-…[0-9a-z]+')"
carrier=$(after '"name": *"' | cut -d'"' -f1)
is "the carrier has that customer, masked" "${carrier:0:1} ${carrier//[^*]/}" "${name:0:1} $(printf '%*s' $((${#name} - 1)) '' | tr ' ' '*')"
ok "and a virtual number with an extension" eval '[[ "$(after "\"phone\": *\"" | cut -d"\"" -f1)" =~ ^\+44163296000[1-3]-[0-9]{4}$ ]]'
ok "for a fortnight and a day" eval '[[ "$(after "^ +until *" | cut -d" " -f1)" =~ ^($(date -u -d "+15 days -5 minutes" +%F)|$(date -u -d "+15 days" +%F))$ ]]'
is "and that phone, masked" "$(last4 "$(after '^ +masked *"' | cut -d'"' -f1)")" "$(last4 "$phone")"
no "which is on no label" eval 'sed -n "/ 3 The carrier/,/^$/p" "$S" | grep -qF "$phone"'
for who in 'the courier dials it' 'the courier misdials' 'a stranger tries extensions' 'the order system asks whose it is' 'the courier, after delivery'; do
	ok "$who: as told" grep -qE " $who .* ok$" "$S"
done
is "the support agent asked for that phone" "$(last4 "$(after 'support agent, purpose service')")" "$(last4 "$phone")"
is "the record shown is that reveal's" "$(after 'proof leaf' | cut -d' ' -f1)" "$(after 'support agent, purpose service' | grep -oE '[0-9]+$')"
is "the byte that is changed is in it" "$(after 'verify names entry' | cut -d' ' -f1)" "$(after 'proof leaf' | cut -d' ' -f1)"

ok "the tap heard all orders of one shop" test "$(after 'orders the tap heard *' | cut -d' ' -f1)" = 250
people=$(grep -oE '[0-9]+ people, all of whom said yes' "$S" | cut -d' ' -f1)
ok "people are told of" test "${people:-0}" -gt 10
is "and one less when one withdraws" "$(after 'one withdraws: ' | cut -d' ' -f1)" $((people - 1))
for what in 'refused: nobody asked them' 'refused: robots by their own word' 'refused: sent before' 'set aside: Chrome without its hints'; do
	ok "$what: some" test "$(after "$what *" | cut -d' ' -f1)" -gt 0
done

theirs=$(after 'all the way through: [0-9]+ documents,' | cut -d' ' -f1)
total=$(after 'gateway disk stolen *0 of' | cut -d' ' -f1 | tr -d ,)
ok "there are tokens to steal" test "${total:-0}" -gt 1000
is "the customer that is erased is that one" "$(after 'this customer erased' | cut -d' ' -f1)" "$theirs"
is "the key disk has nothing to open" "$(after 'key disk stolen' | cut -d' ' -f1-5)" "0 tokens, 0 values on"
is "both disks open all but the erased customer's" "$(after 'both stolen together' | cut -d' ' -f1-3 | tr -d ,)" "$((total - theirs)) of $total"
is "twenty-seven trials, twenty-seven times ok" "$(sed -n '/ 5 The record/,$p' "$S" | grep -oE ' ok( |$)' | wc -l)" 27
ok "and all of it fits on a screen" test "$(wc -l <"$S")" -le 52
tap_done
