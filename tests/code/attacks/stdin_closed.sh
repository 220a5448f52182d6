# ends: exit
# input: 8 MB
exec <&-
sleep 0.05
echo held
