#!/bin/sh
# test_sdk.sh - an installed meed is enough to write a plugin: what `meed plugin new' makes builds,
# passes its tests, installs and is scored with, as C and as C++, with make and with automake.
set -eu

build=${top_builddir:?}
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES GNUMAKEFLAGS || :
unset MEED_TEMPLATE MEED_TEST_PLUGINS top_srcdir srcdir || :

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
root=$tmp/root

say()
{
	printf '%s\n' "$*"
}

die()
{
	printf 'FAIL: %s\n' "$*"
	exit 1
}

# Runs "$@"; its output is shown only if it fails.
quietly()
{
	"$@" >"$tmp/log" 2>&1 || {
		cat "$tmp/log"
		die "$*"
	}
}

install_tree()
{
	quietly make -C "$build" install DESTDIR="$root"
	pc=$(find "$root" -name meed.pc)
	[ -f "$pc" ] || die "meed.pc was not installed"

	# pkg-config as it would be without DESTDIR
	mkdir "$tmp/pc"
	for name in meed libmeed
	do
		sed "s|^\([a-z_]*\)=/|\1=$root/|" "$(dirname "$pc")/$name.pc" >"$tmp/pc/$name.pc"
	done
	PKG_CONFIG_PATH=$tmp/pc
	export PKG_CONFIG_PATH

	meed=$(pkg-config --variable=meed meed)
	plugindir=$(pkg-config --variable=plugindir meed)
	confdir=$(pkg-config --variable=confdir meed)
	MEED_TEMPLATE=$(pkg-config --variable=templatedir meed)
	MEED_PLUGIN_PATH=$plugindir
	MEED_CONF=$confdir
	export MEED_TEMPLATE MEED_PLUGIN_PATH MEED_CONF
}

