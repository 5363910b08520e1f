package dev.pleat.core.fold;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.Mixing;
import dev.pleat.core.group.AxisView;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Normalization;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.core.tensor.TensorStore;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Predicts, from the weights alone, the variance of what a merged channel computes, for each batch
 * normalisation on its own (Fold-AR, 2502.10216 section 4.1, with one correlation for each
 * normalisation layer from its own producer's rows).
 *
 * <p>A merged channel is Σ aᵢxᵢ. Taking the correlation of two channels to be the cosine of their
 * rows uᵢ, its variance is ‖Σ aᵢσᵢuᵢ/‖uᵢ‖‖², which for aᵢ = 1/(nσᵢ) is (1+(n−1)E_c)/n with E_c the
 * mean cosine of the pairs. The norm of one sum takes O(n·d), the pairs would take O(n²·d).
 */
final class ApproximateRepair {
  /** Opposite rows cancel to next to nothing, which no factor should blow up. */
  private static final double SMALLEST_RATIO = 1e-3;

  private final ChannelGroup group;
  private final Mixing mixing;
  private final Clustering clustering;
  private final TensorStore store;
  private final TensorStore compared;

  /**
   * A repair of one group.
   *
   * @param store the tensors
   * @param compared where rows are read to compare them: the tensors, or what stands for them once
   *     the columns that read merged channels are added up
   */
  ApproximateRepair(ChannelGroup group, Mixing mixing, TensorStore store, TensorStore compared) {
    this.group = group;
    this.mixing = mixing;
    this.clustering = mixing.clustering();
    this.store = store;
    this.compared = compared;
  }

  /** √(variance + ε) of each channel of the group, from the running variance. */
  double[] deviations(Normalization normalization) {
    float[] variance = store.read(normalization.variance().tensor()).values();
    int[][] positions = normalization.variance().positions(group.width());
    double[] deviations = new double[group.width()];
    for (int i = 0; i < deviations.length; i++) {
      deviations[i] = Math.sqrt(Math.max(0, variance[positions[i][0]]) + normalization.epsilon());
    }
    return deviations;
  }

  /**
   * Variance of the input of a normalisation for each channel that is left.
   *
   * @param deviations √(variance + ε) of each channel
   * @param factor what each channel's producer row is multiplied by before it is mixed
   */
  double[] variances(Normalization normalization, double[] deviations, double[] factor) {
    List<Slot> own = normalization.producers();
    List<Slot> rows = own.isEmpty() ? weights() : own;
    boolean depthwise = !own.isEmpty() && own.getFirst().role() == Role.PER_CHANNEL;
    // The outputs of two depthwise filters correlate as their inputs do and as the filters do.
    List<Slot> outer = depthwise ? weights() : List.of();
    UnitRows left = UnitRows.of(group.width(), rows, compared);
    UnitRows right =
        outer.isEmpty()
            ? UnitRows.ones(group.width())
            : UnitRows.of(group.width(), outer, compared);
    double[] variances = new double[clustering.count()];
    IntStream.range(0, variances.length)
        .parallel()
        .forEach(c -> {
          int[] sources = mixing.sources()[c];
          double[] amplitudes = new double[sources.length];
          Arrays.setAll(
              amplitudes, m -> mixing.made()[c][m] * deviations[sources[m]] * factor[sources[m]]);
          variances[c] = UnitRows.squaredNorm(sources, amplitudes, left, right);
        });
    return variances;
  }

  /** Producer weights of the group; biases carry no variance. */
  private List<Slot> weights() {
    return group.slots(Role.PRODUCER).stream()
        .filter(slot -> store.shape(slot.tensor()).length > 1)
        .toList();
  }

  /** Sets the statistics of a merged normalisation; clusters of one channel keep theirs. */
  void setVariance(Normalization normalization, double[] variances) {
    int[][] members = clustering.members();
    Slot slot = normalization.variance();
    Tensor before = store.read(slot.tensor());
    float[] values = before.values().clone();
    int[][] positions = slot.positions(group.width());
    for (int c = 0; c < members.length; c++) {
      if (members[c].length > 1) {
        double value = Math.max(0, variances[c] - normalization.epsilon());
        for (int i : members[c]) {
          values[positions[i][0]] = (float) value;
        }
      }
    }
    store.write(slot.tensor(), new Tensor(before.shape(), values));
  }

  /**
   * Mean over channels of Var(folded)/Var(original) behind a normalisation.
   *
   * @param predicted variance of each merged input
   * @param repaired whether the running variance follows the prediction; otherwise it is mixed as
   *     the channels are
   */
  double ratio(double[] predicted, double[] deviations, boolean repaired) {
    double sum = 0;
    int[][] members = clustering.members();
    for (int c = 0; c < members.length; c++) {
      if (members[c].length == 1 || (repaired && predicted[c] > 0)) {
        sum += members[c].length;
        continue;
      }
      double running = 0;
      int[] sources = mixing.sources()[c];
      for (int m = 0; m < sources.length; m++) {
        running += mixing.made()[c][m] * deviations[sources[m]] * deviations[sources[m]];
      }
      sum += running > 0 ? members[c].length * predicted[c] / running : 0;
    }
    return sum / group.width();
  }

  /** Whether this is a group of convolutions without a live normalisation, such as a fused one. */
  static boolean isUnnormalizedConvolution(ChannelGroup group, TensorStore store) {
    return group.normalizations().isEmpty()
        && group.slots(Role.PRODUCER).stream()
            .anyMatch(slot -> store.shape(slot.tensor()).length > 2);
  }

  /**
   * The variance ratio of each channel that is left of a group without normalisations, where the
   * rows alone tell: ‖mean‖² over mean ‖row‖², by the weights of the mixing. The root of its
   * inverse gives a merged channel its amplitude back: an activation that is positively homogeneous
   * passes the factor on.
   */
  double[] ratiosOfRows() {
    double[] ofMean = new double[clustering.count()];
    double[] ofRows = new double[ofMean.length];
    for (Slot slot : weights()) {
      Tensor tensor = compared.read(slot.tensor());
      AxisView view = AxisView.of(tensor.shape(), slot.axis(), slot.partitions());
      int[][] positions = slot.positions(group.width());
      IntStream.range(0, ofMean.length)
          .parallel()
          .filter(c -> mixing.sources()[c].length > 1)
          .forEach(c -> {
            int[] sources = mixing.sources()[c];
            double total = Arrays.stream(mixing.made()[c]).sum();
            for (int occurrence = 0; occurrence < positions[0].length; occurrence++) {
              double[] sum = new double[view.length()];
              for (int m = 0; m < sources.length; m++) {
                int start = view.start(positions[sources[m]][occurrence]);
                double share = mixing.made()[c][m] / total;
                ofRows[c] += share * addRow(tensor.values(), view, start, share, sum);
              }
              ofMean[c] += squaredNorm(sum);
            }
          });
    }
    double[] ratios = new double[ofMean.length];
    Arrays.setAll(ratios, c -> ofRows[c] > 0 ? ofMean[c] / ofRows[c] : 1);
    return ratios;
  }

  /** Adds a share of the elements of a position to a sum and gives their squared norm. */
  private static double addRow(
      float[] values, AxisView view, int start, double share, double[] sum) {
    double squares = 0;
    for (int o = 0; o < view.outer(); o++) {
      int from = start + o * view.stride();
      for (int r = 0; r < view.run(); r++) {
        double value = values[from + r];
        sum[o * view.run() + r] += share * value;
        squares += value * value;
      }
    }
    return squares;
  }

  private static double squaredNorm(double[] vector) {
    double squares = 0;
    for (double value : vector) {
      squares += value * value;
    }
    return squares;
  }

  /** Mean over channels of the ratios of what they became. */
  double mean(double[] ratios) {
    double sum = 0;
    for (int i = 0; i < group.width(); i++) {
      int cluster = clustering.clusterOf(i);
      sum += cluster < 0 ? 1 : ratios[cluster];
    }
    return sum / group.width();
  }

  /** The factor that restores each channel's amplitude; a collapse to nothing is left alone. */
  double[] amplitudes(double[] ratios) {
    double[] factors = new double[group.width()];
    Arrays.setAll(
        factors,
        i -> {
          int cluster = clustering.clusterOf(i);
          double ratio = cluster < 0 ? 1 : ratios[cluster];
          return ratio > SMALLEST_RATIO ? 1 / Math.sqrt(ratio) : 1;
        });
    return factors;
  }
}
