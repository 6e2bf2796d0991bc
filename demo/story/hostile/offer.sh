#!/usr/bin/env bash
# What a hostile pull request would try: each line says whether it got there. `offer.txt` names the places, one a line.
set -u

attempt() {
  local what=$1
  shift
  if timeout 10 "$@" >/dev/null 2>&1 </dev/null; then
    printf 'reached %s\n' "$what"
  else
    printf 'denied %s\n' "$what"
  fi
}

while read -r kind place; do
  case $kind in
    connect) attempt "$kind $place" bash -c ": <>/dev/tcp/${place%:*}/${place##*:}" ;;
    socket) attempt "$kind $place" curl --silent --unix-socket "$place" http://localhost/ ;;
    *) attempt "$kind $place" head -c 1 -- "$place" ;;
  esac
done <offer.txt

attempt "read the first process's environment" cat /proc/1/environ
attempt "end the first process" kill -KILL 1
attempt "write the machine's kernel settings" bash -c 'echo x >/proc/sys/kernel/core_pattern'
attempt "mount a file system" mount -t tmpfs none /mnt
attempt "take another root" unshare --user --map-root-user --mount true
attempt "become root" su -c true
attempt "change the box's programs" bash -c ': >>/usr/bin/env'
attempt "find a token in the environment" bash -c 'env | grep -Ei "token|secret|password|private"'
