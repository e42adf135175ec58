# One image for every part of canaduck; the command says which one a container is.
FROM debian:12-slim AS build
WORKDIR /canaduck
COPY dev .
RUN ./dev packages
COPY . .
RUN ./dev build && cmake --install build/release --strip --prefix /usr/local

FROM debian:12-slim
# What the executable links; test/deploy/packages.sh keeps the list true.
RUN apt-get update \
	&& apt-get install -y --no-install-recommends \
		libh2o-evloop0.13 libssl3 libjwt0 libjansson4 libsodium23 libpq5 libprotobuf-c1 libnng1 \
	&& rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/* /var/log/apt /var/log/dpkg.log
COPY --from=build /usr/local/bin/canaduck /usr/local/bin/canaduck
# A library that is missing is found here, not in production.
RUN canaduck version
USER 65532:65532
ENV HOST=0.0.0.0 METRICS_HOST=0.0.0.0 LOG_FORMAT=json
EXPOSE 8080 8081
HEALTHCHECK --interval=5s --timeout=6s --start-period=60s --retries=3 CMD ["canaduck", "health"]
ENTRYPOINT ["canaduck"]
CMD ["serve", "all"]
