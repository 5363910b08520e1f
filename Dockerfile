# Pleat on the distribution that ./mvnw -Pdist -DskipTests package -pl cli -am makes:
#   docker build -t pleat .
#   docker run --rm pleat demo
#   docker run --rm -v "$PWD:/work" pleat fold model.onnx -o small.onnx
FROM debian:stable-slim
ADD cli/target/pleat-*-linux-*.tar.gz /opt/
RUN ln -s /opt/pleat-*/pleat /usr/local/bin/pleat && pleat --version
WORKDIR /work
ENTRYPOINT ["pleat"]
