package dev.pleat.core.linalg;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What the OpenBLAS jar of one platform holds.
 *
 * @param name the jar's classifier, which is also the folder of its libraries
 * @param libraries file names in the order they have to be loaded; OpenBLAS itself comes last
 */
record NativePlatform(String name, List<String> libraries) {

  private static final List<NativePlatform> ALL =
      List.of(
          new NativePlatform(
              "linux-x86_64",
              List.of("libgcc_s.so.1", "libquadmath.so.0", "libgfortran.so.5", "libopenblas.so.0")),
          new NativePlatform(
              "linux-arm64", List.of("libgcc_s.so.1", "libgfortran.so.5", "libopenblas.so.0")),
          new NativePlatform(
              "macosx-x86_64",
              List.of(
                  "libgcc_s.1.1.dylib",
                  "libquadmath.0.dylib",
                  "libgfortran.5.dylib",
                  "libopenblas.0.dylib")),
          new NativePlatform("macosx-arm64", List.of("libopenblas.0.dylib")),
          new NativePlatform("windows-x86_64", List.of("libopenblas.dll")));

  /** The platform of this machine, if OpenBLAS is published for it. */
  static Optional<NativePlatform> current() {
    return of(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
  }

  /** The platform by the values of {@code os.name} and {@code os.arch}. */
  static Optional<NativePlatform> of(String osName, String osArch) {
    String system = osName.toLowerCase(Locale.ROOT);
    String os =
        system.startsWith("linux")
            ? "linux"
            : system.startsWith("mac") ? "macosx" : system.startsWith("windows") ? "windows" : "";
    String arch =
        switch (osArch.toLowerCase(Locale.ROOT)) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64", "arm64" -> "arm64";
          default -> "";
        };
    return ALL.stream().filter(p -> p.name().equals(os + "-" + arch)).findFirst();
  }

  /** Where on the class path a library of this platform is. */
  String resource(String library) {
    return "org/bytedeco/openblas/" + name + "/" + library;
  }
}
