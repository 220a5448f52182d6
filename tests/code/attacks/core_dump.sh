# ends: exit
ulimit -c unlimited 2>/dev/null && echo "broken: cores allowed"
sh -c 'kill -SEGV $$' 2>/dev/null
ls | grep -q core && echo "broken: a core" || echo held
