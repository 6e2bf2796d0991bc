#!/usr/bin/env bash
# Tries to connect to each ADDRESS:PORT and prints those that answered, one a line, then `done`. Run in a box by the
# App before it says what boxes cannot reach.
set -uo pipefail

# A packet that is dropped is not answered at all; one that is answered is in milliseconds.
readonly CONNECT_S=2

try() {
  local connected
  connected=$(curl --silent --output /dev/null --noproxy '*' --write-out '%{time_connect}' \
    --connect-timeout "$CONNECT_S" --max-time "$((CONNECT_S + 1))" "http://$1/")
  # Zero, in however many digits: no connection came about.
  if [[ $connected == *[1-9]* ]]; then printf '%s\n' "$1"; fi
}

for target in "$@"; do try "$target" & done
wait
printf 'done\n'
