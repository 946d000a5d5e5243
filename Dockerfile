# The server image: Debian's Python, the runtime lock, the checkout. Its commands are those that CI runs without Docker.
FROM python:3.13-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends libexpat1 postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /srv/duogui duogui

WORKDIR /srv/duogui/app
COPY requirements.lock requirements-uv.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements-uv.lock \
    && uv pip install --system --no-cache --require-hashes -r requirements.lock
COPY . .
RUN echo /srv/duogui/app > "$(python -c 'import site; print(site.getsitepackages()[0])')/duogui.pth"

USER duogui
VOLUME /srv/duogui/data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/readyz', timeout=2)"]
ENTRYPOINT ["python", "-m", "server.cli.main"]
CMD ["serve", "--config", "config/nodes/compose.yaml"]
