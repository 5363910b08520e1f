package dev.pleat.onnx.run;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import dev.pleat.core.linalg.NativeCache;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ONNX Runtime, loaded once. By itself it would copy its libraries to the temporary folder at every
 * start, and a killed process would leave them there; they are kept in the cache of the user's.
 */
final class LoadedRuntime {
  private static final Logger LOG = LoggerFactory.getLogger(LoadedRuntime.class);

  /** Where the runtime's Java part looks for its libraries; whoever sets it is obeyed. */
  private static final String FOLDER = "onnxruntime.native.path";

  private LoadedRuntime() {}

  /** The environment of all sessions. */
  static OrtEnvironment environment() {
    return Loaded.ENVIRONMENT;
  }

  private static final class Loaded {
    private static final OrtEnvironment ENVIRONMENT = load();

    private static OrtEnvironment load() {
      if (System.getProperty(FOLDER) == null) {
        try {
          List<Path> files =
              NativeCache.ofUser()
                  .libraries(
                      "onnxruntime",
                      resources(
                          System.getProperty("os.name", ""), System.getProperty("os.arch", "")),
                      "com.microsoft.onnxruntime:onnxruntime");
          System.setProperty(
              FOLDER, files.getFirst().resolveSibling("").toAbsolutePath().toString());
        } catch (IOException e) {
          LOG.debug("ONNX Runtime copies its libraries to a temporary folder", e);
        }
      }
      removeLeft();
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      withoutTelemetry(environment);
      return environment;
    }

    /**
     * Names of models are nobody's business. This keeps events from being recorded; that no file is
     * made for them either takes the variable that the launcher sets.
     */
    private static void withoutTelemetry(OrtEnvironment environment) {
      try {
        environment.setTelemetry(false);
      } catch (OrtException e) {
        LOG.debug("ONNX Runtime keeps its telemetry", e);
      }
    }

    /**
     * The runtime's Java part makes a temporary folder even if it needs none, and a process that is
     * killed at that moment leaves it, empty.
     */
    private static void removeLeft() {
      FileTime minuteAgo = FileTime.from(Instant.now().minusSeconds(60));
      Path parent = Path.of(System.getProperty("java.io.tmpdir", ""));
      try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, "onnxruntime-java*")) {
        for (Path folder : folders) {
          if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
              && Files.getLastModifiedTime(folder).compareTo(minuteAgo) < 0) {
            removeIfEmpty(folder);
          }
        }
      } catch (IOException | DirectoryIteratorException e) {
        LOG.debug("cannot look for folders that a killed process left", e);
      }
    }

    private static void removeIfEmpty(Path folder) {
      try {
        Files.delete(folder);
      } catch (IOException inUse) {
        LOG.debug("{} stays", folder, inUse);
      }
    }
  }

  /** Where the libraries are on the class path, by the values of these system properties. */
  static List<String> resources(String osName, String osArch) {
    String system = osName.toLowerCase(Locale.ROOT);
    boolean arm = osArch.equals("aarch64") || osArch.equals("arm64");
    String arch = arm ? "aarch64" : "x64";
    if (system.startsWith("windows")) {
      return resources("win-" + arch, "", ".dll");
    }
    return system.startsWith("mac")
        ? resources("osx-" + arch, "lib", ".dylib")
        : resources("linux-" + arch, "lib", ".so");
  }

  private static List<String> resources(String platform, String prefix, String suffix) {
    String folder = "ai/onnxruntime/native/" + platform + "/" + prefix;
    return List.of(folder + "onnxruntime" + suffix, folder + "onnxruntime4j_jni" + suffix);
  }
}
