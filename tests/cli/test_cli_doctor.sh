#!/bin/sh
# test_cli_doctor.sh - meed doctor tells what is there, what is not, and what to do.
. "$(dirname "$0")/lib.sh"

cat >a.conf <<'X'
instances = { tags = { model = "format.reasoning"; }; };
X
meed doctor -c a.conf
status_is 0 "nothing broken"
claim "doctor says nothing on standard error" is_empty err
for w in 'ok    meed  .*plugin ABI 1\.0' 'ok    libraries .*json-c .*libconfig .*zlib .*zstd' \
	'CPUs ' 'open files' 'locale' 'ok    plugin .*format\.so: ' \
	'ok    configuration +a\.conf' 'jieba' 'graphviz' 'ok    template '; do
	claim "doctor tells: $w" has_re out "$w"
done
claim "the last line counts" has_re out '^[0-9]+ ok, [0-9]+ to look at, 0 broken$'
meed doctor
status_is 1 "no configuration is broken"
claim "no configuration: what to do" has_re out 'FAIL  configuration .*MEED_CONF'
echo 'instances = { x = { model = "no.such"; }; };' >b.conf
meed doctor -c b.conf
status_is 1 "a wrong configuration is broken"
claim "a wrong configuration: file and line" has_re out 'FAIL .*b\.conf:1: '
mkdir bin broken
echo junk >broken/junk.so
PATH=$PWD/bin:/nowhere "$MEED_BIN" doctor -c a.conf --plugin-dir broken >out 2>err
status=$?
status_is 0 "things that are less than they could be are not broken"
claim "graphviz missing: what to do" has_re out 'warn  graphviz .*apt install graphviz'
claim "a plugin that failed: the reason" has_re out 'warn .*broken/junk\.so: .*(file too short|invalid ELF)'
(ulimit -n 64 && "$MEED_BIN" doctor -c a.conf >out 2>err)
claim "few open files: what to do" has_re out 'warn  open files .*ulimit -n'
LC_ALL=C "$MEED_BIN" doctor -c a.conf >out
claim "no UTF-8: told" has_re out 'warn  locale .*not UTF-8'
LC_ALL=C.UTF-8 "$MEED_BIN" doctor -c a.conf >out
claim "UTF-8: fine" has_re out 'ok    locale '

finish
