# test/bench/incidents.awk - the figures of a kind (kind, few or many, p50 and p99 in µs, in the
# order of the rounds) to a row of Markdown; sizes: of the answers.
BEGIN { FS = "\t" }

$1 == kind {
	p50[$2] = p50[$2] " " $3 / 1000
	p99[$2] = p99[$2] " " $4 / 1000
}

END {
	printf "| %s | %s | %s | %s | %s | %s | %s | %s | 1.5 |\n", title, sizes,
		summary(p50["few"], "%.2f"), summary(p99["few"], "%.2f"),
		summary(p50["many"], "%.2f"), summary(p99["many"], "%.2f"),
		summary(ratios(p50["few"], p50["many"]), "%.2f"),
		summary(ratios(p99["few"], p99["many"]), "%.2f")
}
