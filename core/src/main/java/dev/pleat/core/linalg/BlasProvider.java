package dev.pleat.core.linalg;

/** Chooses the backend. */
public final class BlasProvider {
  private BlasProvider() {}

  /** The fastest backend that runs here. */
  public static Blas shared() {
    return new JavaBlas();
  }
}
