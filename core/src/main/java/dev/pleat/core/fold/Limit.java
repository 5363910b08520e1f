package dev.pleat.core.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.budget.Cost;
import dev.pleat.core.budget.Precision;
import dev.pleat.core.budget.SizeModel;
import java.util.Arrays;
import java.util.Locale;

/**
 * What a target allows.
 *
 * @param cost what is limited
 * @param most how much of it is allowed
 * @param target the target
 * @param full the cost of the original
 */
record Limit(Cost cost, long most, Target target, long full) {

  /**
   * The limit that a target sets.
   *
   * @param overheadBytes bytes of the written file that are no weights
   * @throws PleatException when the target cannot be counted
   */
  static Limit of(Target target, SizeModel size, long overheadBytes) {
    SizeModel.Totals original = size.original();
    return switch (target) {
      case Target.Channels(double ratio) -> share(new Channels(), size.channels(), ratio, target);
      case Target.Parameters(double ratio) ->
          share(size.cost(SizeModel.Measure.PARAMETERS), original.parameters(), ratio, target);
      case Target.Flops(double ratio) -> {
        if (original.flops() == 0) {
          throw new PleatException(
              "--flops: the operations of this model cannot be counted; for an .onnx file give the sizes of its inputs with --input-shape, or use --params");
        }
        yield share(size.cost(SizeModel.Measure.FLOPS), original.flops(), ratio, target);
      }
      case Target.Size(long bytes) -> bytes(size, bytes, overheadBytes, target);
      case Target.SizeShare(double share) ->
          bytes(
              size,
              (long) Math.floor(share * (original.bytes() + overheadBytes)),
              overheadBytes,
              target);
      case Target.Flash(long bytes, Precision precision) ->
          new Limit(size.flash(precision), bytes, target, size.flash(precision).of(size.widths()));
      case Target.Ram(long bytes, Precision precision) -> {
        Cost ram =
            size.ram(precision)
                .orElseThrow(() ->
                    new PleatException(
                        "--ram: the sizes of this model's activations are not known; give the sizes of its inputs with --input-shape"));
        yield new Limit(ram, bytes, target, ram.of(size.widths()));
      }
      case Target.Latency latency ->
          throw new PleatException(
              "--latency-budget: this model's latency cannot be measured; use --params");
      case Target.Keep keep ->
          throw new PleatException(
              "--keep is found by folding: use pleat fold, with --dry-run to write nothing");
    };
  }

  /** What a report calls that which is limited. */
  String measure() {
    return switch (target) {
      case Target.Channels channels -> "channels";
      case Target.Parameters parameters -> "parameters";
      case Target.Flops flops -> "flops";
      case Target.Size bytes -> "bytes";
      case Target.SizeShare share -> "bytes";
      case Target.Latency latency -> "latency";
      case Target.Flash(long bytes, Precision precision) -> "flash " + spelling(precision);
      case Target.Ram(long bytes, Precision precision) -> "ram " + spelling(precision);
      case Target.Keep keep -> "quality";
    };
  }

  private static Limit share(Cost cost, long full, double ratio, Target target) {
    return new Limit(cost, (long) Math.floor(full * (1 - ratio)), target, full);
  }

  private static Limit bytes(SizeModel size, long most, long overhead, Target target) {
    Cost weights = size.cost(SizeModel.Measure.BYTES);
    return new Limit(
        new Cost() {
          @Override
          public long of(int[] widths) {
            return weights.of(widths) + overhead;
          }

          @Override
          public long part(int group, int[] widths) {
            return weights.part(group, widths);
          }
        },
        most,
        target,
        size.original().bytes() + overhead);
  }

  /** Channels of all groups together. */
  private record Channels() implements Cost {
    @Override
    public long of(int[] widths) {
      return Arrays.stream(widths).asLongStream().sum();
    }

    @Override
    public long part(int group, int[] widths) {
      return widths[group];
    }
  }

  /**
   * What is wrong where even the smallest widths cost too much.
   *
   * @param least what they cost
   */
  PleatException unreachable(long least) {
    return new PleatException(
        switch (target) {
          case Target.Channels(double ratio) -> unreachable("--channels", ratio, "channels", least);
          case Target.Parameters(double ratio) ->
              unreachable("--params", ratio, "parameters", least);
          case Target.Flops(double ratio) -> unreachable("--flops", ratio, "operations", least);
          case Target.Flash(long bytes, Precision precision) ->
              bytes("--flash", "weights", bytes, precision, least);
          case Target.Ram(long bytes, Precision precision) ->
              bytes("--ram", "activations", bytes, precision, least);
          case Target.Latency latency ->
              throw new IllegalStateException("a latency is not counted");
          case Target.Keep keep -> throw new IllegalStateException("a quality is not counted");
          case Target.Size(long bytes) ->
              "--size asks for at most %d bytes, but the smallest widths leave about %d; the nearest is --size %dKB"
                  .formatted(bytes, least, least / 1000 + 1);
          case Target.SizeShare(double share) ->
              "--size asks for at most %d bytes, but the smallest widths leave about %d; the nearest is --size %d%%"
                  .formatted(most, least, 100 * least / full + 1);
        });
  }

  private static String bytes(
      String option, String what, long most, Precision precision, long least) {
    return "%s asks for at most %d bytes of %s in %s, but the smallest widths leave %d; the nearest is %s %dB"
        .formatted(option, most, what, spelling(precision), least, option, least);
  }

  private static String spelling(Precision precision) {
    return precision.name().toLowerCase(Locale.ROOT);
  }

  private String unreachable(String option, double ratio, String what, long least) {
    return "%s %s asks for at most %d %s, but the smallest widths leave %d; the nearest is %s %s"
        .formatted(
            option,
            ratio,
            most,
            what,
            least,
            option,
            String.format(
                Locale.ROOT, "%.4f", Math.floor((1 - (double) least / full) * 1e4) / 1e4));
  }
}
