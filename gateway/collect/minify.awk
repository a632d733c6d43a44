# minify.awk - collect.js as it travels: a C array, without comments, blank lines and
# indentation, without blanks where the language needs none, and its own names short.
# Texts in quotes stay as they are; a name is one only where no dot stands before
# it and no colon behind it.
BEGIN {
	split("me M id D version V queue Q inputs I timer T pause P path H most X store O types Y safe S no N random R " \
		"keep K post B events E again A flush F later L put U name J properties Z", names, " ")
	for (k = 1; k in names; k += 2) short[names[k]] = names[k + 1]
	print "/*\n * script.c - made of collect.js by minify.awk (`make script`); not to be edited.\n */"
	print "#include \"gateway/collect/script.h\"\n\nconst char collect_script[] ="
}
function word(w, before, after) {
	return (w in short) && before != "." && after !~ /^ *:/ ? short[w] : w
}
# LINE, which is behind BEFORE, packed.
function pack(line,    out, c, text) {
	out = ""
	while (line != "") {
		if (match(line, /^"[^"]*"/) || match(line, /^[0-9][0-9a-z]*/)) {
			out = out substr(line, 1, RLENGTH)
		} else if (match(line, /^[A-Za-z_$][A-Za-z0-9_$]*/)) {
			text = substr(line, 1, RLENGTH)
			out = out word(text, substr(out, length(out)), substr(line, RLENGTH + 1))
		} else if (match(line, /^ +/)) {
			if (substr(out, length(out)) ~ /[A-Za-z0-9_$]/ && substr(line, RLENGTH + 1, 1) ~ /[A-Za-z0-9_$]/) out = out " "
		} else {
			match(line, /^./)
			out = out substr(line, 1, 1)
		}
		line = substr(line, RLENGTH + 1)
	}
	return out
}
/^[ \t]*\/\// { next }
{
	sub(/^[ \t]+/, "")
	if ($0 != "") all = all pack($0)
}
END {
	for (i = 1; i <= length(all); i += 72) {
		text = substr(all, i, 72)
		gsub(/\\/, "\\\\", text)
		gsub(/"/, "\\\"", text)
		print "    \"" text "\"" (i + 72 > length(all) ? ";" : "")
	}
	print "const unsigned collect_script_n = sizeof(collect_script) - 1;"
}
