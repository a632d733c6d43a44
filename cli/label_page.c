/*
 * label_page.c - the label's template, and the words of two languages.
 *
 * Black on white only: labels are printed by heat. Nothing is loaded from
 * anywhere, nothing runs, and the page says so to the browser.
 */
#include "cli/label_page.h"

const struct label_words label_zh = {
	.lang = "zh-CN",
	.title = "隐私面单",
	.kind = "隐私面单",
	.to = "收",
	.order = "订单",
	.tail = "尾号",
	.call = "联系收件人（虚拟号码）",
	.ext = "转",
	.dial = "拨通后输入分机号",
	.scan = "扫码拨号",
	.until = "有效期至",
	.over = "虚拟号码，到期自动失效",
	.emergency = "此号码无法接通 110、119、120 等紧急服务",
	.hint = "请按 100% 比例打印：100 × 150 毫米，无边距",
};
const struct label_words label_en = {
	.lang = "en",
	.title = "Privacy label",
	.kind = "Privacy label",
	.to = "To",
	.order = "Order",
	.tail = "Pickup code",
	.call = "Call the recipient (virtual number)",
	.ext = "ext",
	.dial = "Enter the extension when asked",
	.scan = "Scan to call",
	.until = "Valid until",
	.over = "Virtual number, ends by itself",
	.emergency = "This number reaches no emergency service",
	.hint = "Print at 100 %: 100 × 150 mm, no margins",
};

const char label_page[] =
    "<!DOCTYPE html>\n<html lang=\"[[lang]]\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
    "style-src 'unsafe-inline'\">\n"
    "<meta name=\"referrer\" content=\"no-referrer\">\n"
    "<meta name=\"robots\" content=\"noindex\">\n"
    "<meta name=\"format-detection\" content=\"telephone=no\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>[[title]]</title>\n<style>\n"
    "@page{size:100mm 150mm;margin:0}\n"
    "*{box-sizing:border-box;margin:0;padding:0}\n"
    "body{background:#dfe3e8;color:#000;display:flex;flex-direction:column;align-items:center;"
    "padding:8mm 0;font:3.4mm/1.35 \"Noto Sans CJK SC\",\"Noto Sans SC\",\"PingFang SC\","
    "\"Microsoft YaHei\",Arial,Helvetica,sans-serif;font-variant-numeric:tabular-nums}\n"
    ".label{width:100mm;height:150mm;background:#fff;display:flex;flex-direction:column;"
    "overflow:hidden;padding:3mm}\n"
    ".frame{flex:1;min-height:0;border:.4mm solid #000;border-radius:1.6mm;display:flex;"
    "flex-direction:column;overflow:hidden}\n"
    ".frame>*{border-bottom:.3mm solid #000}\n.frame>:last-child{border-bottom:0}\n"
    "header{background:#000;color:#fff;display:flex;justify-content:space-between;"
    "align-items:center;gap:4mm;padding:1.6mm 3mm;-webkit-print-color-adjust:exact;"
    "print-color-adjust:exact}\n"
    "header b{font-size:4.6mm;letter-spacing:.3mm;white-space:nowrap}\n"
    "header span{font-size:3mm;overflow-wrap:anywhere;text-align:right;line-height:1.2}\n"
    ".to{display:flex;align-items:center;gap:3mm;padding:2.4mm 3mm}\n"
    ".to i{font-style:normal;font-weight:700;font-size:4.6mm;line-height:9mm;min-width:9mm;"
    "padding:0 1.6mm;text-align:center;border:.5mm solid #000;border-radius:5mm}\n"
    ".to strong{flex:1;font-size:7.4mm;line-height:1.2;overflow-wrap:anywhere}\n"
    ".to strong.long{font-size:4.8mm}\n"
    ".tail{text-align:right;line-height:1.1}\n.tail small{display:block;font-size:2.9mm}\n"
    ".tail b{font-size:7.4mm;white-space:nowrap}\n"
    ".address{flex:1;min-height:0;padding:2.6mm 3mm;font-weight:600;white-space:pre-line;"
    "overflow-wrap:anywhere;font-size:5.8mm;line-height:1.3}\n"
    ".address.mid{font-size:4.9mm}\n"
    ".address.long{font-size:4.1mm}\n.address.longest{font-size:3.3mm;line-height:1.25}\n"
    ".phone{padding:2.4mm 3mm 2.6mm}\n"
    ".phone>p{font-size:3.3mm}\n"
    ".phone>.number{font-weight:700;font-size:9.4mm;line-height:1.2;white-space:nowrap}\n"
    ".dial{display:flex;justify-content:space-between;align-items:stretch;gap:2mm;"
    "margin-top:1mm}\n"
    ".ext{display:flex;flex-direction:column;justify-content:center;flex:1}\n"
    ".ext p{font-weight:800;font-size:16mm;line-height:1.1;white-space:nowrap;"
    "letter-spacing:-.2mm}\n"
    ".ext.wide p{font-size:12.6mm}\n"
    ".ext p small{font-size:5.4mm;font-weight:700;margin-right:1.6mm;letter-spacing:0}\n"
    ".ext span{font-size:3.2mm}\n"
    "figure{margin-right:-2mm;text-align:center;font-size:2.9mm;line-height:1.1}\n"
    ".qr{display:block;width:32mm;height:32mm;fill:#000}\n"
    "footer{padding:1.8mm 3mm;font-size:3.1mm;line-height:1.4}\n"
    "footer b{font-size:3.7mm;white-space:nowrap}\n"
    "footer .row{display:flex;justify-content:space-between;align-items:baseline;gap:3mm}\n"
    "footer .no{font-weight:700}\n"
    ".hint{margin-top:4mm;color:#3a4350;font-size:3.4mm}\n"
    "@media print{body{background:none;padding:0;display:block}.hint{display:none}"
    ".label{break-after:avoid}}\n"
    "</style>\n</head>\n<body>\n<main class=\"label\"><div class=\"frame\">\n"
    "<header><b>[[kind]]</b><span>[[order]]</span></header>\n"
    "<section class=\"to\"><i>[[to]]</i><strong[[name-size]]>[[name]]</strong>"
    "<div class=\"tail\"><small>[[tail-word]]</small><b>[[tail]]</b></div></section>\n"
    "<section class=\"address[[address-size]]\">[[address]]</section>\n"
    "<section class=\"phone\"><p>[[call]]</p>\n<p class=\"number\">[[number]]</p>\n"
    "<div class=\"dial\">[[ext]]<figure>[[qr]]<figcaption>[[scan]]</figcaption></figure></div>"
    "</section>\n"
    "<footer><div class=\"row\"><b>[[until]]</b><span>[[over]]</span></div>\n"
    "<p class=\"no\">[[emergency]]</p></footer>\n"
    "</div></main>\n<p class=\"hint\">[[hint]]</p>\n</body>\n</html>\n";
