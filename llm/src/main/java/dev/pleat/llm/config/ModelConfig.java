package dev.pleat.llm.config;

import dev.pleat.core.PleatException;
import dev.pleat.llm.json.JsonFiles;
import dev.pleat.llm.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The {@code config.json} of a model directory.
 *
 * @param file the file
 * @param fields its fields
 */
public record ModelConfig(Path file, JsonObject fields) {
  /** The file's name in its directory. */
  public static final String NAME = "config.json";

  /** The field that says how weights are stored; without it they are as they are. */
  public static final String QUANTIZATION = "quantization_config";

  /**
   * Reads the configuration and refuses models that cannot be folded whatever their family.
   *
   * @throws PleatException when there is no such file, it is no JSON object, or it says that the
   *     weights are quantised in a way that is not read
   */
  public static ModelConfig read(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new PleatException(
          "%s: is no directory; give the one that holds %s".formatted(directory, NAME));
    }
    Path file = directory.resolve(NAME);
    if (!Files.isRegularFile(file)) {
      throw new PleatException(
          "%s: has no %s; give a Hugging Face model directory".formatted(directory, NAME));
    }
    ModelConfig config = new ModelConfig(file, JsonFiles.read(file));
    config
        .fields
        .objectOrEmpty(QUANTIZATION)
        .filter(quantization -> !isBlockScaled(quantization))
        .ifPresent(quantization -> {
          throw new PleatException(
              "%s: the weights are quantised (%s), and means of quantised weights are none of their values; give the checkpoint before quantisation"
                  .formatted(file, quantization.textOrEmpty("quant_method").orElse("unnamed")));
        });
    return config;
  }

  /** Whether it describes 8-bit floats with a scale for each block of 128×128, which are read. */
  private static boolean isBlockScaled(JsonObject quantization) {
    return quantization.textOrEmpty("quant_method").equals(Optional.of("fp8"))
        && quantization.textOrEmpty("fmt").orElse("e4m3").equals("e4m3")
        && quantization.has("weight_block_size")
        && quantization.sizes("weight_block_size").equals(List.of(128L, 128L));
  }

  /** The family, {@code model_type}. */
  public String modelType() {
    return fields.text("model_type");
  }
}
