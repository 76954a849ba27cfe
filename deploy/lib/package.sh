# What a .deb and a .rpm have in common. Sourced by make-deb and make-rpm, which deploy/dist calls with
# DIST (the directory that ships), VERSION, ARCH (amd64, arm64), DATE (seconds since 1970) and OUT.

# Packages order versions by their own rules, in which "~" stands before everything.
PACKAGE_VERSION=$(printf '%s' "$VERSION" | sed 's/-/~/' | tr '[:upper:]' '[:lower:]')
SUMMARY='CRI v1 server for Docker Engine'
DESCRIPTION='The kubelet (1.24 and newer) talks to it on a Unix socket, it drives Docker through the Engine API.'

# lay_out DIRECTORY KIND: what the package puts on a host; the same as 'longshore install' does.
lay_out() {
  rm -rf "$1"
  mkdir -p "$1/opt/longshore" "$1/usr/bin" "$1/usr/lib/systemd/system" "$1/etc/longshore/conf.d" "$1/usr/share/doc/longshore"
  cp -a "$DIST" "$1/opt/longshore/$VERSION"
  ln -s "$VERSION" "$1/opt/longshore/current"
  printf '%s\n' "$2" >"$1/opt/longshore/package"
  ln -s /opt/longshore/current/bin/longshore "$1/usr/bin/longshore"
  cp "$DIST"/systemd/longshore.* "$1/usr/lib/systemd/system/"
  cp "$DIST/config.yaml" "$1/etc/longshore/config.yaml"
  cp "$DIST/LICENSE" "$1/usr/share/doc/longshore/copyright"
  find "$1" -path "$1/opt/longshore/$VERSION" -prune -o -exec touch -h -d "@$DATE" {} +
}

# What is on a host after the package has gone; the words are those of 'longshore uninstall'.
REMAINS='echo "Longshore is removed. Pods and their containers run on; Docker keeps them."
for left in /etc/longshore /var/lib/longshore /var/lib/cni; do
  if [ -e "$left" ]; then echo "left: $left"; fi
done'
