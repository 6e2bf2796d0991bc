#!/bin/sh
# Empties a slot of a shared host. Sent over SSH and run as `sh -s -- user` (by the slot's own user: all it has) or
# `sh -s -- DIRECTORY` (a slot's directory below the home). Says "left NAME (PID)" for each process that stayed, then
# "keys HASH" of the user's authorized_keys. Exit 3: the host is not fit, said on stderr. Safe to repeat.
set -eu

# What forks all the time is never caught by a listing.
ROUNDS=40

# This shell and what it hangs on: the SSH session that carries it.
ancestors() {
  pid=$$
  while [ "${pid:-0}" -gt 1 ]; do
    printf ' %s ' "$pid"
    pid=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status" 2>/dev/null) || pid=0
  done
}

# Whether /proc entry $1 is part of what $2 names: `user`, or the directory of a slot.
belongs() {
  [ -O "$1" ] || return 1
  if [ "$2" != user ]; then
    case $(readlink "$1/cwd" 2>/dev/null || true) in
      "$2" | "$2"/*) ;;
      *) grep -qsF -- "$2" "$1/environ" || return 1 ;;
    esac
  fi
  case $(sed 's/.*) //' "$1/stat" 2>/dev/null || true) in
    Z* | X* | '') return 1 ;;
  esac
}

members() {
  for entry in /proc/[0-9]*; do
    case $spared in *" ${entry#/proc/} "*) continue ;; esac
    if belongs "$entry" "$1"; then printf '%s ' "${entry#/proc/}"; fi
  done
}

# `members` runs in a subshell, which is the user's, too, and gone when it is looked for.
end_members() {
  round=0
  while [ "$round" -lt "$ROUNDS" ]; do
    pids=$(members "$1")
    alive=''
    for pid in $pids; do if [ -e "/proc/$pid" ]; then alive="$alive $pid"; fi; done
    [ -n "$alive" ] || return 0
    # Stopped first, all of them: what stands still starts nothing new.
    # shellcheck disable=SC2086 # a list of pids
    kill -STOP $alive 2>/dev/null || true
    # shellcheck disable=SC2086
    kill -KILL $alive 2>/dev/null || true
    sleep 0.1 2>/dev/null || sleep 1
    round=$((round + 1))
  done
  for pid in $alive; do
    if [ -e "/proc/$pid" ]; then printf 'left %s (%s)\n' "$(cat "/proc/$pid/comm" 2>/dev/null || echo gone)" "$pid"; fi
  done
}

# Removes what is in $1 (but for the names after it), whatever its modes.
empty() {
  where=$1 spare=$2
  [ -d "$where" ] || return 0
  find "$where" -type d ! -perm -700 -exec chmod u+rwx {} \; 2>/dev/null || true
  find "$where" -mindepth 1 -maxdepth 1 ! -name "$spare" -exec rm -rf {} +
}

wipe() {
  spared=$(ancestors)
  if [ "$1" = user ]; then
    [ "$HOME" != / ] || { echo "the slot's user has no home of its own" >&2; exit 3; }
    crontab -r 2>/dev/null || true
    end_members user
    empty "$HOME" .ssh
    empty "$HOME/.ssh" authorized_keys
    find /tmp /var/tmp /dev/shm -xdev -mindepth 1 -path "$HOME" -prune -o -user "$(id -u)" -exec rm -rf {} + 2>/dev/null || true
    keys=$HOME/.ssh/authorized_keys
  else
    case $1 in .crabbox/*) ;; *) echo "not a slot's directory: $1" >&2; exit 3 ;; esac
    end_members "$HOME/$1"
    empty "$HOME/$1" ..
    rm -rf "${HOME:?}/$1"
    keys=''
  fi
  if [ -n "$keys" ] && [ -e "$keys" ]; then printf 'keys %s\n' "$(sha256sum <"$keys" | cut -d ' ' -f 1)"; else echo "keys none"; fi
}

wipe "$@"
