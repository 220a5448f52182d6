# ends: output
yes >&2