test_everything_is_installed()
{
	inc=$(pkg-config --variable=includedir meed)/meed
	for f in "$inc/plugin.h" "$inc/helpers.h" "$inc/meed.h" "$meed" "$MEED_TEMPLATE/model.c" \
		"$MEED_TEMPLATE/Makefile" "$plugindir/general.so" "$plugindir/format.so"
	do
		[ -f "$f" ] || die "$f was not installed"
	done
	ls "$confdir"/*.conf >/dev/null || die "no configuration was installed in $confdir"
	[ -z "$(find "$root" -name '*.la')" ] || die "libtool's .la files were installed"
	[ -z "$(find "$root" ! -type l -perm -o+w)" ] || die "others may write what was installed"
	[ "$(pkg-config --variable=abi_major meed)" -ge 1 ] || die "meed.pc lacks abi_major"
	[ -n "$(pkg-config --variable=abi_minor meed)" ] || die "meed.pc lacks abi_minor"
	[ -z "$(pkg-config --libs meed)" ] || die "meed.pc links to something: a plugin needs nothing"
	quietly "$meed" check
	say "ok  the SDK is installed whole"
}

# The symbols that a plugin exports, a sanitizer's own left out.
exported()
{
	nm -D --defined-only -P "$1" | cut -d' ' -f1 | grep -v '^__'
}

# $1 plugin's name; then arguments for make
template_builds()
{
	name=$1
	shift
	(cd "$tmp" && quietly "$meed" plugin new "$name")
	! grep -rn '@NAME@\|@ID@' "$tmp/$name" || die "a placeholder was left"
	quietly make -C "$tmp/$name" check "$@"
	[ "$(exported "$tmp/$name/$name.so")" = meed_plugin_v1 ] ||
		die "$name.so exports more than meed_plugin_v1"

	# its test can fail
	sed -i 's/"expected": 0.75/"expected": 0.25/' "$tmp/$name/samples.jsonl"
	! make -C "$tmp/$name" check "$@" >/dev/null 2>&1 || die "make check saw no wrong score"
	sed -i 's/"expected": 0.25/"expected": 0.75/' "$tmp/$name/samples.jsonl"
	say "ok  plugin new $name: make check $*"
}

test_template_builds_as_c_and_cxx()
{
	cc=${CC:-cc}
	template_builds tone CC="$cc" CFLAGS="-O2 -Wall -Wextra -Werror -Wconversion"
	cxx=${cc#ccache }
	cxx=$(printf '%s' "${cxx%% *}" | sed 's/clang/clang++/; s/gcc/g++/; s/^cc$/c++/')
	case $cxx in
	*clang*) flags="-O2 -Wall -Wextra -Werror -Wno-deprecated -Wno-c++20-designator" ;;
	*) flags="-O2 -Wall -Wextra -Werror" ;;
	esac
	if command -v "$cxx" >/dev/null
	then
		template_builds tonecxx CC="$cxx" CFLAGS="$flags"
	else
		say "--  no C++ compiler: not tried as C++"
	fi
	# as a plugin's author would look for memory errors; undefined sanitizer symbols are the
	# program's to give
	[ -z "${MEED_SAN:-}" ] ||
		template_builds tonesan CC="$cc" CFLAGS="-O1 -g $MEED_SAN" LDFLAGS=-Wl,-z,undefs
}

test_installed_plugin_is_listed_and_scores()
{
	quietly make -C "$tmp/tone" install
	"$meed" list >"$tmp/list"
	grep -q 'example\.tone' "$tmp/list" || die "meed list does not show example.tone"
	"$meed" info tone >"$tmp/info"
	grep -q target "$tmp/info" || die "meed info tone does not show the parameter target"
	"$meed" score -m tone --set target=2 -q "$tmp/tone/samples.jsonl" >"$tmp/scored"
	[ "$(wc -l <"$tmp/scored")" -eq "$(wc -l <"$tmp/tone/samples.jsonl")" ] ||
		die "samples were lost"
	sed -n 1p "$tmp/scored" | grep -q '"score": *0[,}]' ||
		die "4 words do not score 0 where 2 are wanted: $(sed -n 1p "$tmp/scored")"
	sed -n 2p "$tmp/scored" | grep -q '"score": *1[,}]' ||
		die "2 words do not score 1 where 2 are wanted: $(sed -n 2p "$tmp/scored")"
	quietly make -C "$tmp/tone" uninstall
	[ ! -e "$plugindir/tone.so" ] || die "make uninstall left $plugindir/tone.so"
	say "ok  an installed third-party plugin is listed, configured and scored"
}

test_one_line_build()
{
	cd "$tmp/tone"
	# shellcheck disable=SC2046
	quietly ${CC:-cc} -shared -fPIC $(pkg-config --cflags meed) model.c -o mine.so
	# shellcheck disable=SC2046
	quietly $(pkg-config --variable=check meed) ./mine.so
	cd "$tmp"
	say "ok  cc -shared -fPIC \$(pkg-config --cflags meed) model.c"
}

test_autotools_plugins()
{
	command -v autoreconf >/dev/null && command -v libtoolize >/dev/null || {
		say "--  no autoconf or libtool: meed.m4 not tried"
		return 0
	}
	mkdir "$tmp/auto"
	cd "$tmp/auto"
	cp ../tone/model.c tone.c
	sed 's/example\.tone/example.other/; s/org\.example\.tone/org.example.other/' tone.c >other.c
	cat >configure.ac <<-'END'
		AC_INIT([two], [1])
		AC_CONFIG_AUX_DIR([build-aux])
		AM_INIT_AUTOMAKE([foreign])
		AC_PROG_CC
		AM_PROG_AR
		LT_INIT([disable-static])
		MEED_PLUGINS([tone other], [0.1])
		AC_CONFIG_FILES([Makefile])
		AC_OUTPUT
	END
	cat >Makefile.am <<'END'
plugindir = $(MEED_PLUGINDIR)
plugin_LTLIBRARIES = $(MEED_PLUGIN_LIST)
EXTRA_LTLIBRARIES = tone.la other.la
AM_CFLAGS = $(MEED_CFLAGS)
AM_LDFLAGS = -module $(MEED_PLUGIN_LDFLAGS)
tone_la_SOURCES = tone.c
other_la_SOURCES = other.c
check-local: all
	for p in $(plugin_LTLIBRARIES); do $(MEED_CHECK) ./.libs/$${p%.la}.so || exit 1; done
END
	ACLOCAL_PATH=$(dirname "$(find "$root" -name meed.m4)") quietly autoreconf -i
	quietly ./configure -q CC="${CC:-cc}" --disable-other
	[ ! -f .libs/other.so ] || die "--disable-other built other.so"
	quietly ./configure -q CC="${CC:-cc}"
	quietly make check
	for p in tone other
	do
		[ "$(exported .libs/$p.so)" = meed_plugin_v1 ] ||
			die "$p.so, built by automake, exports more than meed_plugin_v1"
	done
	cd "$tmp"
	say "ok  MEED_PLUGINS([tone other])"
}

test_libmeed_links()
{
	cat >"$tmp/embed.c" <<-'END'
		#include <meed/meed.h>
		#include <stdio.h>
		int main(void)
		{
			return puts(meed_version()) < 0;
		}
	END
	# shellcheck disable=SC2046
	quietly ${CC:-cc} ${MEED_SAN:-} "$tmp/embed.c" -o "$tmp/embed" \
		$(pkg-config --cflags --libs libmeed)
	v=$(LD_LIBRARY_PATH=$(pkg-config --variable=libdir libmeed) "$tmp/embed")
	[ "$v" = "$(pkg-config --modversion libmeed)" ] || die "meed_version says '$v'"
	say "ok  a program links with libmeed"
}

test_uninstall_leaves_nothing()
{
	quietly make -C "$build" uninstall DESTDIR="$root"
	left=$(find "$root" ! -type d)
	[ -z "$left" ] || die "make uninstall left" $left
	say "ok  make uninstall leaves nothing"
}

install_tree
test_everything_is_installed
test_template_builds_as_c_and_cxx
test_installed_plugin_is_listed_and_scores
test_one_line_build
test_autotools_plugins
test_libmeed_links
test_uninstall_leaves_nothing
