# test/bench/plans.awk - plans out of PostgreSQL's log (auto_explain), to Markdown; title: of what.
#
# Lines that begin with "! " complain: a large table that is read as a whole, many rows thrown away.

function flush(   i, n, line, name) {
	n = split(entry, line, "\n")
	if (entry !~ /plan:/ || entry !~ /(messages|channels|stats|users|incidents)\./ ||
	    entry ~ /\.(outbox|stream|moderation|bookmarks|recounts|leftovers|sessions|revocations)/)
		return
	if (!shown++)
		printf "\n## %s\n", title
	print "\n```"
	for (i = 1; i <= n; i++) {
		sub(/^.*LOG:  /, "", line[i])
		sub(/^\t/, "", line[i])
		if (length(line[i]) > 160)
			line[i] = substr(line[i], 1, 157) "..."
		print line[i]
	}
	print "```"
	for (i = 1; i <= n; i++) {
		if (line[i] ~ /Scan/)
			name = line[i]
		if (line[i] ~ /Seq Scan/ && line[i] ~ /rows=[0-9]+ loops/) {
			match(line[i], /rows=[0-9]+ loops/)
			if (substr(line[i], RSTART + 5) + 0 > 2000)
				print "! " title ": " line[i]
		}
		if (line[i] ~ /Rows Removed by/) {
			match(line[i], /: [0-9]+/)
			if (substr(line[i], RSTART + 2) + 0 > 2000)
				print "! " title ": " line[i] " by " name
		}
	}
}

/^[0-9][0-9][0-9][0-9]-/ {
	flush()
	entry = ""
}
{ entry = entry (entry == "" ? "" : "\n") $0 }
END { flush() }
