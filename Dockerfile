# syntax=docker/dockerfile:1
# Two stages: the first builds the wheel and installs it beside its hashed requirements, the second only runs it.

FROM python:3.13-slim AS build
# Times in the wheel and in byte code come from here and not from the clock, so that the same sources give the same files.
ARG SOURCE_DATE_EPOCH=315532800
ENV SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH PYTHONHASHSEED=0
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
COPY requirements/ requirements/
RUN python -m venv /opt/build \
    && /opt/build/bin/python -m pip install --require-hashes -r requirements/build.txt \
    && python -m venv /opt/cds \
    && /opt/cds/bin/python -m pip install --no-compile --require-hashes -r requirements/runtime.txt
COPY . .
RUN /opt/build/bin/python -m pip wheel --no-deps --no-build-isolation --wheel-dir /tmp/wheel . \
    && /opt/cds/bin/python -m pip install --no-deps --no-compile /tmp/wheel/*.whl \
    && /opt/cds/bin/python -m compileall -q -j 1 --invalidation-mode unchecked-hash /opt/cds/lib

FROM python:3.13-slim
LABEL org.opencontainers.image.title="crc-lung-metastasis-cds" \
      org.opencontainers.image.description="CDS Hooks service for colorectal-cancer lung metastases" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --system --uid 10001 --user-group --create-home --home-dir /var/lib/cds --shell /usr/sbin/nologin cds
COPY --from=build /opt/cds /opt/cds
# CDS_TRUST is left unset on purpose. On an address that others can reach, the service refuses to start until the
# operator has said who may call it: docs/how-to/container.md.
ENV PATH=/opt/cds/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 CDS_HOST=0.0.0.0 CDS_PORT=8000
WORKDIR /var/lib/cds
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['CDS_PORT'] + '/health/ready', timeout=4)"]
CMD ["cds-service", "serve"]
