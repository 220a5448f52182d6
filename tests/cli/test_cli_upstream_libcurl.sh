#!/bin/sh
# test_cli_upstream_libcurl.sh - the troubles of test_cli_upstream.sh by way of libcurl
export MEED_TEST_WAY=libcurl
exec sh "$(dirname "$0")/test_cli_upstream.sh"
