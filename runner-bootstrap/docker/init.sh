#!/usr/bin/env bash
# Process 1 of a container that is a box: root without capabilities, so that no command of the box's user can touch it
# or the files it makes. Makes the host key (the image has none), then is the dead-man's switch: when it ends, the
# container ends.
#
# Environment: CRABBOX_KEY (the App's public key, one line), CRABBOX_EXPIRES_AT (epoch seconds).
set -euo pipefail

readonly DIR=/run/crabbox
umask 022
mkdir -p "$DIR"
printf '%s\n' "$CRABBOX_EXPIRES_AT" >"$DIR/expires-at"
printf '%s\n' "$CRABBOX_KEY" >"$DIR/authorized_keys"
# boxd's sign that the container is the box and holds nothing else.
: >"$DIR/box"
ssh-keygen -q -t ed25519 -N '' -C box -f "$DIR/new_key"
# sshd runs as the box's user and must read it; root's file is not too open for it.
chmod 644 "$DIR/new_key"
mv "$DIR/new_key.pub" "$DIR/host_key.pub"
mv "$DIR/new_key" "$DIR/host_key"
unset CRABBOX_KEY CRABBOX_EXPIRES_AT
exec /opt/crabbox/expire.sh watch "$DIR/expires-at" exit
