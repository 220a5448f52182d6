# ends: exit
port=$(sed -n 's/^port=//p')
exec 3<>/dev/tcp/127.0.0.1/$port && echo broken || echo held
exit 0
