# The two images of the grader. `grader image build` makes both and labels them with the digest of
# what went in; `docker build --target worker .` works too, with either builder.
#
#   worker    runs a student's code: locked libraries, grader.wire, grader.worker. No tests, no
#             answers, nothing of the checker.
#   checker   the same and pytest's side: grader.checker and the nouns that it needs.
#
# The libraries are one layer, before any code of ours: a change of code rebuilds in seconds.

FROM python:3.11-slim-bookworm AS base
# Boxes have no network, so the engine gives them an empty /etc/hosts. This small library of the
# system answers for `localhost` and for the box's own name without one.
RUN ls /usr/lib/*/libnss_myhostname.so.2 >/dev/null 2>&1 \
    || { apt-get -qq update \
         && apt-get -qq install -y --no-install-recommends libnss-myhostname >/dev/null \
         && rm -rf /var/lib/apt/lists/*; }

FROM base AS libraries
# Set only where the machine that builds has them set. They stay in this stage: the images below
# take the finished folder, so no address and no password is in their history.
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ARG PIP_TRUSTED_HOST
ARG PIP_DEFAULT_TIMEOUT
# ca-bundle.crt is in the context only where the machine names a bundle of its own (SSL_CERT_FILE,
# PIP_CERT): networks that re-sign TLS. The pattern matches nothing elsewhere.
COPY requirements/labs.txt ca-bundle.cr[t] /build/
# Byte code is compiled here, since a read-only box cannot keep what it compiles: without it pandas
# and scikit-learn take 2.7 s to import instead of 1.0. The checksum kind survives copying.
# The libraries' own tests are of no use to anybody here and are a quarter of the size.
RUN set -eu; \
    bundle=/build/ca-bundle.crt; [ -f "$bundle" ] || bundle=/etc/ssl/certs/ca-certificates.crt; \
    [ ! -f "$bundle" ] || export PIP_CERT="$bundle" SSL_CERT_FILE="$bundle"; \
    python3 -m venv --without-pip /opt/venv; \
    python3 -m pip --python /opt/venv/bin/python3 install --no-cache-dir --no-compile \
        --no-input --progress-bar off --disable-pip-version-check --root-user-action ignore \
        -r /build/labs.txt; \
    find /opt/venv/lib -depth -type d -name tests -path '*/site-packages/*' -exec rm -rf {} +; \
    python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/venv/lib

# The large libraries and programs of some labs (`[image] tools = true`): a Python of its own that
# sees the libraries above as well. Apart, because a library that is there can cost time without
# being asked for: pandas imports pyarrow wherever it finds it. The tests of the libraries go here,
# too, except that `evidently.tests` is no such thing: its conditions for metrics have that name.
FROM libraries AS tools
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ARG PIP_TRUSTED_HOST
ARG PIP_DEFAULT_TIMEOUT
COPY requirements/tools.txt /build/
RUN set -eu; \
    bundle=/build/ca-bundle.crt; [ -f "$bundle" ] || bundle=/etc/ssl/certs/ca-certificates.crt; \
    [ ! -f "$bundle" ] || export PIP_CERT="$bundle" SSL_CERT_FILE="$bundle"; \
    python3 -m venv --without-pip /opt/tools; \
    echo /opt/venv/lib/python3.11/site-packages >/opt/tools/lib/python3.11/site-packages/venv.pth; \
    python3 -m pip --python /opt/tools/bin/python3 install --no-cache-dir --no-compile \
        --no-input --progress-bar off --disable-pip-version-check --root-user-action ignore \
        -r /build/tools.txt; \
    find /opt/tools/lib -depth -type d -name tests -path '*/site-packages/*' \
        -not -path '*/site-packages/evidently/*' -exec rm -rf {} +; \
    python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/tools/lib; \
    DO_NOT_TRACK=1 MLFLOW_DISABLE_TELEMETRY=true /opt/tools/bin/python3 -I -c \
        'import evidently.presets, fastapi, mlflow.sklearn, uvicorn'

# What a lab with `[engine]` lets students install in their own images, which have no network
# while they are built. These wheels are given, never installed here.
FROM base AS wheels
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ARG PIP_TRUSTED_HOST
ARG PIP_DEFAULT_TIMEOUT
COPY requirements/service.txt ca-bundle.cr[t] /build/
RUN set -eu; \
    bundle=/build/ca-bundle.crt; [ -f "$bundle" ] || bundle=/etc/ssl/certs/ca-certificates.crt; \
    [ ! -f "$bundle" ] || export PIP_CERT="$bundle" SSL_CERT_FILE="$bundle"; \
    python3 -m pip download --no-cache-dir --no-deps --only-binary :all: --no-input \
        --progress-bar off --disable-pip-version-check -d /opt/wheels -r /build/service.txt

FROM base AS worker
COPY --from=libraries /opt/venv /opt/venv
COPY --from=tools /opt/tools /opt/tools
COPY --from=wheels /opt/wheels /opt/wheels
COPY grader/__init__.py grader/errors.py /opt/venv/lib/python3.11/site-packages/grader/
COPY grader/wire /opt/venv/lib/python3.11/site-packages/grader/wire
COPY grader/worker /opt/venv/lib/python3.11/site-packages/grader/worker
# The import at the end fails the build, not the first hand-in, when something is missing.
# The runtime gives a tmpfs the mode of the folder that it covers: /work is the box's alone, and
# /var/tmp, which Podman would make writable, is nobody's.
RUN mkdir -m 0700 /work && chmod 0755 /var/tmp \
    && /opt/venv/bin/python3 -m compileall -q --invalidation-mode unchecked-hash \
        /opt/venv/lib/python3.11/site-packages/grader \
    && /opt/venv/bin/python3 -I -X utf8 -c 'import pandas, sklearn, grader.worker.shell'
HEALTHCHECK NONE
USER 65534:65534
WORKDIR /
CMD ["/opt/venv/bin/python3", "-I", "-X", "utf8", "-m", "grader.worker"]

FROM worker AS checker
USER 0:0
COPY grader/lab.py grader/submission.py grader/outcome.py /opt/venv/lib/python3.11/site-packages/grader/
COPY grader/checker /opt/venv/lib/python3.11/site-packages/grader/checker
RUN /opt/venv/bin/python3 -m compileall -q --invalidation-mode unchecked-hash \
        /opt/venv/lib/python3.11/site-packages/grader \
    && /opt/venv/bin/python3 -I -X utf8 -c 'import pytest, grader.checker'
USER 65534:65534
CMD ["/opt/venv/bin/python3", "-I", "-X", "utf8", "-m", "grader.checker"]
