#!/bin/sh
# test_judge_docs.sh - docs/judges.md and docs/remote.md say what is so.
. "$(dirname "$0")/lib.sh"

upstream_up

. "$here/doctest.sh"
# The pages name a port; the server here has another.
for page in judges remote; do
	sed "s/127.0.0.1:8951/127.0.0.1:$port/" "$top_srcdir/docs/$page.md" >$page.md
	doctest $page.md
done
upstream_down

finish
