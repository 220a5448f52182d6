# meed.m4 - for plugins that are built with autoconf, automake and libtool.
#
# MEED_PLUGINS(NAMES, [MINIMUM-VERSION])
# --------------------------------------
# Finds an installed Meed and prepares the plugins that are named, a list such as [a b].
# Sets and substitutes
#
#	MEED_CFLAGS		where <meed/plugin.h> is
#	MEED_PLUGIN_LDFLAGS	how libtool links a plugin: one exported symbol, all bound at load
#	MEED_PLUGINDIR		where Meed looks for plugins (--with-meed-plugindir=DIR)
#	MEED_CONFDIR		where its configuration lies
#	MEED_CHECK		the command that checks a built plugin
#	MEED_PLUGIN_LIST	NAME.la of each name that is to be built
#
# and gives each name its switch, --disable-NAME. configure.ac then has (automake wants to read
# -module in Makefile.am itself)
#
#	LT_INIT([disable-static])
#	MEED_PLUGINS([tone grammar], [0.1])
#
# and Makefile.am
#
#	plugindir = $(MEED_PLUGINDIR)
#	plugin_LTLIBRARIES = $(MEED_PLUGIN_LIST)
#	EXTRA_LTLIBRARIES = tone.la grammar.la
#	AM_CFLAGS = $(MEED_CFLAGS)
#	AM_LDFLAGS = -module $(MEED_PLUGIN_LDFLAGS)
#	tone_la_SOURCES = tone.c
#	grammar_la_SOURCES = grammar.c
#	check-local: all
#		for p in $(plugin_LTLIBRARIES); do $(MEED_CHECK) ./.libs/$${p%.la}.so || exit 1; done
#
# serial 1
AC_DEFUN([MEED_PLUGINS], [
AC_REQUIRE([PKG_PROG_PKG_CONFIG])
PKG_CHECK_MODULES([MEED], [meed m4_ifnblank([$2], [>= $2])], [],
	[AC_MSG_ERROR([Meed's SDK was not found: install meed, or name the folder of meed.pc in PKG_CONFIG_PATH])])
AC_ARG_WITH([meed-plugindir],
	[AS_HELP_STRING([--with-meed-plugindir=DIR], [install plugins in DIR, not where Meed looks])],
	[MEED_PLUGINDIR=$withval],
	[MEED_PLUGINDIR=`$PKG_CONFIG --variable=plugindir meed`])
AC_SUBST([MEED_PLUGINDIR])
AC_SUBST([MEED_CONFDIR], [`$PKG_CONFIG --variable=confdir meed`])
AC_SUBST([MEED_CHECK], [`$PKG_CONFIG --variable=check meed`])
AC_SUBST([MEED_PLUGIN_LDFLAGS], ['-module -avoid-version -shared -rpath $(MEED_PLUGINDIR) -export-symbols-regex ^meed_plugin_v1$$ -no-undefined -Wl,-z,defs -Wl,-z,now'])
MEED_PLUGIN_LIST=
m4_foreach_w([meed_name], [$1], [
AC_ARG_ENABLE(meed_name, [AS_HELP_STRING([--disable-]meed_name, [leave out the plugin ]meed_name)])
AS_IF([test "x$AS_TR_SH([enable_]meed_name)" != xno],
      [MEED_PLUGIN_LIST="$MEED_PLUGIN_LIST meed_name.la"])
])
AC_SUBST([MEED_PLUGIN_LIST])
])
