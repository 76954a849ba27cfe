# Makes a machine ready to build, run and test Longshore. Sourced by deploy/run and deploy/test.
# What is missing comes from the distribution's packages; what cannot be had ends with a sentence
# that says what to install.

JDK_WANTED=25
IMAGE_PREFIX=longshore.local
RUN_DIR=/run/longshore

say() { printf '== %s\n' "$*"; }

die() {
  printf 'longshore: %s\n' "$*" >&2
  exit 1
}

need_root() {
  [ "$(id -u)" = 0 ] || die "$1 changes this machine (packages, Docker, networks): run it as root, 'sudo $1'"
}

# install_packages WHAT PACKAGE... : WHAT completes the sentence "needed for".
install_packages() {
  local what=$1
  shift
  command -v apt-get >/dev/null || die "$what is missing and there is no apt-get here: install the equivalent of '$*' by hand, then run again"
  say "installing $* ($what)"
  if [ -z "${APT_UPDATED:-}" ]; then
    apt-get update -q >"$PREPARE_LOG" 2>&1 || say "apt-get update failed, trying with the lists at hand"
    APT_UPDATED=1
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" >>"$PREPARE_LOG" 2>&1 || {
    tail -n 5 "$PREPARE_LOG" >&2
    return 1
  }
}

# require COMMAND PACKAGE WHAT
require() {
  command -v "$1" >/dev/null || install_packages "$3" "$2" || die "'$1' ($3) is missing and package '$2' could not be installed: install it, then run again"
}

jdk_major() {
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null
}

