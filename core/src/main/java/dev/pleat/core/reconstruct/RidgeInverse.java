package dev.pleat.core.reconstruct;

/** The inverse P = (E[hhᵀ] + ridge)⁻¹ of n×n values, of which rows are asked for one by one. */
interface RidgeInverse {
  /** The ridge, in units of each channel's own mean square: scales do not matter to it. */
  double RIDGE = 0.01;

  /** What is added to it, for channels that are always zero, in units of the mean of all. */
  double LEAST = 1e-6;

  /** The number of channels n. */
  int size();

  /** P_ii, above 0. */
  double diagonal(int i);

  /** Row i of P, which is its column i, to be written to by the caller. */
  double[] row(int i);
}
