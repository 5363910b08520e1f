package dev.pleat.core.linalg;

import dev.pleat.core.PleatException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the backend: the fastest one that runs here, or the one that the system property {@code
 * pleat.blas} names. The choice is made and logged once, when it is first asked for.
 */
public final class BlasProvider {
  /** The system property that forces a backend. */
  public static final String PROPERTY = "pleat.blas";

  private static final Logger LOG = LoggerFactory.getLogger(BlasProvider.class);

  private BlasProvider() {}

  /**
   * The backend of this process.
   *
   * @throws PleatException when {@code pleat.blas} names no backend, or one that does not run here
   */
  public static Blas shared() {
    return switch (Shared.CHOICE) {
      case Loaded loaded -> loaded.blas();
      case Missing missing -> throw new PleatException(missing.reason());
    };
  }

  /**
   * The backend of this name: openblas, vector or java.
   *
   * @throws PleatException when there is no such backend or it does not run here
   */
  public static Blas named(String name) {
    return switch (forced(name)) {
      case Loaded loaded -> loaded.blas();
      case Missing missing -> throw new PleatException(missing.reason());
    };
  }

  /** A backend, or why there is none. */
  private sealed interface Choice {}

  private record Loaded(Blas blas) implements Choice {}

  private record Missing(String reason) implements Choice {}

  private static final class Shared {
    static final Choice CHOICE = choose(System.getProperty(PROPERTY, ""));
  }

  private static Choice choose(String name) {
    if (!name.isEmpty()) {
      Choice choice = forced(name);
      if (choice instanceof Loaded loaded) {
        LOG.info("BLAS: {}, as {}={} asks", loaded.blas().description(), PROPERTY, name);
      }
      return choice;
    }
    List<String> slower = new ArrayList<>();
    for (String candidate : List.of("openblas", "vector")) {
      switch (load(candidate)) {
        case Loaded loaded -> {
          LOG.info("BLAS: {}{}", loaded.blas().description(), String.join("", slower));
          return loaded;
        }
        case Missing missing ->
            slower.add("; not the faster " + candidate + ": " + missing.reason());
      }
    }
    Blas java = new JavaBlas();
    LOG.info("BLAS: {}{}", java.description(), String.join("", slower));
    return new Loaded(java);
  }

  private static Choice forced(String name) {
    Choice choice = load(name);
    return choice instanceof Missing missing
        ? new Missing(PROPERTY + "=" + name + ": " + missing.reason())
        : choice;
  }

  private static Choice load(String name) {
    return switch (name) {
      case "openblas" -> openBlas();
      case "vector" -> vector();
      case "java" -> new Loaded(new JavaBlas());
      default -> new Missing("no such backend; choose openblas, vector or java");
    };
  }

  private static Choice openBlas() {
    try {
      return new Loaded(OpenBlas.load(NativeCache.ofUser()));
    } catch (IOException e) {
      // The message of a file system's own exceptions is but a path.
      boolean named = e instanceof FileSystemException;
      return new Missing(named ? e.toString() : String.valueOf(e.getMessage()));
    }
  }

  private static Choice vector() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
        ? new Loaded(new VectorBlas())
        : new Missing(
            "the module jdk.incubator.vector is not loaded;"
                + " add --add-modules jdk.incubator.vector to the java command");
  }
}
