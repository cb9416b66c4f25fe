#!/bin/sh
# Brings a container engine, the base image and the grader's own images to this machine.
#
#   sudo sh scripts/engine.sh            (or: make engine)
#
# Debian and Ubuntu, root only. Safe to run again: what is there already is left alone. Each step
# says what it does. Nothing here runs unless somebody asks for it.
set -eu
cd "$(dirname "$0")/.."

BASE=python:3.11-slim-bookworm
SUITE=bookworm
PULL_SECONDS=${GRADER_PULL_SECONDS:-60}
LOG=/var/log/dockerd.log

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

say() { printf 'engine: %s\n' "$*"; }
die() { printf 'engine: %s\n' "$*" >&2; exit 1; }
answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }
present() { command -v "$1" >/dev/null 2>&1; }

# --- what must be true before anything is touched -----------------------------------------------

need_root_and_apt() {
    [ "$(id -u)" -eq 0 ] || die "this step installs packages or starts a service, so it must run \
as root: sudo make engine. Without root, ask the machine's administrator for an engine (Docker or \
Podman) and set DOCKER_HOST; or grade with --sandbox process, which does not contain hostile code."
    present apt-get || die "this script knows Debian and Ubuntu only (apt-get is missing). Install \
Docker Engine or Podman as your system's documentation says, then run 'grader image build'."
}

apt_install() {
    say "installing with apt-get: $*"
    DEBIAN_FRONTEND=noninteractive apt-get -qq update || say "package lists could not be refreshed; going on with the old ones"
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends "$@" >"$scratch/apt.log" 2>&1 || {
        tail -n 20 "$scratch/apt.log" >&2
        die "apt-get could not install: $*. The lines above say why."
    }
}

# --- the daemon ---------------------------------------------------------------------------------

wait_for_answer() { # seconds
    left=$(($1 * 5))
    while [ "$left" -gt 0 ]; do
        answers && return 0
        left=$((left - 1))
        sleep 0.2
    done
    return 1
}

# A bridge with a larger MTU than the way out loses big packets: builds then hang in TLS.
mtu_of_way_out() {
    device=$(ip -o route show default 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1)
    cat "/sys/class/net/${device:-none}/mtu" 2>/dev/null || echo 1500
}

start_by_hand() {
    # A machine that went down without asking leaves the file; its number may be another's by now.
    if [ -f /var/run/docker.pid ] &&
        ! grep -qs dockerd "/proc/$(cat /var/run/docker.pid)/comm"; then
        rm -f /var/run/docker.pid
    fi
    mtu=$(mtu_of_way_out)
    say "starting dockerd by hand (pid in /var/run/docker.pid, log in $LOG, mtu $mtu)"
    setsid nohup dockerd --mtu "$mtu" </dev/null >>"$LOG" 2>&1 &
    wait_for_answer 45 && return 0
    printf '%s\n' "--- last lines of $LOG" >&2
    tail -n 20 "$LOG" >&2
    die "dockerd does not answer. If the lines above speak of iptables, the kernel lacks netfilter \
modules or rights; if they speak of cgroups or devices, this machine is itself a container that \
may not start others."
}

start_daemon() {
    if [ -d /run/systemd/system ]; then
        say "starting the docker service"
        systemctl enable --now docker >/dev/null 2>&1 || true
        wait_for_answer 45 && return 0
        journalctl -u docker -n 20 --no-pager >&2 || true
        die "the docker service does not answer; the lines above are the end of its journal."
    fi
    # The package may have started it through init.d a moment ago.
    wait_for_answer 3 || start_by_hand
}

ensure_engine() {
    if [ -n "${DOCKER_HOST:-}" ]; then
        present docker || die "DOCKER_HOST is set, but there is no docker command to ask it with. \
The grader itself needs none; this script does. Install one, or run 'grader image build' directly."
        answers || die "DOCKER_HOST is $DOCKER_HOST and nothing answers there. Start that engine, or unset DOCKER_HOST and run this again."
    fi
    if present docker && answers; then
        say "an engine answers already: $(docker version --format '{{.Server.Version}}')"
        return 0
    fi
    need_root_and_apt
    if ! present dockerd; then
        # iptables: the daemon sets up its bridge with it. ca-certificates: pulls and builds.
        apt_install docker.io iptables iproute2 ca-certificates
    fi
    start_daemon
    say "the engine answers: $(docker version --format '{{.Server.Version}}')"
}

# --- the base image -----------------------------------------------------------------------------

pull_base() {
    say "pulling $BASE (at most $PULL_SECONDS s)"
    timeout "$PULL_SECONDS" docker pull -q "$BASE" >/dev/null 2>"$scratch/pull.log" && return 0
    say "the pull failed: $(tail -n 1 "$scratch/pull.log")"
    return 1
}

# The same names as the public image: `python` and `pip`, and installing into the system allowed.
# The machine's own CA bundle goes in, for networks that re-sign TLS; it stays on this machine.
make_base() {
    need_root_and_apt
    present mmdebstrap || apt_install mmdebstrap debian-archive-keyring
    say "making $BASE from the distribution's packages (about half a minute)"
    mmdebstrap --quiet --variant=minbase \
        --include=python3,python3-venv,python3-pip,ca-certificates,tzdata,libnss-myhostname \
        --customize-hook='ln -sf python3 "$1/usr/bin/python"' \
        --customize-hook='[ -e "$1/usr/bin/pip" ] || ln -s pip3 "$1/usr/bin/pip"' \
        --customize-hook='rm -f "$1"/usr/lib/python3*/EXTERNALLY-MANAGED' \
        --customize-hook='cp -L /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/ca-certificates.crt"' \
        --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/usr/share/doc/* "$1"/usr/share/man/*' \
        "$SUITE" "$scratch/base.tar" >"$scratch/base.log" 2>&1 || {
        tail -n 20 "$scratch/base.log" >&2
        die "the base image could not be made from packages either. With a network that reaches a \
registry, 'docker pull $BASE' is all that is missing; a file made by 'docker save' elsewhere and \
read by 'docker load' here will do as well."
    }
    docker import \
        --change 'CMD ["python3"]' \
        --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
        --change 'ENV LANG=C.UTF-8' \
        --change 'LABEL grader.base=distribution-packages' \
        "$scratch/base.tar" "$BASE" >/dev/null
    rm -f "$scratch/base.tar"
}

ensure_base() {
    if docker image inspect "$BASE" >/dev/null 2>&1; then
        say "the base image $BASE is there already"
        return 0
    fi
    pull_base || make_base
    say "the base image: $(docker run --rm --network none "$BASE" python3 --version)"
}

# --- our own images -----------------------------------------------------------------------------

ensure_ours() {
    if [ ! -x .venv/bin/python ]; then
        say "no .venv here yet: after 'make setup', run '.venv/bin/grader image build'"
        return 0
    fi
    .venv/bin/python -m grader.sandbox.image
}

ensure_engine
ensure_base
ensure_ours
if [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ] && ! id -nG "$SUDO_USER" | grep -qw docker; then
    say "only root may use the engine so far. To allow $SUDO_USER as well, which is as much as \
making that account root: usermod -aG docker $SUDO_USER, and log in again"
fi
say "ready"
