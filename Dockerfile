# pixret in a container: without arguments it serves /data, with arguments it is the command line.
# docs/ci.md says how to use it, container/test builds it and drives it from outside.
ARG BASE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE} AS build
# Of the base's Python the headers may be missing; then Debian's are right for it.
ARG BUILD_PACKAGES="gcc libc6-dev"
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ${BUILD_PACKAGES} \
    && rm -rf /var/lib/apt/lists/*
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY container/build.lock container/requirements.lock container/prune container/
RUN python3 -m venv /build \
    && /build/bin/pip install --quiet --require-hashes --only-binary :all: --requirement container/build.lock \
    && python3 -m venv --without-pip /opt/pixret \
    && /build/bin/pip --python /opt/pixret/bin/python install --quiet --no-compile --require-hashes --only-binary :all: \
        --requirement container/requirements.lock \
    && container/prune /opt/pixret
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY proto proto
COPY metrics metrics
COPY loader loader
COPY service service
COPY clients/python clients/python
# Hatchling takes the time of the files in a wheel from here.
ARG SOURCE_DATE_EPOCH=0
RUN PIXRET_REQUIRE_KERNEL=1 /build/bin/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /build/bin/pip --python /opt/pixret/bin/python install --quiet --no-compile --no-deps --no-index /wheels/*.whl

FROM ${BASE} AS slim
COPY --from=build /opt/pixret /opt/pixret
COPY container/slim container/compile.py /tmp/
# Not every builder makes the folder of WORKDIR, and under a read-only root none can be made later.
RUN /tmp/slim \
    && PYTHONDONTWRITEBYTECODE=1 /opt/pixret/bin/python /tmp/compile.py \
    && mkdir /work \
    && rm /tmp/slim /tmp/compile.py

# One layer, in which what was removed does not weigh. Of the base it has all but the environment, which follows below.
FROM scratch
# hadolint ignore=DL3067
COPY --from=slim / /
ARG BASE
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="pixret" \
      org.opencontainers.image.description="Scores pixel retrieval: the benchmarks PROxford and PRParis, over gRPC and on the command line" \
      org.opencontainers.image.source="https://github.com/pixret/pixret" \
      org.opencontainers.image.documentation="https://github.com/pixret/pixret/blob/main/docs/ci.md" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="${BASE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Under a read-only root, /dev/shm is the one place that every engine leaves writable; workers want such a place.
ENV PATH=/opt/pixret/bin:/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 TMPDIR=/dev/shm \
    PIXRET_SERVE_DATA=/data PIXRET_SERVE_LISTEN=0.0.0.0:50051
USER 10001:10001
WORKDIR /work
EXPOSE 50051
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 CMD ["pixret", "health"]
ENTRYPOINT ["pixret"]
CMD ["serve"]