# Prints the home of the first JDK new enough: JAVA_HOME, the usual folders, the javac on PATH.
find_jdk() {
  local home on_path
  on_path=$(command -v javac || true)
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/java/* /opt/jdk* "${on_path:+$(dirname "$(dirname "$(readlink -f "$on_path")")")}"; do
    [ -n "$home" ] && [ -x "$home/bin/javac" ] || continue
    [ "$(jdk_major "$home" || true)" -ge "$JDK_WANTED" ] 2>/dev/null && printf '%s\n' "$home" && return 0
  done
  return 1
}

prepare_jdk() {
  JAVA_HOME=$(find_jdk) || {
    install_packages "JDK $JDK_WANTED" "openjdk-$JDK_WANTED-jdk-headless" || install_packages "JDK $JDK_WANTED" "temurin-$JDK_WANTED-jdk" ||
      die "no JDK $JDK_WANTED or newer was found in JAVA_HOME or /usr/lib/jvm, and no package has one: install Eclipse Temurin $JDK_WANTED or OpenJDK $JDK_WANTED, or set JAVA_HOME"
    JAVA_HOME=$(find_jdk) || die "a JDK $JDK_WANTED was installed but is not in /usr/lib/jvm: set JAVA_HOME"
  }
  export JAVA_HOME
}

docker_socket() {
  local host=${DOCKER_HOST:-unix:///var/run/docker.sock}
  case $host in
    unix://*) printf '%s\n' "${host#unix://}" ;;
    *) die "DOCKER_HOST=$host is not a Unix socket: Longshore drives an Engine on its own machine, set DOCKER_HOST=unix:///path/docker.sock" ;;
  esac
}

# docker_api METHOD PATH [curl arguments]
docker_api() {
  local method=$1 path=$2
  shift 2
  curl -sS --fail-with-body --unix-socket "$(docker_socket)" -X "$method" "$@" "http://docker$path"
}

docker_answers() {
  [ -S "$(docker_socket)" ] && docker_api GET /_ping --max-time 5 >/dev/null 2>&1
}

prepare_docker() {
  local socket
  socket=$(docker_socket)
  docker_answers && return
  [ -z "${DOCKER_HOST:-}" ] || die "no Docker Engine answers at $DOCKER_HOST: start it, or unset DOCKER_HOST to use this machine's own"
  command -v dockerd >/dev/null || install_packages "Docker Engine" docker.io ||
    die "Docker Engine is missing and package docker.io could not be installed: install Docker Engine 19.03 or newer"
  docker_answers && return
  if [ -d /run/systemd/system ]; then
    systemctl start docker || die "'systemctl start docker' failed: see 'journalctl -u docker'"
  else
    say "starting dockerd, its log is $RUN_DIR/dockerd.log"
    setsid nohup dockerd >"$RUN_DIR/dockerd.log" 2>&1 </dev/null &
  fi
  for _ in $(seq 120); do
    docker_answers && return
    sleep 0.5
  done
  tail -n 5 "$RUN_DIR/dockerd.log" >&2 2>/dev/null || true
  die "dockerd does not answer at $socket after a minute: see its log above"
}

# Prints the folders that hold CNI plugins, comma-separated.
cni_bin_dirs() {
  local dir dirs=
  for dir in /opt/cni/bin /usr/lib/cni /usr/libexec/cni; do
    [ -x "$dir/bridge" ] && [ -x "$dir/loopback" ] && dirs=${dirs:+$dirs,}$dir
  done
  printf '%s\n' "$dirs"
}

# Prints the folder of the node's CNI configuration, or of one of our own where the node has none.
cni_conf_dir() {
  local node=/etc/cni/net.d ours=$RUN_DIR/cni/net.d
  if compgen -G "$node/*.conf*" >/dev/null || compgen -G "$node/*.json" >/dev/null; then
    printf '%s\n' "$node"
    return
  fi
  mkdir -p "$ours"
  cat >"$ours/10-longshore.conflist" <<'CNI'
{
  "cniVersion": "1.0.0",
  "name": "longshore",
  "plugins": [
    {
      "type": "bridge",
      "bridge": "longshore0",
      "isGateway": true,
      "ipMasq": true,
      "hairpinMode": true,
      "ipam": {
        "type": "host-local",
        "ranges": [[{"subnet": "10.177.0.0/16"}]],
        "routes": [{"dst": "0.0.0.0/0"}]
      }
    },
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
CNI
  printf '%s\n' "$ours"
}

prepare_cni() {
  [ -n "$(cni_bin_dirs)" ] || install_packages "CNI plugins" containernetworking-plugins || true
  [ -n "$(cni_bin_dirs)" ] || die "the CNI plugins bridge and loopback are in none of /opt/cni/bin, /usr/lib/cni: install package containernetworking-plugins or the release of the CNI project"
  require iptables iptables "host ports and masquerading by CNI plugins"
}

# prepare_machine: everything but the images.
prepare_machine() {
  mkdir -p "$RUN_DIR"
  PREPARE_LOG=$RUN_DIR/packages.log
  : >"$PREPARE_LOG"
  require curl curl "asking Docker's API"
  require mvn maven "the build"
  prepare_jdk
  prepare_cni
  prepare_docker
}

image_exists() {
  docker_api GET "/images/$1/json" >/dev/null 2>&1
}

url_encode() {
  local text=$1 i
  for ((i = 0; i < ${#text}; i++)); do
    case ${text:i:1} in
      [a-zA-Z0-9._-]) printf '%s' "${text:i:1}" ;;
      *) printf '%%%02X' "'${text:i:1}" ;;
    esac
  done
}

# import_image NAME CHANGE FOLDER: an image of one layer from a folder, made by Docker's import.
import_image() {
  local answer
  answer=$(tar -C "$3" --owner=0 --group=0 --numeric-owner --mtime=@0 --sort=name -c . |
    docker_api POST "/images/create?fromSrc=-&repo=${1%:*}&tag=${1##*:}&changes=$(url_encode "$2")" -H 'Content-Type: application/x-tar' -T -) ||
    die "Docker refused the image $1: $answer"
  image_exists "$1" || die "Docker did not make the image $1: $answer"
}

build_pause() {
  local work
  require gcc gcc "compiling the pause program"
  work=$(mktemp -d)
  gcc -Os -static -nostdlib -ffreestanding -fno-stack-protector -fno-pie -no-pie -Wl,--build-id=none -s -o "$work/pause" "$DEPLOY_DIR/lib/pause.c" ||
    die "the pause program does not compile: see gcc's message above"
  import_image "$IMAGE_PREFIX/pause:1" 'ENTRYPOINT ["/pause"]' "$work"
  rm -rf "$work"
}

# busybox_folder FOLDER: a root folder with a static busybox and a link for each of its tools.
busybox_folder() {
  local tool
  mkdir -p "$1/bin"
  cp /bin/busybox "$1/bin/busybox"
  for tool in $(/bin/busybox --list); do
    [ "$tool" = busybox ] || ln -s busybox "$1/bin/$tool"
  done
}

need_busybox() {
  # The package brings /bin/busybox; any other busybox on PATH may be linked dynamically.
  if [ ! -x /bin/busybox ] || ldd /bin/busybox >/dev/null 2>&1; then
    install_packages "the shell of an image" busybox-static || die "no static busybox: install package busybox-static"
  fi
}

build_busybox() {
  local work
  need_busybox
  work=$(mktemp -d)
  mkdir -p "$work/tmp" "$work/etc"
  chmod 1777 "$work/tmp"
  busybox_folder "$work"
  printf 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$work/etc/passwd"
  printf 'root:x:0:\nnogroup:x:65534:\n' >"$work/etc/group"
  import_image "$IMAGE_PREFIX/busybox:1" 'CMD ["sh"]' "$work"
  rm -rf "$work"
}

# The two images that tests and the proof run when there is no registry.
prepare_local_images() {
  image_exists "$IMAGE_PREFIX/pause:1" || { say "making image $IMAGE_PREFIX/pause:1" && build_pause; }
  image_exists "$IMAGE_PREFIX/busybox:1" || { say "making image $IMAGE_PREFIX/busybox:1" && build_busybox; }
}

# pull_image NAME: true when the image is here or can be pulled within half a minute.
pull_image() {
  image_exists "$1" && return
  docker_api POST "/images/create?fromImage=${1%:*}&tag=${1##*:}" --max-time 30 >/dev/null 2>&1 && image_exists "$1"
}

build() {
  say "building (mvn package)"
  "${MAVEN[@]}" -q package -DskipTests || die "the build failed: see Maven's message above"
}
