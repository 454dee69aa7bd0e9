# require_packages [LIST…]: makes sure that every package of tools/packages.txt, and of further lists there, is installed, or
# says what is missing and why it cannot be installed, and ends with status 2. Costs one dpkg-query when nothing is missing.

package_lists=(packages.txt)
wanted_packages() { (cd "$root/tools" && sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "${package_lists[@]}"); }

missing_packages() {
  local installed
  # What a package provides is there, too: a nodejs that is not Debian's brings npm along and conflicts with Debian's.
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}, ${Provides}\n' 2>/dev/null |
    sed -n 's/^installed //p' | sed -e 's/ *([^)]*)//g' -e 's/, */\n/g' | sort -u)
  wanted_packages | sort -u | comm -23 - <(printf '%s\n' "$installed")
}

cannot_install() { # REASON PACKAGES…
  local reason=$1
  shift
  printf 'tools/dev: %s\n\nBulkhead builds on Debian 12 (bookworm). Still missing here:\n\n  %s\n\n' "$reason" "$*" >&2
  printf 'Have this run as root there, and run the same command again:\n\n' >&2
  printf '  apt-get update && apt-get install -y --no-install-recommends %s\n' "$*" >&2
  exit 2
}

require_packages() {
  local missing release=
  package_lists+=("$@")
  if ! command -v dpkg-query >/dev/null; then
    cannot_install "this is not a Debian system (there is no dpkg)" $(wanted_packages)
  fi
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -eq 0 ] && return

  [ -r /etc/os-release ] && release=$(. /etc/os-release && echo "${ID:-} ${VERSION_ID:-}")
  [ "$release" = "debian 12" ] || cannot_install "this is '${release:-unknown}', not Debian 12: the packages may be of other versions" "${missing[@]}"
  command -v apt-get >/dev/null || cannot_install "there is no apt-get" "${missing[@]}"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || cannot_install "not root, and there is no sudo" "${missing[@]}"
    # Ask for a password only where somebody can give one.
    sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; } || cannot_install "not root, and sudo is not allowed" "${missing[@]}"
    as_root=(sudo)
  fi
  say "installing ${#missing[@]} packages: ${missing[*]}"

  # Debian's PostgreSQL starts a server of its own when it is installed, which nobody here asked for.
  local quiet=/etc/postgresql-common/createcluster.d/bulkhead-build.conf
  "${as_root[@]}" mkdir -p "${quiet%/*}"
  echo 'create_main_cluster = false' | "${as_root[@]}" tee "$quiet" >/dev/null
  local log
  log=$(mktemp)
  if ! "${as_root[@]}" apt-get -q update >"$log" 2>&1 ||
    ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
      -o Dpkg::Options::=--force-confold install "${missing[@]}" >>"$log" 2>&1; then
    tail -n 15 "$log" >&2
    rm -f "$log"
    "${as_root[@]}" rm -f "$quiet"
    mapfile -t missing < <(missing_packages)
    cannot_install "apt-get failed (its last lines are above): is there a network?" "${missing[@]}"
  fi
  rm -f "$log"
  "${as_root[@]}" rm -f "$quiet"
}

# require_node_packages: puts what the drivers' programs for Node.js import, as their package-lock.json pins it, into
# build/drivers/node.
require_node_packages() {
  local source=$root/tests/drivers/node place=$root/build/drivers/node
  local installed=$place/node_modules/.installed-package-lock.json # nothing of npm's
  cmp -s "$source/package-lock.json" "$installed" && return
  mkdir -p "$place"
  cp "$source/package.json" "$source/package-lock.json" "$place"
  say "installing the packages for Node.js"
  if ! (cd "$place" && npm ci --ignore-scripts --no-audit --no-fund --cache .npm) >"$place.log" 2>&1; then
    tail -n 15 "$place.log" >&2
    say "npm ci failed (its last lines are above): is there a network?"
    exit 2
  fi
  cp "$source/package-lock.json" "$installed"
}
