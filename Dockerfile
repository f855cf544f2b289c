# docker build -t gateway . && docker run -p 5232:5232 -v gateway-data:/data gateway
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY gateway gateway
RUN python -m venv /opt/gateway && /opt/gateway/bin/pip install --no-cache-dir .

FROM python:3.13-slim
RUN useradd --system --uid 1000 --home-dir /data --create-home gateway
COPY --from=build /opt/gateway /opt/gateway
ENV PATH=/opt/gateway/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    GATEWAY_SERVER__LISTEN=0.0.0.0:5232 \
    GATEWAY_DATABASE__URL=sqlite:////data/gateway.sqlite \
    GATEWAY_SECRETS__KEY_FILE=/data/secret.key
USER gateway
WORKDIR /data
VOLUME /data
EXPOSE 5232
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:5232/healthz', timeout=4)"]
CMD ["gateway", "serve"]
