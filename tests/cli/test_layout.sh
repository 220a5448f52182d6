#!/bin/sh
# test_layout.sh - what the tree promises: plugins are built and export one symbol, headers stand
# alone, banned functions are absent.
set -u

top=${top_srcdir:?} build=${top_builddir:?} cc=${CC:-cc}
failed=0
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT

fail()
{
	printf 'FAIL: %s\n' "$*"
	failed=$((failed + 1))
}

# Lines of $tmp/out that match none of the further arguments (whole lines), as one line.
others()
{
	for allowed
	do
		printf '%s\n' "$allowed"
	done >"$tmp/allowed"
	grep -vxE -f "$tmp/allowed" "$tmp/out" | tr '\n' ' '
}

test_every_plugin_folder_is_built()
{
	for dir in "$top"/plugins/*/
	do
		name=$(basename "$dir")
		grep -qE "^include plugins/$name/$name\.am\$" "$top/plugins/plugins.am" ||
			fail "plugins/$name is not included by plugins/plugins.am"
		case " ${MEED_LEFT_OUT:-} " in
		*" $name "*)
			echo "plugins/$name is left out by configure"
			continue
			;;
		esac
		[ -f "$build/plugins/$name/.libs/$name.so" ] ||
			fail "plugins/$name/.libs/$name.so was not built"
	done
}

test_plugin_exports_one_symbol_and_adds_no_library()
{
	for so in "$build"/plugins/*/.libs/*.so
	do
		[ -f "$so" ] || continue
		nm -D --defined-only -P "$so" | cut -d' ' -f1 >"$tmp/out"
		[ "$(cat "$tmp/out")" = meed_plugin_v1 ] ||
			fail "$so exports$(printf ' %s' $(cat "$tmp/out")): must be meed_plugin_v1 alone"
		readelf -d "$so" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' >"$tmp/out"
		case $so in
		*/math.so) own='lib(flint|flint-arb|calcium|gmp|mpfr)\.so\..*' ;;
		*/instruct.so) own='lib(z|utf8proc)\.so\..*' ;;
		*/text.so) own='lib(utf8proc|pcre2-8)\.so\..*' ;;
		*) own=none ;;
		esac
		extra=$(others "$own" 'libc\.so\..*' 'libm\.so\..*' 'ld-linux.*' 'lib[aut][a-z]*san\.so\..*' \
			'libgcc_s\.so\..*' 'libclang_rt\..*' 'linux-vdso.*')
		[ -z "$extra" ] || fail "$so needs $extra: of bundled plugins, math, instruct and text alone have libraries"
		readelf -d "$so" | grep -q NOW || fail "$so binds lazily: link with -z now"
	done
}

test_libmeed_exports_its_header_alone()
{
	[ -f "$build/.libs/libmeed.so" ] || {
		fail "libmeed.so was not built"
		return
	}
	nm -D --defined-only -P "$build/.libs/libmeed.so" | cut -d' ' -f1 | sort >"$tmp/has"
	$cc -E -P -I"$top/sdk/include" "$top/sdk/include/meed/meed.h" |
		grep -oE 'meed_[a-z_]+ *\(' | tr -d ' (' | sort -u >"$tmp/want"
	diff "$tmp/want" "$tmp/has" >"$tmp/out" || {
		cat "$tmp/out"
		fail "libmeed.so (>) does not export what meed/meed.h (<) declares"
	}
}

# $1 compiler, $2 flags, $3 language, $4 header
compile_alone()
{
	printf '#include "%s"\n#include "%s"\nint meed_unused;\n' "$4" "$4" >"$tmp/alone.c"
	# shellcheck disable=SC2086
	$1 $2 -x "$3" -D_GNU_SOURCE -I"$top" -I"$top/sdk/include" -I"$build" \
		$json -fsyntax-only -Wall -Wextra -Werror "$tmp/alone.c" 2>"$tmp/err" || {
		head -n 20 "$tmp/err"
		fail "$4 does not compile alone as $3 ($2)"
	}
}

test_headers_compile_alone()
{
	json=$(pkg-config --cflags json-c libconfig 2>/dev/null)
	for h in $(cd "$top" && find host sdk/include -name '*.h' | sort)
	do
		compile_alone "$cc" -std=c11 c "$h"
		case $h in
		sdk/*) ;;
		*) continue ;;
		esac
		compile_alone "$cc" "-std=c11 -Wpedantic -Wconversion -Wundef" c "$h"
		compile_alone "$cc" -std=c17 c "$h"
		[ -z "$cxx" ] || compile_alone "$cxx" "-std=c++17 -Wpedantic -Wconversion" c++ "$h"
	done
	compile_alone "$cc" "-std=c11 -Wpadded" c sdk/include/meed/plugin.h
	for h in $(cd "$top" && find host sdk/include -name '*.h')
	do
		! grep -q '^#include "config.h"' "$top/$h" || fail "$h includes config.h"
	done
}

# Comments may speak of them, code may not.
test_no_banned_function_is_called()
{
	banned=$(sed -n 's/^#define \([a-z]*\)(\.\.\.) MEED_BANNED.*/\1/p' "$top/tests/banned.h" |
		paste -sd'|')
	[ -n "$banned" ] || fail "tests/banned.h bans nothing"
	for f in $(cd "$top" && find host plugins sdk -name '*.[ch]' | sort)
	do
		$cc -fpreprocessed -dD -E -P -x c "$top/$f" 2>/dev/null |
			grep -nE "(^|[^A-Za-z0-9_.>])($banned)[[:space:]]*\(" |
			sed "s|^[0-9]*:[[:space:]]*|$f: |" >"$tmp/out"
		[ ! -s "$tmp/out" ] || {
			cat "$tmp/out"
			fail "$f calls a banned function (tests/banned.h)"
		}
	done
}

test_sources_begin_as_agreed()
{
	for f in $(cd "$top" && find host plugins sdk/template -name '*.[ch]' | sort)
	do
		head -n 1 "$top/$f" | grep -q '^/\* ' || fail "$f: line 1 does not say what it is for"
		case $f in
		host/*.c)
			[ "$(grep -m1 '^#include' "$top/$f")" = '#include "config.h"' ] ||
				fail "$f: config.h is not included first"
			;;
		plugins/*)
			! grep -nE '^#include "host/' "$top/$f" || fail "$f: a plugin includes a host header"
			;;
		esac
	done
}

case $cc in
*clang*) cxx=$(printf '%s' "$cc" | sed 's/clang/clang++/') ;;
*gcc*) cxx=$(printf '%s' "$cc" | sed 's/gcc/g++/') ;;
*) cxx=c++ ;;
esac
command -v "${cxx%% *}" >/dev/null || {
	echo "no C++ compiler: headers are tried as C alone"
	cxx=
}

test_every_plugin_folder_is_built
test_plugin_exports_one_symbol_and_adds_no_library
test_libmeed_exports_its_header_alone
test_headers_compile_alone
test_no_banned_function_is_called
test_sources_begin_as_agreed

[ "$failed" -eq 0 ] || {
	echo "$failed failed"
	exit 1
}
echo "all well"
