package dev.pleat.cli;

import dev.pleat.core.PleatException;
import dev.pleat.core.budget.Precision;
import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Rounding;
import dev.pleat.core.fold.Target;
import dev.pleat.llm.ClusterFolding;
import dev.pleat.llm.request.LayerTarget;
import dev.pleat.llm.request.Part;
import dev.pleat.onnx.data.ImageSize;
import dev.pleat.onnx.data.Layout;
import dev.pleat.onnx.request.Effort;
import dev.pleat.onnx.request.Heads;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Option values with a range or a unit. Each says what it found and what it expects. */
final class Converters {
  private Converters() {}

  /** A share in [0, 1). */
  static final class Ratio implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      double value = number(text);
      if (value >= 0 && value < 1) {
        return value;
      }
      throw new TypeConversionException(
          "'%s' is not a share in [0, 1); 0.5 removes half".formatted(text));
    }
  }

  /** A share in [0, 1), a whole number, or auto. */
  static final class Layers implements ITypeConverter<LayerTarget> {
    @Override
    public LayerTarget convert(String text) {
      double value = number(text);
      if (text.equals("auto")) {
        return new LayerTarget.Best();
      }
      if (value >= 1 && value == Math.rint(value) && value <= Integer.MAX_VALUE) {
        return new LayerTarget.Count((int) value);
      }
      if (value >= 0 && value < 1) {
        return new LayerTarget.Share(value);
      }
      throw new TypeConversionException(
          "'%s' is neither auto nor a whole number nor a share in [0, 1); 4 removes four layers, 0.25 a quarter of them"
              .formatted(text));
    }
  }

  /** A finite number. */
  static final class Finite implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      double value = number(text);
      if (Double.isFinite(value)) {
        return value;
      }
      throw new TypeConversionException("'%s' is not a number".formatted(text));
    }
  }

  /** A finite number above 0. */
  static final class Scale implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      double value = number(text);
      if (value > 0 && Double.isFinite(value)) {
        return value;
      }
      throw new TypeConversionException("'%s' is not a number above 0".formatted(text));
    }
  }

  /** A path of this machine, or of a file system that Spark knows. */
  static final class Location implements ITypeConverter<Path> {
    private static final Pattern ELSEWHERE = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://.*");

    @Override
    public Path convert(String text) {
      if (!ELSEWHERE.matcher(text).matches()) {
        return Path.of(text);
      }
      try {
        return ClusterFolding.find().path(text);
      } catch (PleatException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }

    /** Whether a path is of another file system. */
    static boolean isElsewhere(Path path) {
      return !path.getFileSystem().equals(FileSystems.getDefault());
    }
  }

  /** One of several parts. */
  static final class PartOf implements ITypeConverter<Part> {
    private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,5})/([1-9][0-9]{0,5})");

    @Override
    public Part convert(String text) {
      Matcher found = FORM.matcher(text);
      if (found.matches()) {
        int number = Integer.parseInt(found.group(1));
        int of = Integer.parseInt(found.group(2));
        if (number <= of) {
          return new Part(number, of);
        }
      }
      throw new TypeConversionException(
          "'%s' is no part; 3/8 is the third of eight".formatted(text));
    }
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException notANumber) {
      return Double.NaN;
    }
  }

  /** An integer of at least 1. */
  static class Positive implements ITypeConverter<Integer> {
    private final int most;

    Positive() {
      this(999_999_999);
    }

    private Positive(int most) {
      this.most = most;
    }

    @Override
    public final Integer convert(String text) {
      if (text.matches("0*[1-9][0-9]{0,8}") && Integer.parseInt(text) <= most) {
        return Integer.valueOf(text);
      }
      throw new TypeConversionException(
          "'%s' is not a whole number from 1 to %d".formatted(text, most));
    }
  }

  /** Threads, as many as any pool of them may have. */
  static final class Threads extends Positive {
    Threads() {
      super(1024);
    }
  }

  /** Inputs, as many as can be held. */
  static final class Inputs extends Positive {
    Inputs() {
      super(1_000_000);
    }
  }

  /** A share in (0, 1]. */
  static final class Share implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      double value = number(text);
      if (value > 0 && value <= 1) {
        return value;
      }
      throw new TypeConversionException(
          "'%s' is not a share in (0, 1]; 0.5 leaves half".formatted(text));
    }
  }

  /** A quality to keep, in (0, 1]. */
  static final class Quality implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      double value = number(text);
      if (value > 0 && value <= 1) {
        return value;
      }
      throw new TypeConversionException(
          "'%s' is not a quality in (0, 1]; 0.98 keeps nearly everything".formatted(text));
    }
  }

  /**
   * A number of bytes with an optional unit, {@code 20MB}, {@code 1.5 GiB}, {@code 4096}, or a
   * share of the original's, {@code 25%}.
   */
  static final class FileSize implements ITypeConverter<Target> {
    private static final Pattern SIZE =
        Pattern.compile("([0-9]+(?:\\.[0-9]+)?) ?(B|KB|MB|GB|KIB|MIB|GIB)?");
    private static final Map<String, Long> UNITS =
        Map.of(
            "B", 1L,
            "KB", 1_000L,
            "MB", 1_000_000L,
            "GB", 1_000_000_000L,
            "KIB", 1L << 10,
            "MIB", 1L << 20,
            "GIB", 1L << 30);

    @Override
    public Target convert(String text) {
      if (text.endsWith("%")) {
        return new Target.SizeShare(percent(text));
      }
      Matcher size = SIZE.matcher(text.toUpperCase(Locale.ROOT));
      if (size.matches()) {
        String unit = size.group(2) == null ? "B" : size.group(2);
        double bytes = Double.parseDouble(size.group(1)) * UNITS.getOrDefault(unit, 1L);
        if (bytes >= 1 && bytes < Long.MAX_VALUE) {
          return new Target.Size((long) bytes);
        }
      }
      throw unknown(text);
    }

    private static TypeConversionException unknown(String text) {
      return new TypeConversionException(
          "'%s' is not a size such as 20MB or 25%%; units are B, KB, MB, GB, KiB, MiB, GiB"
              .formatted(text));
    }

    private static double percent(String text) {
      double value = number(text.substring(0, text.length() - 1)) / 100;
      if (value > 0 && value <= 1) {
        return value;
      }
      throw new TypeConversionException(
          "'%s' is not a share of the file such as 25%%".formatted(text));
    }
  }

  /** A multiple of at least 1, or {@code auto}. */
  static final class RoundTo implements ITypeConverter<Rounding> {
    @Override
    public Rounding convert(String text) {
      return text.equals("auto")
          ? new Rounding.Auto()
          : new Rounding.Multiple(new Positive().convert(text));
    }
  }

  /** The name of an {@link Allocation} in lower case. */
  static final class AllocationName implements ITypeConverter<Allocation> {
    @Override
    public Allocation convert(String text) {
      return oneOf(Allocation.values(), text);
    }
  }

  /** A size on a microcontroller, {@code 64KB} or {@code 64KB:int8}. */
  private static <T> T held(String text, BiFunction<Long, Precision, T> target) {
    int colon = text.indexOf(':');
    Precision precision =
        colon < 0 ? Precision.FP32 : oneOf(Precision.values(), text.substring(colon + 1));
    if (new FileSize().convert(colon < 0 ? text : text.substring(0, colon))
        instanceof Target.Size(long bytes)) {
      return target.apply(bytes, precision);
    }
    throw new TypeConversionException(
        "'%s' is not a size such as 64KB or 64KB:int8".formatted(text));
  }

  /** The flash that weights may take. */
  static final class FlashSize implements ITypeConverter<Target.Flash> {
    @Override
    public Target.Flash convert(String text) {
      return held(text, Target.Flash::new);
    }
  }

  /** The RAM that activations may take. */
  static final class RamSize implements ITypeConverter<Target.Ram> {
    @Override
    public Target.Ram convert(String text) {
      return held(text, Target.Ram::new);
    }
  }

  /** The name of a channel group, as it is. */
  static final class GroupName implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      return text;
    }
  }

  /** The name of a {@link Method} for one model, in lower case. */
  static final class MethodName implements ITypeConverter<Method> {
    @Override
    public Method convert(String text) {
      return oneOf(
          Arrays.stream(Method.values())
              .filter(method -> !method.ofUnions())
              .toArray(Method[]::new),
          text);
    }
  }

  /** The name of a {@link Method} for several networks, in lower case. */
  static final class MergeMethodName implements ITypeConverter<Method> {
    @Override
    public Method convert(String text) {
      return oneOf(new Method[] {Method.FOLD, Method.MATCH, Method.ZIP, Method.AVERAGE}, text);
    }
  }

  /** The name of a {@link Heads} in lower case. */
  static final class HeadsName implements ITypeConverter<Heads> {
    @Override
    public Heads convert(String text) {
      return oneOf(Heads.values(), text);
    }
  }

  /** The name of a {@link Repair} in lower case. */
  static final class RepairName implements ITypeConverter<Repair> {
    @Override
    public Repair convert(String text) {
      return oneOf(Repair.values(), text);
    }
  }

  /** The name of an {@link Effort} in lower case. */
  static final class EffortName implements ITypeConverter<Effort> {
    @Override
    public Effort convert(String text) {
      return oneOf(Effort.values(), text);
    }
  }

  /** The name of a {@link Layout} in lower case. */
  static final class LayoutName implements ITypeConverter<Layout> {
    @Override
    public Layout convert(String text) {
      return oneOf(Layout.values(), text);
    }
  }

  /** Height and width, {@code 224x224}. */
  static final class Pixels implements ITypeConverter<ImageSize> {
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,5})x([0-9]{1,5})");

    @Override
    public ImageSize convert(String text) {
      Matcher size = SIZE.matcher(text);
      if (size.matches()) {
        try {
          return new ImageSize(Integer.parseInt(size.group(1)), Integer.parseInt(size.group(2)));
        } catch (PleatException e) {
          throw new TypeConversionException(e.getMessage());
        }
      }
      throw new TypeConversionException(
          "'%s' is not a height and width such as 224x224".formatted(text));
    }
  }

  /** The constant with this name, whatever the case. */
  static <E extends Enum<E>> E oneOf(E[] values, String text) {
    return Arrays.stream(values)
        .filter(value -> name(value).equalsIgnoreCase(text))
        .findFirst()
        .orElseThrow(() ->
            new TypeConversionException(
                "'%s' is unknown; expected %s"
                    .formatted(
                        text,
                        Arrays.stream(values)
                            .map(Converters::name)
                            .collect(Collectors.joining(", ")))));
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
