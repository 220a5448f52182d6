#!/bin/sh
# test_text_docs.sh - docs/text.md says what is so.
. "$(dirname "$0")/lib.sh"
. "$here/doctest.sh"

doctest "$top_srcdir/docs/text.md"

finish
