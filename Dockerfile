# One image for every replica. Build: docker build -t brand-assistant .
FROM python:3.11-slim AS build
WORKDIR /app
RUN python -m venv /venv
COPY requirements.lock .
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY assistant assistant
COPY evals evals
COPY knowledge knowledge
COPY ui ui
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation .

FROM python:3.11-slim
RUN useradd --system --uid 10001 assistant && install -d -o assistant /home/assistant/var /transfer && chown assistant /transfer
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH BRAND_ASSISTANT_HOME=/home/assistant/var PYTHONUNBUFFERED=1
USER assistant
WORKDIR /home/assistant
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
# Longer than an answer may take: a stop waits for the answers under way.
STOPSIGNAL SIGTERM
ENTRYPOINT ["brand-assistant"]
CMD ["serve", "--host", "0.0.0.0"]
