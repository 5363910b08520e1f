package dev.pleat.cli;

import dev.pleat.FileFold;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The shapes of graph inputs where the model leaves them open. */
@Command
final class InputShapes {
  /** Stands for the one input of a model. */
  private static final String ANY_INPUT = "*";

  @Option(
      names = "--input-shape",
      paramLabel = "[NAME=]SHAPE",
      order = 40,
      converter = Parser.class,
      description =
          "Shape of an input whose dimensions the model leaves open, such as image=1x3x224x224; "
              + "without a name, of the only input. Repeatable.")
  private List<InputShape> shapes = new ArrayList<>();

  /** Shapes by input name. */
  Map<String, long[]> byName() {
    Map<String, long[]> byName = new LinkedHashMap<>();
    shapes.forEach(shape -> byName.put(shape.name(), shape.dimensions()));
    return byName;
  }

  /** The fold of a model with inputs of these shapes. */
  FileFold applyTo(FileFold fold) {
    FileFold told = fold;
    for (InputShape shape : shapes) {
      told = told.inputShape(shape.name(), shape.dimensions());
    }
    return told;
  }

  /** One input and its dimensions. */
  @SuppressWarnings("ArrayRecordComponent") // ONNX Runtime speaks long[]; nothing compares these.
  record InputShape(String name, long[] dimensions) {}

  /** Reads {@code NAME=1x3x224x224}; names may themselves hold an equals sign. */
  static final class Parser implements ITypeConverter<InputShape> {
    private static final Pattern SHAPE = Pattern.compile("[1-9][0-9]{0,8}(x[1-9][0-9]{0,8})*");

    @Override
    public InputShape convert(String text) {
      int equals = text.lastIndexOf('=');
      String name = equals < 0 ? ANY_INPUT : text.substring(0, equals);
      String shape = text.substring(equals + 1);
      if (name.isEmpty() || !SHAPE.matcher(shape).matches()) {
        throw new TypeConversionException(
            "'%s' is not NAME=SHAPE such as image=1x3x224x224".formatted(text));
      }
      long[] dimensions =
          Pattern.compile("x").splitAsStream(shape).mapToLong(Long::parseLong).toArray();
      return new InputShape(name, dimensions);
    }
  }
}
