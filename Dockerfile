# docker build -t bulkhead . && docker run -p 6432:6432 -v ./bulkhead.yaml:/etc/bulkhead/bulkhead.yaml:ro bulkhead
# The configuration has to listen on 0.0.0.0 inside the container.
FROM debian:12 AS build
WORKDIR /bulkhead
COPY tools/packages.txt tools/
RUN apt-get update \
 && sed -n '/^# build/,/^# test/{/^#/!p}' tools/packages.txt \
    | xargs env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends
COPY . .
RUN cmake --preset release -D BULKHEAD_TESTS=OFF -D BULKHEAD_BENCH=OFF \
 && cmake --build --preset release --target bulkhead \
 && cmake --install build/release --prefix /usr/local --strip

FROM debian:12-slim
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    libidn12 libpg-query1504.0 libspdlog1.10 libssl3 libyaml-cpp0.7 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 6432 --home-dir /nonexistent --shell /usr/sbin/nologin bulkhead
COPY --from=build /usr/local/bin/bulkhead /usr/local/bin/bulkhead
COPY --from=build /usr/local/share/bulkhead /usr/local/share/bulkhead
# A library that is missing shows here and not at the first start.
RUN bulkhead --help >/dev/null
USER bulkhead
EXPOSE 6432
STOPSIGNAL SIGTERM
# docker run … bulkhead check --config /etc/bulkhead/bulkhead.yaml, docker run -i bulkhead scram, …
ENTRYPOINT ["bulkhead"]
CMD ["run", "--config", "/etc/bulkhead/bulkhead.yaml"]
