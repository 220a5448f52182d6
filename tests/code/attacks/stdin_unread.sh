# ends: exit
# input: 8 MB
echo held
