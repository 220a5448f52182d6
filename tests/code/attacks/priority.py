# ends: exit
import lib, os
lib.fails("nice -20", os.setpriority, os.PRIO_PROCESS, 0, -20)
for policy in (os.SCHED_FIFO, os.SCHED_RR):
    lib.fails("real time", os.sched_setscheduler, 0, policy, os.sched_param(50))
lib.fails("oom_score_adj", lambda: open("/proc/self/oom_score_adj", "w").write("-1000"))
if lib.libc.mlockall(3) == 0:
    lib.broken.append("mlockall")
lib.say()
