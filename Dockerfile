# Waypost in a container: one process, data in /data. Build: docker build -t waypost .
FROM python:3.13-slim-bookworm AS build

WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY dsl dsl
COPY engine engine
COPY api api
COPY widgets widgets
COPY examples examples
RUN python -m venv /opt/waypost \
    && /opt/waypost/bin/pip install --no-cache-dir '.[postgres,oidc]'

FROM python:3.13-slim-bookworm

RUN groupadd --system --gid 10001 waypost \
    && useradd --system --uid 10001 --gid waypost --home-dir /data --shell /usr/sbin/nologin waypost \
    && install --directory --owner=waypost --group=waypost --mode=0700 /data
COPY --from=build /opt/waypost /opt/waypost

ENV PATH=/opt/waypost/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    WAYPOST_DATA_DIR=/data \
    WAYPOST_HOST=0.0.0.0 \
    WAYPOST_LOG_FORMAT=json
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD ["waypost", "serve"]
