# The product as an image: web, worker and beat are the same image with another command (docker-compose.yml).
FROM python:3.13-slim AS build
RUN pip install --no-cache-dir "uv>=0.9"
WORKDIR /app
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PROJECT_ENVIRONMENT=/venv
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-default-groups --no-python-downloads

FROM python:3.13-slim
# pg_dump and pg_restore for `manage.py backup`, of the same major version as the database
RUN apt-get update -qq \
    && apt-get install -qq -y --no-install-recommends ca-certificates postgresql-common \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install -qq -y --no-install-recommends postgresql-client-18 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home ecrm \
    && install -d -o ecrm -g ecrm /data /data/run /data/media
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ECRM_VAR=/data LOG_JSON=1
# Static files under hashed names and our own modules compiled, once for every container; they lie in the image, not in
# /data, so that an update brings its own.
ENV ECRM_STATIC=/app/staticfiles
RUN SECRET_KEY=only-while-the-image-is-built python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q .
USER ecrm
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.parse as p, urllib.request as u; host = p.urlsplit(os.environ.get('ECRM_URL', '')).netloc or '127.0.0.1'; u.urlopen(u.Request('http://127.0.0.1:8000/readyz', headers={'Host': host}), timeout=2)"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "8", "--respawn-failed-workers", "--no-ws", "ecrm.wsgi:application"]
