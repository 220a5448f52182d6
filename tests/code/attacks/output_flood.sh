# ends: output
yes
