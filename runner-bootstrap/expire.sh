#!/usr/bin/env bash
# The dead-man's switch of a box: ends it when its lease is over and nobody renewed it, also when the App is gone.
#
#   expire.sh watch FILE poweroff        a cloud box: looks every minute, powers off when the time in FILE is past
#   expire.sh watch FILE slot ROOT       a slot of a shared host: ends the slot's tasks instead
#   expire.sh watch FILE exit            a container whose first process this is: ends, and the container with it
#   expire.sh check FILE                 prints what it would do: "live SECONDS", "past SECONDS" or "unset"
#
# FILE holds one number, epoch seconds; boxd's `extend` renews it (ROOT/expires-at). A missing or unreadable file is
# given a grace from the start of this program, then counts as past: a box that nobody ever claimed must end, too.
set -euo pipefail

readonly LOOK_EVERY_S=${CRABBOX_EXPIRE_LOOK_S:-60}
# Longer than any set-up of a box takes, shorter than an hour's bill.
readonly UNSET_GRACE_S=${CRABBOX_EXPIRE_GRACE_S:-1800}
# No lease is longer: a time beyond it is a mistake, or somebody's attempt to keep the box.
readonly FARTHEST_S=$((7 * 24 * 3600))

say() { printf 'crabbox-expire: %s\n' "$*" >&2; }

# Seconds since this program's start on a clock that nobody sets.
elapsed() { printf '%s\n' "$SECONDS"; }

read_expiry() {
  local value=''
  if [[ -r $1 ]]; then IFS= read -r value <"$1" || true; fi
  if [[ $value =~ ^[0-9]{1,12}$ ]]; then printf '%s\n' "$value"; else printf 'unset\n'; fi
}

verdict() {
  local expiry now left
  expiry=$(read_expiry "$1")
  if [[ $expiry == unset ]]; then
    printf 'unset\n'
    return
  fi
  now=$(date +%s)
  left=$((expiry - now))
  if ((left > FARTHEST_S)); then
    printf 'unset\n'
  elif ((left > 0)); then
    printf 'live %s\n' "$left"
  else
    printf 'past %s\n' "$((-left))"
  fi
}

is_over() {
  case $(verdict "$1") in
    past*) return 0 ;;
    unset) (($(elapsed) > UNSET_GRACE_S)) ;;
    *) return 1 ;;
  esac
}

end_box() {
  say 'the lease is over: powering off'
  sync || true
  systemctl poweroff --no-wall 2>/dev/null || poweroff 2>/dev/null || shutdown -h now 2>/dev/null ||
    echo o >/proc/sysrq-trigger
}

# Asks every supervisor of the slot to cancel; boxd ends what they started and says so in their records.
end_slot() {
  local root=$1 boxd node task
  boxd=$(find "$root" -maxdepth 1 -name 'boxd-*.mjs' -printf '%T@ %p\n' | sort -rn | head -n 1 | cut -d ' ' -f 2-)
  node=$(find "$root" -maxdepth 1 -name 'node-*' -type f -perm -u+x | head -n 1)
  [[ -n $boxd ]] || { say "no boxd in $root"; return 0; }
  for task in "$root"/tasks/*/; do
    if [[ -d $task && ! -e $task/exit ]]; then
      say "the lease is over: cancelling $(basename "$task")"
      printf '{"by":"lease expired"}\n' |
        CRABBOX_ROOT=$root "${node:-node}" "$boxd" cancel "$(basename "$task")" >/dev/null || true
    fi
  done
}

watch_expiry() {
  local file=$1 action=$2 root=${3:-}
  while ! is_over "$file"; do sleep "$LOOK_EVERY_S"; done
  case $action in
    poweroff) end_box ;;
    slot) end_slot "$root" ;;
    exit) say 'the lease is over' ;;
  esac
}

case ${1:-} in
  check) verdict "${2:?expire.sh check FILE}" ;;
  watch)
    case ${3:-} in
      poweroff) watch_expiry "${2:?FILE}" poweroff ;;
      slot) watch_expiry "${2:?FILE}" slot "${4:?ROOT}" ;;
      exit) watch_expiry "${2:?FILE}" exit ;;
      *)
        say 'usage: expire.sh watch FILE poweroff | exit | slot ROOT'
        exit 2
        ;;
    esac
    ;;
  *)
    say 'usage: expire.sh watch FILE poweroff | exit | slot ROOT, or check FILE'
    exit 2
    ;;
esac
