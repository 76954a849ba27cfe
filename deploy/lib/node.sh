# A node to try packages on: a clean Debian in a folder, with systemd as the first process of namespaces of its own,
# and the machine's Docker Engine. Sourced by deploy/test-packages after prepare.sh.

NODE=$RUN_DIR/node
NODE_TREE=/var/cache/longshore/debian.tar
NODE_GROUPS=(systemd unified)

# in_node COMMAND...: as root on the node.
in_node() { nsenter -t "$NODE_PID" -p -m -u -i -C -r -w "$@"; }

# The node's socket as this machine sees it.
node_socket() { printf '/proc/%s/root/run/longshore.sock\n' "$NODE_PID"; }

make_node_tree() {
  [ ! -s "$NODE_TREE" ] || return 0
  require debootstrap debootstrap "a clean Debian"
  say "making a clean Debian (debootstrap)"
  rm -rf "$NODE"
  debootstrap --variant=minbase --include=systemd,dbus bookworm "$NODE" >"$RUN_DIR/debootstrap.log" 2>&1 ||
    die "debootstrap failed: see $RUN_DIR/debootstrap.log"
  rm -rf "$NODE"/var/cache/apt/archives/*.deb "$NODE"/var/lib/apt/lists/*
  mkdir -p "${NODE_TREE%/*}"
  tar -C "$NODE" -cf "$NODE_TREE.partial" .
  mv "$NODE_TREE.partial" "$NODE_TREE"
}

start_node() {
  make_node_tree
  rm -rf --one-file-system "$NODE"
  mkdir -p "$NODE"
  tar -C "$NODE" -xf "$NODE_TREE"
  # The kernel may refuse what a unit asks for where this machine is itself in a sandbox.
  mkdir -p "$NODE/etc/systemd/system/longshore.service.d"
  printf '[Service]\nOOMScoreAdjust=0\nLimitNOFILE=infinity\nWatchdogSec=6\n' >"$NODE/etc/systemd/system/longshore.service.d/test.conf"
  (
    for hierarchy in "${NODE_GROUPS[@]}"; do
      [ ! -d "/sys/fs/cgroup/$hierarchy" ] || { mkdir -p "/sys/fs/cgroup/$hierarchy/longshore-node" && echo "$BASHPID" >"/sys/fs/cgroup/$hierarchy/longshore-node/cgroup.procs"; }
    done
    exec unshare --pid --fork --mount --uts --ipc --cgroup --kill-child "$DEPLOY_DIR/lib/node-init" "$NODE" "$(docker_socket)"
  ) >"$RUN_DIR/node.log" 2>&1 &
  NODE_PARENT=$!
  trap stop_node EXIT
  for _ in $(seq 100); do
    NODE_PID=$(pgrep -P "$NODE_PARENT" || true)
    if [ -n "$NODE_PID" ] && in_node systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded'; then return; fi
    sleep 0.2
  done
  die "systemd does not start in $NODE: see $RUN_DIR/node.log"
}

stop_node() {
  # The first process of the node; unshare itself waits for it, deaf to signals.
  pkill -KILL -P "$NODE_PARENT" || true
  wait "$NODE_PARENT" 2>/dev/null || true
  for hierarchy in "${NODE_GROUPS[@]}"; do
    [ ! -d "/sys/fs/cgroup/$hierarchy/longshore-node" ] || find "/sys/fs/cgroup/$hierarchy/longshore-node" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
}
