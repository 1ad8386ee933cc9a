# rafsd as a container image, of the distribution that ./mvnw package leaves in target/rafsd.
# Where nothing can be pulled, src/docker/local-base makes both images named here. The classic builder suffices.
ARG JDK_IMAGE=eclipse-temurin:25-jdk
ARG BASE_IMAGE=debian:bookworm-slim

FROM ${JDK_IMAGE} AS runtime
COPY src/docker/jlink.args /tmp/
RUN jlink @/tmp/jlink.args --output /opt/rafsd/jre

FROM ${BASE_IMAGE}
# What the launcher, the health check and mounting as an ordinary user need, unless the base has it.
RUN command -v fusermount3 >/dev/null || { \
      apt-get update -qq && apt-get install -y -qq --no-install-recommends fuse3 libfuse2 && rm -rf /var/lib/apt/lists/*; }
COPY --from=runtime /opt/rafsd/jre /opt/rafsd/jre
COPY target/rafsd/lib/ /opt/rafsd/lib/
COPY src/main/launcher/rafsd src/docker/healthcheck /opt/rafsd/bin/
# Temporary files join the state, so that one writable directory is enough; an ordinary user's mount may be for all.
RUN for name in nydusd nydus-image; do ln -s rafsd /opt/rafsd/bin/$name; done \
    && echo -Djava.io.tmpdir=/var/lib/rafsd >>/opt/rafsd/lib/java.args \
    && echo user_allow_other >/etc/fuse.conf \
    && echo rafsd:x:65532: >>/etc/group \
    && echo rafsd:x:65532:65532:rafsd:/var/lib/rafsd:/bin/false >>/etc/passwd \
    && install -d -o 65532 -g 65532 -m 1777 /var/lib/rafsd /mnt/rafsd
ENV PATH=/opt/rafsd/bin:$PATH \
    LANG=C.UTF-8 \
    DOCKER_CONFIG=/etc/rafsd/docker \
    RAFSD_MOUNTPOINT=/mnt/rafsd/image \
    RAFSD_CACHE_DIR=/var/lib/rafsd/cache
# The AOT cache is for the very files, paths and flags of this image. Only that of the service: the other would add 40 MB for
# commands that are rarely run here.
RUN RAFSD_NO_AOT=1 RAFSD_JAVA_OPTS="-XX:AOTCacheOutput=/opt/rafsd/lib/actuator.aot -Xlog:aot=off -Xlog:cds=off" \
    rafsd rehearse --actuator

ARG VERSION=0.1.0-SNAPSHOT
ARG REVISION=
LABEL org.opencontainers.image.title="rafsd" \
      org.opencontainers.image.description="Mounts container images and model files before they are downloaded" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
VOLUME /var/lib/rafsd
EXPOSE 9400
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s CMD ["healthcheck"]
USER 65532:65532
ENTRYPOINT ["rafsd"]
CMD ["daemon"]
