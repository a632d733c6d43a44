/*
 * script.c - made of collect.js by minify.awk (`make script`); not to be edited.
 */
#include "gateway/collect/script.h"

const char collect_script[] =
    "(function(w,d,n){\"use strict\";var M=d.currentScript,D,V,Q=[],I=0,T,P=3e3"
    ",H,X=20,O=\"scrim\",Y=[\"click\",\"keydown\",\"touchstart\",\"wheel\"];function S("
    "f){return function(a,b){try{f(a,b)}catch(e){}}}function N(){return n.glo"
    "balPrivacyControl||n.doNotTrack==1||w.doNotTrack==1}function R(){return "
    "Array.from(crypto.getRandomValues(new Uint8Array(16)),function(b){return"
    "(b+256).toString(16).slice(1)}).join(\"\")}function K(f){try{return f(loca"
    "lStorage)}catch(e){}}function B(E){var of=D;function A(){if((D!=of||!D)&"
    "&!E[0].word)return;Q=E.concat(Q).slice(-200);P=Math.min(P*2,3e5);L()}fet"
    "ch(new URL(\"/v1/batch\",M.src),{method:\"POST\",credentials:\"omit\",keepaliv"
    "e:true,referrerPolicy:\"no-referrer\",body:JSON.stringify({writeKey:M.data"
    "set.key,batch:E,sentAt:new Date,c:V,w:n.webdriver||void 0})}).then(funct"
    "ion(r){if(r.status>499||r.status==429)A();else P=3e3},A)}function F(){cl"
    "earTimeout(T);T=0;while(Q.length)B(Q.splice(0,X))}function L(){T=T||setT"
    "imeout(S(F),P)}function U(e){if(!D||N())return;e.messageId=R();e.anonymo"
    "usId=D;e.timestamp=new Date;e.i=Math.min(I,99);I=0;Q.push(e);if(Q.length"
    "<X||P>3e3)L();else F()}function page(){var p=location.pathname;if(!D||p="
    "=H)return;U({type:\"page\",properties:{path:p,referrer:H?void 0:d.referrer"
    ".split(\"/\").slice(0,3).join(\"/\")}});H=p}Y.forEach(function(t){w.addEvent"
    "Listener(t,function(e){I+=e.isTrusted},{capture:true,passive:true})});w."
    "addEventListener(\"popstate\",S(page));d.addEventListener(\"visibilitychang"
    "e\",S(function(){if(d.hidden)F()}));w.scrim={consent:S(function(v){if(N()"
    "||!v)return;V=v;D=D||K(function(s){return s[O]})||R();K(function(s){s[O]"
    "=D});page()}),withdraw:S(function(){var of=D||K(function(s){return s[O]}"
    ");Q=[];K(function(s){s.removeItem(O)});D=H=0;if(of&&!N())B([{type:\"conse"
    "nt\",word:\"withdraw\",anonymousId:of,messageId:R(),timestamp:new Date,c:V}"
    "])}),page:S(page),track:S(function(J,Z){U({type:\"track\",event:J,properti"
    "es:Z,context:{page:{path:location.pathname}}})})}})(window,document,navi"
    "gator)";
const unsigned collect_script_n = sizeof(collect_script) - 1;
