#!/bin/sh
# test_cli_plugin.sh - meed plugin new and meed plugin check.
. "$(dirname "$0")/lib.sh"

meed plugin
status_is 64 "plugin alone is wrong usage"
meed plugin make
status_is 64 "an unknown plugin command is wrong usage"
for n in Upper 1st with-dash "" "with space" ../up \
	much_too_long_a_name_for_a_plugin_that_anybody_would_like; do
	meed plugin new "$n"
	status_is 64 "\"$n\" is no name"
	claim "\"$n\" makes no folder" sh -c 'test "$(ls -d */ 2>/dev/null | wc -l)" -eq 0'
done
meed plugin new brevity
status_is 0 "plugin new succeeds"
claim "plugin new tells what comes next" has out 'make check'
claim "file names bear the name" test -f brevity/brevity.conf
claim "no placeholder is left" sh -c '! grep -rn "@NAME@\|@ID@" brevity'
claim "the id is example.NAME" grep -q 'example\.brevity' brevity/model.c
claim "the folder may be entered by others as the umask says" sh -c \
	'test "$(stat -c %A brevity)" = "$(mkdir probe; stat -c %A probe)"'
echo mine >brevity/model.c
meed plugin new brevity
status_is 73 "a folder that is there is not overwritten"
claim "its files are as they were" sh -c 'test "$(cat brevity/model.c)" = mine'
claim "nothing else is left behind" sh -c 'test "$(ls -d brevity* | wc -l)" -eq 1'
mkdir sub
meed plugin new --dir sub --id my.own-model tone
status_is 0 "--dir and --id"
claim "--dir says where" test -f sub/tone/Makefile
claim "--id is the model's id" grep -q 'my\.own-model' sub/tone/model.c
meed plugin new --id "No Id" tone
status_is 64 "a wrong --id is wrong usage"
meed plugin new --dir nowhere tone
status_is 73 "--dir that is not there"
MEED_TEMPLATE=/nowhere "$MEED_BIN" plugin new tone 2>err
status=$?
status_is 69 "no template"
claim "no template: what to do" has err MEED_TEMPLATE

meed plugin check nowhere.so
status_is 66 "a plugin that is not there"
echo 'no plugin' >junk.so
meed plugin check ./junk.so
status_is 65 "a file that is no plugin"
claim "a file that is no plugin: the true reason" has_re err 'junk\.so: .*(file too short|invalid ELF)'
# find NAME: the bundled plugin's file
find_plugin()
{
	echo "$MEED_PLUGIN_PATH" | tr ':' '\n' | while read -r dir; do
		[ ! -f "$dir/$1.so" ] || echo "$dir/$1.so"
	done | head -n 1
}

so=$(find_plugin format)
meed plugin check --rounds 5 --threads 2 "$so"
status_is 0 "format passes the battery"
claim "claims are told one a line" has_re out '^ok  '
claim "the last line counts" has_re out '/format\.so: [1-9][0-9]* passed, 0 failed$'
so=$(find_plugin general)
meed plugin check --quiet --rounds 5 --threads 2 "$so"
status_is 0 "general passes the battery"
claim "--quiet prints the last line alone" lines out 1
so=$(find_plugin math)
if [ -n "$so" ]; then
	meed plugin check --quiet --rounds 5 --threads 2 "$so"
	status_is 0 "math passes the battery"
fi
if [ -f "${MEED_TEST_PLUGINS:-}/rogue.so" ]; then
	export MEED_TEST_ROGUE=nan
	meed plugin check --rounds 5 --threads 2 "$MEED_TEST_PLUGINS/rogue.so"
	status_is 1 "a model that puts a NaN"
	claim "what failed is told" has_re out '^FAIL  '
	meed plugin check -q --rounds 5 --threads 2 "$MEED_TEST_PLUGINS/rogue.so"
	claim "--quiet shows what failed" has_re out '^FAIL  '
	claim "--quiet shows nothing else" sh -c '! grep -q "^ok" out'
fi

finish
