# Runs beside a throw-away PostgreSQL. First argument: what to do; second: the cluster's folder.
#   keep  waits until standard input ends, which it does when whoever started this is gone, however it
#         went; then stops the servers, and removes the folder.
#   kill  kills every process of the server at once, and returns when none is left. What a machine that
#         starts anew would not have goes with them: the shared segment, and the lock files, whose process
#         may stand on as a zombie where nobody collects it.
# A server's processes are known by their working directory, the data folder: no id of a process that
# ended long ago is ever sent a signal.
what=$1 folder=$2 data=$2/data

processes() {
    for it in /proc/[0-9]*; do
        if [ "$it/cwd" -ef "$data" ]; then echo "${it#/proc/}"; fi
    done
}

kill_all() {
    left=$(processes)
    while [ -n "$left" ]; do
        # Not quoted: a word for each process. One may have ended since it was listed.
        kill -KILL $left 2>/dev/null
        left=$(processes)
    done
}

# A server that is asked to end does this itself.
forget() {
    segment=$(sed -n '7s/.* //p' "$data/postmaster.pid" 2>/dev/null)
    if [ -n "$segment" ]; then ipcrm -m "$segment" 2>/dev/null; fi
    rm -f -- "$data/postmaster.pid" "$folder"/s/.s.*
}

if [ "$what" = kill ]; then
    kill_all
    forget
    exit
fi

trap '' HUP INT TERM
cat >/dev/null
first=$(sed -n 1p "$data/postmaster.pid" 2>/dev/null)
if [ -n "$first" ] && [ "/proc/$first/cwd" -ef "$data" ]; then
    kill -QUIT "$first"
    tries=0
    while [ "$tries" -lt 100 ] && [ -n "$(processes)" ]; do
        tries=$((tries + 1))
        sleep 0.05
    done
fi
kill_all
forget
rm -rf -- "$folder"
