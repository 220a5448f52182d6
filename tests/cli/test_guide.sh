#!/bin/sh
# test_guide.sh - the plugin author's guide says what is so.
. "$(dirname "$0")/lib.sh"
. "$here/doctest.sh"

doctest "$top_srcdir/docs/plugins.md"
finish
