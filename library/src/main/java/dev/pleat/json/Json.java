package dev.pleat.json;

import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * Reports as JSON. Fields are the components of the records, in their order; what is absent or not
 * a finite number is {@code null}.
 */
public final class Json {
  private Json() {}

  /** The report, indented, without a line end. */
  public static String of(Record report) {
    SimpleModule numbers = new SimpleModule();
    numbers.addSerializer(Double.class, new FiniteOrNull());
    numbers.addSerializer(double.class, new FiniteOrNull());
    return JsonMapper.builder()
        .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
        .enable(SerializationFeature.INDENT_OUTPUT)
        .addModule(numbers)
        .build()
        .writeValueAsString(report);
  }

  private static final class FiniteOrNull extends ValueSerializer<Double> {
    @Override
    public void serialize(Double value, JsonGenerator json, SerializationContext context) {
      if (Double.isFinite(value)) {
        json.writeNumber(value);
      } else {
        json.writeNull();
      }
    }
  }
}
