#!/bin/sh
# test_report_docs.sh - docs/reports.md says what is so.
. "$(dirname "$0")/lib.sh"
. "$here/doctest.sh"

command -v gnuplot >/dev/null || {
	echo "no gnuplot: skipped"
	exit 77
}
ln -s "$top_srcdir/tests" tests
doctest "$top_srcdir/docs/reports.md"

finish
