# test/bench/report.awk - figures, one a line (what, connections, process, rate, CPU), to Markdown.

BEGIN { FS = "\t" }

{
	key = $1 " | " $2 " | " $3
	if (!(key in cpu))
		order[++rows] = key
	rate[key] = rate[key] " " $4
	cpu[key] = cpu[key] " " $5
}

END {
	print "| what | connections | process | CPU µs a request | requests a second |"
	print "|---|--:|---|--:|--:|"
	for (i = 1; i <= rows; i++)
		printf "| %s | %s | %s |\n", order[i], summary(cpu[order[i]], "%.1f"),
			summary(rate[order[i]], "%.0f")
	for (i = 1; i <= rows; i++) {
		after = order[i]
		if (!sub(/^before: /, "", after))
			continue
		sub(/before$/, "canaduck", after)
		if (!compared++)
			print "\n| what | connections | process | CPU, after / before |\n|---|--:|---|--:|"
		printf "| %s | %s |\n", after, summary(ratios(cpu[order[i]], cpu[after]), "%.2f")
	}
}
