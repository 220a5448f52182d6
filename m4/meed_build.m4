dnl meed_build.m4 - macros of Meed's own configure.ac. Plugin authors want sdk/meed.m4.

dnl MEED_SWITCH(NAME, WHAT)
dnl --enable-NAME, off by default; the answer is yes or no in enable_NAME.
AC_DEFUN([MEED_SWITCH], [
AC_ARG_ENABLE([$1], [AS_HELP_STRING([--enable-$1], [build with $2])],
	      [AS_CASE(["$enableval"], [yes|no], [],
		       [AC_MSG_ERROR([--enable-$1=$enableval: must be yes or no])])],
	      [AS_TR_SH([enable_$1])=no])
])

dnl MEED_CC_FLAGS(VARIABLE, FLAGS, [link])
dnl Adds to VARIABLE those of FLAGS that the compiler (with "link": and the linker) knows.
AC_DEFUN([MEED_CC_FLAGS], [
$1=
for meed_flag in $2
do
	AC_MSG_CHECKING([whether $CC knows $meed_flag])
	meed_saved_cflags=$CFLAGS
	CFLAGS="$CFLAGS -Werror $meed_flag"
	m4_if([$3], [link],
	      [AC_LINK_IFELSE([AC_LANG_PROGRAM()], [meed_known=yes], [meed_known=no])],
	      [AC_COMPILE_IFELSE([AC_LANG_PROGRAM()], [meed_known=yes], [meed_known=no])])
	CFLAGS=$meed_saved_cflags
	AC_MSG_RESULT([$meed_known])
	AS_IF([test $meed_known = yes], [$1="$$1 $meed_flag"])
done
])

dnl MEED_LIB(PREFIX, PKG-CONFIG MODULE, DEBIAN PACKAGE, [HEADER, LIBRARY, FUNCTION])
dnl Sets PREFIX_CFLAGS and PREFIX_LIBS, or remembers the package as missing. With HEADER, a
dnl library that comes without its .pc file is found too.
AC_DEFUN([MEED_LIB], [
m4_ifnblank([$4],
	    [PKG_CHECK_MODULES([$1], [$2], [], [MEED_LIB_PLAIN([$1], [$4], [$5], [$6], [$3])])],
	    [PKG_CHECK_MODULES([$1], [$2], [],
			       [AC_MSG_RESULT([no])
				meed_missing="$meed_missing $3"])])
])

dnl MEED_LIB_PLAIN(PREFIX, HEADER, LIBRARY, FUNCTION, DEBIAN PACKAGE)
AC_DEFUN([MEED_LIB_PLAIN], [
meed_found=no
AC_CHECK_HEADER([$2], [AC_CHECK_LIB([$3], [$4], [meed_found=yes])])
AS_IF([test $meed_found = yes], [$1_LIBS=-l$3], [meed_missing="$meed_missing $5"])
AC_SUBST([$1_CFLAGS])
AC_SUBST([$1_LIBS])
])

dnl MEED_LIBS_DONE
dnl One error that names every missing package, and the command that installs them.
AC_DEFUN([MEED_LIBS_DONE], [
AS_IF([test -n "$meed_missing"], [
	AC_MSG_ERROR([libraries are missing or too old (config.log says how). On Debian install
	apt-get install$meed_missing
or let ./autogen.sh deps do so.])])
])
