#!/bin/sh
# Leases of a shared host's slots. Sent over SSH and run as `sh -s -- COMMAND ARGUMENT...`.
#
#   list SLOT...                                     one line a slot: name, prepared, owner, lease, expiry, created, domain, closed
#   claim SLOT OWNER LEASE EXPIRY CREATED DOMAIN PIN  claimed | same | taken | closed | pinned
#   prepared SLOT OWNER LEASE KEYS                   ok | gone | closed
#   extend SLOT OWNER LEASE EXPIRY                   ok | gone
#   release SLOT OWNER LEASE                         ok | gone
#   close SLOT REASON                                ok
#
# Times are milliseconds since 1970. Exit 3: the host lacks something, said on stderr.
set -eu
umask 077

# A lease past its expiry is free for the next one only after this many seconds: its App may still be ending it.
GRACE_SECONDS=300
# Longer than any command here takes.
LOCK_SECONDS=20

base=$HOME/.crabbox/slots
tab=$(printf '\t')

lock() {
  command -v flock >/dev/null || { echo "flock is missing (package util-linux)" >&2; exit 3; }
  exec 9>"$base/lock"
  flock -w "$LOCK_SECONDS" 9 || { echo "another App holds the host's lock" >&2; exit 3; }
}

read_lease() {
  owner='' lease='' expiry='' created='' domain=''
  [ -e "$base/$1/lease" ] || return 1
  {
    IFS= read -r owner
    IFS= read -r lease
    IFS= read -r expiry
    IFS= read -r created
    IFS= read -r domain
  } <"$base/$1/lease" || return 1
}

# Writes a lease beside its name, whole and on disk before it gets the name.
write_lease() {
  new=$base/$1/lease.$$
  shift
  printf '%s\n' "$@" >"$new"
  sync "$new" 2>/dev/null || sync
}

first_line() {
  [ ! -e "$1" ] || head -n 1 "$1" | tr -d '\t'
}

list() {
  for slot in "$@"; do
    read_lease "$slot" || true
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$slot" "$(first_line "$base/$slot/prepared")" \
      "$owner" "$lease" "$expiry" "$created" "$domain" "$(first_line "$base/$slot/closed")"
  done
}

claim() {
  slot=$1 pin=$7
  mkdir -p "$base/$slot"
  lock
  [ ! -e "$base/$slot/closed" ] || { echo closed; return; }
  if read_lease "$slot"; then
    [ "$owner$tab$lease" != "$2$tab$3" ] || { echo same; return; }
    [ "$((expiry / 1000 + GRACE_SECONDS))" -lt "$(date +%s)" ] || { echo taken; return; }
  fi
  # A host without anything between tasks serves who came first, for ever.
  if [ -n "$pin" ]; then
    [ -e "$base/pin" ] || { printf '%s\n' "$pin" >"$base/pin.$$" && mv "$base/pin.$$" "$base/pin"; }
    [ "$(first_line "$base/pin")" = "$pin" ] || { echo pinned; return; }
  fi
  rm -f "$base/$slot/lease"
  write_lease "$slot" "$2" "$3" "$4" "$5" "$6"
  if ln "$new" "$base/$slot/lease" 2>/dev/null; then echo claimed; else echo taken; fi
  rm -f "$new"
}

# Holds the lock when the lease is still the caller's; says "gone" and ends otherwise.
own() {
  mkdir -p "$base"
  lock
  if ! read_lease "$1" || [ "$owner$tab$lease" != "$2$tab$3" ]; then
    echo gone
    exit 0
  fi
}

# The log-in keys of a slot must stay what they were: a task of the same user could have added one.
prepared() {
  own "$1" "$2" "$3"
  [ -e "$base/$1/keys" ] || printf '%s\n' "$4" >"$base/$1/keys"
  if [ "$(first_line "$base/$1/keys")" != "$4" ]; then
    echo "authorized_keys was changed on the slot" >"$base/$1/closed"
    echo closed
    return
  fi
  printf '%s\n' "$3" >"$base/$1/prepared"
  echo ok
}

extend() {
  own "$1" "$2" "$3"
  write_lease "$1" "$owner" "$lease" "$4" "$created" "$domain"
  mv "$new" "$base/$1/lease"
  echo ok
}

release() {
  own "$1" "$2" "$3"
  rm -f "$base/$1/prepared" "$base/$1/lease"
  # The doctor came first, to run nothing but `true`: the host is still anybody's.
  case $owner in
    doctor-*) case $(first_line "$base/pin") in "$owner "*) rm -f "$base/pin" ;; esac ;;
  esac
  echo ok
}

close_slot() {
  mkdir -p "$base/$1"
  printf '%s\n' "$2" | head -n 1 >"$base/$1/closed"
  echo ok
}

main() {
  command=$1
  shift
  mkdir -p "$base"
  case $command in
    list) list "$@" ;;
    claim) claim "$@" ;;
    prepared) prepared "$@" ;;
    extend) extend "$@" ;;
    release) release "$@" ;;
    close) close_slot "$@" ;;
    *) echo "unknown command: $command" >&2; exit 3 ;;
  esac
}

main "$@"
