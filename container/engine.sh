# Sourced by the scripts beside it: sets `engine` to docker or podman. GRADSTEP_ENGINE names one;
# else the first that works.
# GRADSTEP_SANDBOX=FOLDER: podman as root where limits may not be raised and cgroups not be made, as
# within a container, with a store of its own in FOLDER.
# shellcheck shell=bash
if [ -n "${GRADSTEP_SANDBOX:-}" ]; then
  mkdir -p "$GRADSTEP_SANDBOX"
  GRADSTEP_SANDBOX=$(realpath "$GRADSTEP_SANDBOX")
  export CONTAINERS_CONF=$GRADSTEP_SANDBOX/containers.conf
  export CONTAINERS_STORAGE_CONF=$GRADSTEP_SANDBOX/storage.conf
  export BUILDAH_ISOLATION=chroot  # a RUN step shares this machine's network
  cat >"$CONTAINERS_CONF" <<'END'
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
END
  printf '[storage]\ndriver = "overlay"\nrunroot = "%s/run"\ngraphroot = "%s/store"\n' \
    "$GRADSTEP_SANDBOX" "$GRADSTEP_SANDBOX" >"$CONTAINERS_STORAGE_CONF"
  GRADSTEP_ENGINE=podman
fi
engine=${GRADSTEP_ENGINE:-}
if [ -z "$engine" ]; then
  for name in docker podman; do
    ! "$name" info >/dev/null 2>&1 || { engine=$name; break; }
  done
fi
case $engine in
  docker) ! docker --version | grep -qi podman || engine=podman ;;  # Debian's podman-docker
  podman) ;;
  *) echo "Neither docker nor podman works here; install one of them." >&2; exit 1 ;;
esac
export DOCKER_BUILDKIT=1  # the Dockerfile's RUN --mount needs it

# What local-base.sh makes.
export local_base=localhost/gradstep-debian
export local_base_cache=${XDG_CACHE_HOME:-$HOME/.cache}/gradstep
