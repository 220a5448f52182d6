#!/bin/sh
# test_use_docs.sh - docs/use.md says what is so.
. "$(dirname "$0")/lib.sh"
. "$here/doctest.sh"

doctest "$top_srcdir/docs/use.md"

finish
