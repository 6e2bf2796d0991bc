#!/bin/sh
# Puts boxd, its step engine and, where the box has no Node that will do, a shipped one into the slot's root.
#
#   sh install.sh NAME SIZE SHA256 [NAME SIZE SHA256]...     the files follow on stdin, in this order, nothing between
#
# A file NAME ending in .gz becomes an executable without the ending. Each file is checked before it gets its name.
# Without arguments it only looks. CRABBOX_NODE_MIN in the environment asks for a later major, CRABBOX_NODE names one on this
# very machine, copied where no other will do. Prints one line:
#   node=PATH            ready; run boxd with this node
#   node=none found=...  nothing here can run boxd: what was found, for the message to people (exit code 97)
# Exit codes: 0 ready, 97 no node, 98 a file is not what was announced, 99 no space left.
# POSIX sh, because a box need not have bash; pipefail where the shell knows it.
set -eu
# shellcheck disable=SC3040 # asked first
(set -o pipefail 2>/dev/null) && set -o pipefail

NODE_MIN_MAJOR=${CRABBOX_NODE_MIN:-20}
GLIBC_MIN_MINOR=28 # official builds of Node 20 to 24 need GLIBC_2.28

root=${CRABBOX_ROOT:-$HOME/.crabbox}
umask 077
mkdir -p "$root"
temporary=$root/.install.$$
trap 'rm -f "$temporary"' EXIT

say() { printf '%s\n' "$*" >&2; }

hash_of() {
  if command -v sha256sum >/dev/null 2>&1; then
    sha256sum <"$1" | cut -d ' ' -f 1
  else
    shasum -a 256 <"$1" | cut -d ' ' -f 1
  fi
}

# Takes exactly $1 bytes of stdin. head reads no further than it must only from a file; so dd, byte-exact.
take() {
  dd bs=65536 count="$1" iflag=fullblock,count_bytes of="$temporary" 2>/dev/null || {
    say "no space left in $root"
    exit 99
  }
}

receive() {
  name=$1 size=$2 sha=$3
  case $name in
    */* | .* | '') say "refused: $name is no file name"; exit 98 ;;
  esac
  take "$size"
  if [ "$(hash_of "$temporary")" != "$sha" ]; then
    say "refused: $name did not arrive as announced"
    exit 98
  fi
  case $name in
    *.gz)
      gzip -dc <"$temporary" >"$temporary.out" || { rm -f "$temporary.out"; say "no space left in $root"; exit 99; }
      chmod 755 "$temporary.out"
      mv -f "$temporary.out" "$root/${name%.gz}"
      ;;
    *)
      chmod 644 "$temporary"
      mv -f "$temporary" "$root/$name"
      ;;
  esac
}

# Prints the first node that runs and is new enough: a shipped one, then the machine's.
find_node() {
  for candidate in "$root"/node-* "$(command -v node || true)" /usr/local/bin/node /usr/bin/node; do
    if [ ! -x "$candidate" ] || [ -d "$candidate" ]; then continue; fi
    major=$("$candidate" -p 'process.versions.node.split(".")[0]' 2>/dev/null) || continue
    case $major in '' | *[!0-9]*) continue ;; esac
    if [ "$major" -ge "$NODE_MIN_MAJOR" ]; then
      printf '%s\n' "$candidate"
      return 0
    fi
  done
  return 1
}

# Copies the Node that the box's keeper names: far quicker than one that travels, and it stays when the keeper's own goes.
copy_node() {
  near=${CRABBOX_NODE:-}
  if [ ! -x "$near" ] || [ -d "$near" ]; then return 1; fi
  version=$("$near" -p 'process.versions.node' 2>/dev/null) || return 1
  case $version in '' | *[!0-9.]*) return 1 ;; esac
  [ "${version%%.*}" -ge "$NODE_MIN_MAJOR" ] || return 1
  cp "$near" "$temporary" && chmod 755 "$temporary" && mv -f "$temporary" "$root/node-v$version" || return 1
  printf '%s\n' "$root/node-v$version"
}

# glibc's version as getconf says it, or musl, or unknown.
libc() {
  if version=$(getconf GNU_LIBC_VERSION 2>/dev/null); then
    printf '%s\n' "$version"
  elif ls /lib/ld-musl-* >/dev/null 2>&1; then
    printf 'musl\n'
  else
    printf 'unknown\n'
  fi
}

# True when an official build of Node can run here.
libc_fits() {
  case $1 in
    'glibc 2.'*) [ "${1#glibc 2.}" -ge "$GLIBC_MIN_MINOR" ] 2>/dev/null ;;
    *) return 1 ;;
  esac
}

while [ "$#" -ge 3 ]; do
  receive "$1" "$2" "$3"
  shift 3
done

if node=$(find_node) || node=$(copy_node); then
  printf 'node=%s\n' "$node"
  exit 0
fi
found=$(libc)
if libc_fits "$found"; then fits=yes; else fits=no; fi
machine_node=$(node --version 2>/dev/null || printf 'none')
printf 'node=none found=node:%s,libc:%s,os:%s,arch:%s,fits:%s\n' \
  "$machine_node" "$(printf '%s' "$found" | tr ' ' '-')" "$(uname -s)" "$(uname -m)" "$fits"
exit 97
