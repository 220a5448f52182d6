# ends: wall
kill -STOP $$
