package dev.pleat.core.linalg;

/**
 * The dense kernels that folding needs.
 *
 * <p>Every method computes on the calling thread alone, may be called from any number of threads at
 * once, and returns the same bits for the same arguments. Two backends differ by rounding only.
 * Matrices whose shapes do not fit throw {@link IndexOutOfBoundsException}.
 */
public interface Blas {

  /** The backend's name as {@code pleat.blas} spells it: openblas, vector or java. */
  String name();

  /** What runs underneath, for the log, such as {@code OpenBLAS 0.3.31 (SkylakeX)}. */
  String description();

  /**
   * {@code C += A·Aᵀ} for the lower triangle of C.
   *
   * @param a n×d
   * @param c n×n; what its upper triangle holds afterwards is unspecified
   */
  void addGram(MatrixView a, MatrixView c);

  /**
   * {@code C += A·Bᵀ}.
   *
   * @param a m×d
   * @param b n×d
   * @param c m×n
   */
  void addProduct(MatrixView a, MatrixView b, MatrixView c);
}
