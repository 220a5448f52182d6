#!/bin/sh
# test_code_docs.sh - docs/code.md says what is so.
. "$(dirname "$0")/lib.sh"
. "$here/doctest.sh"

doctest "$top_srcdir/docs/code.md"

finish
