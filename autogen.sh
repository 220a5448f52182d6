#!/bin/sh
# autogen.sh - from a bare checkout to a built, shown or tested meed.
#
#	./autogen.sh		makes ./configure; needs autoconf, automake, libtool, pkg-config
#	./autogen.sh deps	installs what a build needs (Debian packages, root or sudo)
#	./autogen.sh demo	deps, build in ./build, score the shipped real data
#	./autogen.sh check	deps, build in ./build, run the tests
set -eu

build_packages="build-essential autoconf automake libtool libltdl-dev pkg-config ca-certificates
	libconfig-dev libcurl4-openssl-dev libjson-c-dev libcunit1-dev libsqlite3-dev zlib1g-dev libzstd-dev
	libseccomp-dev libutf8proc-dev libpcre2-dev libexttextcat-dev libflint-dev libflint-arb-dev
	libcalcium-dev libantic-dev"
check_packages="bubblewrap gnuplot-nox python3 python3-jieba graphviz jq mandoc nghttp2-proxy openssl zstd"

say()
{
	printf '%s\n' "autogen.sh: $*"
}

die()
{
	printf '%s\n' "autogen.sh: $*" >&2
	exit 1
}

# Those of the packages in "$@" that are not installed, in one line.
missing()
{
	dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
		sed -n 's/^installed //p' >"$tmp"
	for p
	do
		grep -qxF "$p" "$tmp" || printf ' %s' "$p"
	done
}

install_packages()
{
	command -v dpkg-query >/dev/null || {
		command -v autoreconf >/dev/null && command -v pkg-config >/dev/null && {
			say "not a Debian system: taking the libraries as they are"
			return 0
		}
		die "not a Debian system: install the counterparts of these packages yourself:" \
			$*
	}
	tmp=$(mktemp)
	trap 'rm -f "$tmp"' EXIT
	trap 'exit 1' HUP INT TERM
	want=$(missing "$@")
	[ -n "$want" ] || return 0

	if [ "$(id -u)" -eq 0 ]
	then
		as_root=
	elif command -v sudo >/dev/null
	then
		as_root=sudo
	else
		die "these Debian packages are missing, and there is neither root nor sudo to install" \
			"them; as root, run: apt-get install$want"
	fi
	say "installing these Debian packages:$want"
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update ||
		die "apt-get update failed: is there a network, and are the package sources right?"
	# shellcheck disable=SC2086
	$as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -q install -y --no-install-recommends $want ||
		die "apt-get could not install:$want"
	# what was configured without them looks again
	[ ! -e build/config.status ] || (cd build && ./config.status -q --recheck)
}

make_configure()
{
	for tool in autoreconf:autoconf automake:automake libtoolize:libtool pkg-config:pkg-config
	do
		command -v "${tool%:*}" >/dev/null ||
			die "${tool%:*} not found: install Debian's ${tool#*:}, or run ./autogen.sh deps"
	done
	autoreconf -i
}

# Out of tree, in ./build. Once configured, make decides what is stale.
build()
{
	[ ! -e config.status ] ||
		die "this tree was configured in place: run make distclean first"
	[ -x configure ] || make_configure
	mkdir -p build
	[ -e build/Makefile ] || (cd build && ../configure -q)
	make -s -C build -j"$(nproc)"
}

cd "$(dirname "$0")"
case ${1-} in
'')
	make_configure
	say "now run ./configure (see ./configure --help) and make"
	;;
deps)
	# shellcheck disable=SC2086
	install_packages $build_packages $check_packages
	;;
demo)
	# shellcheck disable=SC2086
	install_packages $build_packages
	build
	sh tests/demo.sh build
	;;
check)
	# shellcheck disable=SC2086
	install_packages $build_packages $check_packages
	build
	# one more than there are processors: some tests mostly wait
	make -C build -j"$(($(nproc) + 1))" check
	;;
*)
	die "unknown argument '$1': none, deps, demo or check"
	;;
esac
