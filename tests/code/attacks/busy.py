# ends: cpu wall
while True:
    pass
