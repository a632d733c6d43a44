#!/bin/bash
# What a privacy label says and does not say: the page's text, without a browser.
BIN=${SCRIM_BIN:-$(cd "$(dirname "$0")/../.." && pwd)/build/${VARIANT:-release}/bin}
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
. "$ROOT/tests/lib/tap.sh"

W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-label.XXXXXX") || bail "no temporary folder"
trap 'rm -rf "$W"' EXIT
unset SCRIM_CONFIG
cd "$W" || bail "no temporary folder"

# label WANTED-CODE args...: the page is in $W/page, what went wrong in $W/err
label() {
	local want=$1
	shift
	"$BIN/scrim" phone label "$@" >"$W/page" 2>"$W/err"
	local rc=$?
	[ $rc = "$want" ] || { echo "# exit code $rc, wanted $want"; sed 's/^/# /' "$W/err"; return 1; }
}
shows() { grep -qF -- "$1" "$W/page"; }
says() { grep -qF -- "$1" "$W/err"; }
# what a person reads: the page without its style, title and tags
text() { sed -n '/<body>/,$p' "$W/page" | sed 's/<title>[^<]*<\/title>//g; s/<[^>]*>/ /g'; }
reads() { text | grep -qF -- "$1"; }

cat >zh.json <<-'END'
	{ "waybillNo": "DEMO0000000001", "customerOrderNo": "SO-104233",
	  "sender": { "contact": "江舟若", "mobile": "+447700900106", "address": "云上路384号" },
	  "receiver": { "contact": "简舟舟", "tel": null, "province": "云泽省", "city": "枫桥市", "county": "临港开发区",
	    "mobile": { "number": "+441632960001", "extension": "0471", "display": "+441632960001转0471",
	      "masked": "+44******0657", "expires_at": 1796515200 },
	    "address": "星光路887号云杉商务楼25栋4单元2207", "postCode": null } }
END
ok "a waybill becomes a label" label 0 zh.json
ok "in Chinese" shows '<html lang="zh-CN">'
ok "with a masked name" reads '简**'
no "and not the whole" shows 简舟舟
ok "the address in its order" bash -c "tr '\n' ' ' <page | grep -qF '云泽省枫桥市临港开发区 星光路887号云杉商务楼25栋4单元2207'"
ok "the virtual number" reads '+44 1632 960001'
ok "its extension, with its zeros" shows '<small>转</small>0471</p>'
ok "which is also what is said at the counter" shows '<small>尾号</small><b>0471</b>'
ok "a code to scan: the number, a pause, the extension" shows '<title>tel:+441632960001,0471</title>'
ok "the order" reads 'SO-104233'
ok "the last day on which it leads somewhere" reads '有效期至 2026-12-05'
ok "and that it reaches no emergency service" reads '无法接通 110、119、120'
no "nothing of the real number's last digits" shows 0657
no "nothing of the sender" grep -qE '江舟若|900106|云上路' page

no "the page loads nothing" grep -qiE '( src=|href|url\(|@import|<script|<link|<img|<iframe|https?:)' page
ok "and tells the browser to load nothing" shows "default-src 'none'; style-src 'unsafe-inline'"
ok "it is one label of 100 by 150 mm" shows '@page{size:100mm 150mm;margin:0}'
no "no slot of the template is left" grep -q '\[\[' page

label 0 - <zh.json
cp page again
label 0 zh.json --out file.html
ok "standard input and a file are alike" cmp -s again file.html
is "the file is its owner's only" "$(stat -c %a file.html)" 600

cat >en.json <<-'END'
	{ "order_ref": "7", "recipient": { "name": "John Smith-Baker", "phone": "+441632960001-472913", "until": "2026-12-06",
	  "address1": "Flat 4, 27 Old Harbour Street", "address2": "Little Wenbury", "city": "Porthcaul", "postcode": "ZZ1 4QQ" } }
END
ok "in English" label 0 --lang en en.json
ok "with a masked name" reads 'J*** S****-B****'
ok "the address in lines" bash -c "tr '\n' '|' <page | grep -qF '27 Old Harbour Street|Little Wenbury|Porthcaul ZZ1 4QQ<'"
ok "a longer extension" shows '<small>ext</small>472913</p>'
ok "its words" reads 'reaches no emergency service'
ok "until the day that was said" reads 'Valid until 2026-12-06'

cat >bad.json <<-'END'
	{ "order_ref": "<i>\"&'", "receiver": { "name": "张三", "phone": "+441632960001-4711",
	  "address": "<script>alert(1)</script> A&B \"q\" 'x' \u202eevil\u0007" } }
END
ok "hostile text is printed" label 0 bad.json
ok "escaped" shows '&lt;script&gt;alert(1)&lt;/script&gt; A&amp;B &quot;q&quot; &#39;x&#39; evil<'
ok "everywhere" shows '&lt;i&gt;&quot;&amp;&#39;'
no "as nothing but text" grep -q '<script\|<i>"' page

# what must not be printed
one() { sed "s/\"phone\": \"[^\"]*\"/\"phone\": $1/" bad.json >one.json; }
one '"+447700900123"'
ok "a number without an extension might be the person's own" label 4 one.json
ok "so the order is asked for" says 'give --order or --id'
no "and it is not repeated" grep -q 900123 err
one '"138****5678"'
ok "a masked number is none" label 1 one.json
one '"sct1-0000000000"'
ok "nor is a token" label 1 one.json
ok "which is said" says 'it is sealed: give what the carrier received'
one null
ok "nor is nothing" label 1 one.json
one '{ "number": "+441632960001", "extension": null, "display": "x", "masked": "y", "expires_at": null }'
ok "a number without an extension is good when scrimd has put it there" label 0 one.json
ok "with a code for the counter" grep -qE '<small>尾号</small><b>[0-9]{4}</b>' page
ok "and a code to scan without a pause" shows '<title>tel:+441632960001</title>'
printf '{ "receiver": { "name": "x", "phone": "+441632960001-4711" } }' >one.json
ok "without an address there is no label" label 1 one.json
printf '{ "receiver": { "address": "x", "phone": "+441632960001-4711" } }' >one.json
ok "nor without a name" label 1 one.json
printf '{ "receivers": [ { "name": "a" }, { "name": "b" } ] }' >one.json
ok "nor for two at once" label 1 one.json
printf '{ "receiver": { "name": "x", "phone": "+441632960001-4711", "address": "%0500d" } }' 0 >one.json
ok "nor when the address does not fit" label 1 one.json
printf '{ "receiver": { "name": "x", "phone": "+441632960001-4711", "address": "a\\ud800 27 Old Street" } }' >one.json
ok "nor when half a character would end it" label 1 one.json
printf '{ "receiver":\n  what' >one.json
ok "a file that is no JSON" label 1 one.json
ok "is told with line and column" says 'one.json:2:3: '
ok "a file that is not there" label 1 no-such.json
ok "a language that is neither" label 2 --lang fr zh.json
ok "an order and an id" label 2 --order 1 --id 2 zh.json
ok "two files" label 2 zh.json en.json

if command -v zbarimg >/dev/null && command -v chromium >/dev/null && [ -n "${LABEL_BROWSER:-}" ]; then
	label 0 zh.json --out zh.html
	chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --window-size=460,680 \
		--screenshot="$W/zh.png" "file://$W/zh.html" >/dev/null 2>&1
	is "a camera reads the number" "$(zbarimg -q --raw zh.png 2>/dev/null)" 'tel:+441632960001,0471'
else
	skip "a camera reads the number" "only with LABEL_BROWSER=1, chromium and zbarimg"
fi
tap_done
