# Caddy in front of the App: TLS, and nothing else. Build it from the root of the repository:
#   docker build -f deploy/caddy.Dockerfile -t crabbox-caddy .
# BASE may be a Debian without Caddy: its own package is added then.
ARG BASE=caddy:2

FROM ${BASE}
RUN if ! command -v caddy >/dev/null; then \
      apt-get update && apt-get install -y --no-install-recommends caddy ca-certificates && rm -rf /var/lib/apt/lists/*; \
    fi \
    && mkdir -p /data /config && chown 10002:10002 /data /config && chmod 0700 /data /config
COPY deploy/Caddyfile /etc/caddy/Caddyfile
RUN chmod 0644 /etc/caddy/Caddyfile
ENV XDG_DATA_HOME=/data \
    XDG_CONFIG_HOME=/config \
    HOME=/config
USER 10002:10002
VOLUME /data /config
EXPOSE 80 443
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
