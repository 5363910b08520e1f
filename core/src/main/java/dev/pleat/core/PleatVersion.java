package dev.pleat.core;

/** The version of this build, which goes into everything that Pleat writes. */
public final class PleatVersion {
  private PleatVersion() {}

  /** The version of the jar, or {@code development} outside a jar. */
  public static String current() {
    String version = PleatVersion.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
