# ends: exit any
setsid sh -c 'while :; do echo more; done' &
sleep 0.02
exit 0
