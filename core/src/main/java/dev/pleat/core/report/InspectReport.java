package dev.pleat.core.report;

import java.util.List;
import java.util.Optional;

/**
 * What a model's channel groups are. The component names are the fields of {@code inspect --json}.
 *
 * @param input the model
 * @param parameters floating-point weights
 * @param bytes file size, external data included
 * @param flops as in {@link FoldReport}
 * @param groups the foldable groups, in the order of the network
 * @param frozen the groups that cannot fold
 * @param shares how much of the model can fold, and how much is frozen for which reason; empty
 *     where that is not counted
 * @param obstacle why nothing can fold, or why sizes are not known; empty where neither is so
 * @param repair the repair that a fold without data would use; empty where nothing can fold
 * @param repairReason why
 * @param footprint what the model needs of a microcontroller, empty where that was not counted
 */
public record InspectReport(
    String input,
    long parameters,
    long bytes,
    Optional<Long> flops,
    List<Group> groups,
    List<Frozen> frozen,
    List<Share> shares,
    String obstacle,
    String repair,
    String repairReason,
    Optional<Footprint> footprint) {

  /**
   * A part of the model.
   *
   * @param reason why it cannot fold, empty for the part that can
   * @param parameters its floating-point weights
   * @param flopsShare its operations over all operations, in [0, 1]; empty where a shape is not
   *     known
   */
  public record Share(String reason, long parameters, Optional<Double> flopsShare) {
    /** The reason of what folds once heads of attention may go. */
    public static final String HEADS = "heads of attention, which fold whole with --heads R";
  }

  /**
   * A foldable group.
   *
   * @param name its name
   * @param width its channels
   * @param parameters weights that shrink with it
   * @param members the tensor axes that shrink together, such as {@code conv1.weight[0] producer}
   * @param planned the width that the given target would leave, or the width itself without a
   *     target
   * @param curve the redundancy curve J(k), k ascending, at most 64 points
   * @param flopsShare operations that shrink with it over all operations, in [0, 1]; a layer
   *     between two groups counts for both. Empty where a shape is not known
   * @param knee the width of the curve's knee, below which J rises steeply
   * @param choices the widths that {@code --params} 0.25 and 0.5 would leave, empty where they
   *     cannot be reached
   */
  public record Group(
      String name,
      int width,
      long parameters,
      List<String> members,
      int planned,
      List<Point> curve,
      Optional<Double> flopsShare,
      int knee,
      List<Choice> choices) {

    /** Copies the lists. */
    public Group {
      members = List.copyOf(members);
      curve = List.copyOf(curve);
      choices = List.copyOf(choices);
    }
  }

  /** The width that removing this share of all parameters would leave. */
  public record Choice(double params, int width) {}

  /** The objective J after folding to k channels. */
  public record Point(int k, double objective) {}

  /** A frozen group, its width and why. */
  public record Frozen(String name, int width, String reason) {}
}
