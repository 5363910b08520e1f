package dev.pleat.llm.architecture;

import dev.pleat.core.PleatException;
import dev.pleat.llm.config.ModelConfig;
import dev.pleat.llm.json.JsonFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;

/** The descriptions that come with Pleat, and those of users. */
public final class Architectures {
  /** The bundled descriptions, each {@code NAME.json} beside this class. */
  private static final List<String> BUNDLED =
      List.of(
          "arcee",
          "bert",
          "distilbert",
          "electra",
          "ernie4_5",
          "gemma",
          "gemma2",
          "gemma3",
          "glm",
          "glm4",
          "gpt2",
          "gpt_neo",
          "gpt_neox",
          "helium",
          "llama",
          "mixtral",
          "nemotron",
          "opt",
          "phi",
          "phi3",
          "qwen2",
          "qwen2_moe",
          "qwen3",
          "qwen3_moe",
          "roberta",
          "seed_oss",
          "stablelm",
          "starcoder2");

  private Architectures() {}

  /** All bundled descriptions. */
  public static List<Architecture> bundled() {
    return BUNDLED.stream().map(Architectures::resource).toList();
  }

  /**
   * The bundled description of a model's family.
   *
   * @throws PleatException when there is none; the message says what can be done
   */
  public static Architecture forConfig(ModelConfig config) {
    String type = config.modelType();
    TreeSet<String> known = new TreeSet<>();
    for (Architecture architecture : bundled()) {
      if (architecture.modelTypes().contains(type)) {
        return architecture;
      }
      known.addAll(architecture.modelTypes());
    }
    throw new PleatException(
        "%s: the model_type '%s' is not known, expected one of %s; describe it in a file like llama.json of the sources and give that with --architecture FILE"
            .formatted(config.file(), type, String.join(", ", known)));
  }

  /**
   * A user's description.
   *
   * @throws PleatException when the file cannot be read, is not a complete description or describes
   *     another model type
   */
  public static Architecture fromFile(Path file, ModelConfig config) {
    Architecture architecture = ArchitectureReader.read(file.toString(), JsonFiles.bytes(file));
    if (!architecture.modelTypes().contains(config.modelType())) {
      throw new PleatException(
          "%s: describes the model_types %s, but %s has '%s'"
              .formatted(file, architecture.modelTypes(), config.file(), config.modelType()));
    }
    return architecture;
  }

  private static Architecture resource(String name) {
    String file = name + ".json";
    try (InputStream in = Architectures.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException(file + " is not bundled");
      }
      return ArchitectureReader.read(file, in.readAllBytes());
    } catch (IOException e) {
      throw new IllegalStateException(file + " cannot be read", e);
    }
  }
}
