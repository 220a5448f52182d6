#!/bin/sh
# test_readme.sh - the tour of the README says what is so.
. "$(dirname "$0")/lib.sh"
. "$here/doctest.sh"

doctest "$top_srcdir/README.md"
finish
