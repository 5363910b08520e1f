package dev.pleat.llm.architecture;

import java.util.List;
import java.util.Map;

/**
 * A family of models: what its tensors are called, how they lie, and what they compute. All of it
 * comes from a JSON file; {@link ArchitectureReader} says how that is written.
 *
 * <p>Names are those of modules: the tensors add {@code .weight} and, where there is one, {@code
 * .bias}. Modules of a layer are named relative to {@link #layer}.
 *
 * @param family the name of the description
 * @param modelTypes values of {@code model_type} that it describes
 * @param configSections section of {@code config.json} that holds the fields, for the model types
 *     where that is not the whole file
 * @param fields where facts are found in {@code config.json}
 * @param assumes fields that, where present, must have this value (as JSON) for the model to be
 *     run; folding does not depend on them
 * @param prefixes that names may have in a checkpoint, the empty one last
 * @param layout of every weight matrix of the layers
 * @param embedding how tokens become the residual stream
 * @param layer prefix of the modules of a layer, with {@code {layer}} for its number from 0
 * @param norms the normalisations of a layer
 * @param attention the attention of a layer
 * @param feedForwards the feed-forward blocks that a layer may have, by the tensors it has
 * @param output how the residual stream becomes logits
 */
public record Architecture(
    String family,
    List<String> modelTypes,
    Map<String, String> configSections,
    Map<ConfigField, FieldSource> fields,
    Map<String, String> assumes,
    List<String> prefixes,
    Layout layout,
    EmbeddingDescription embedding,
    String layer,
    NormDescriptions norms,
    AttentionDescription attention,
    List<FeedForwardDescription> feedForwards,
    Output output) {

  /** Copies the collections. */
  public Architecture {
    modelTypes = List.copyOf(modelTypes);
    configSections = Map.copyOf(configSections);
    fields = Map.copyOf(fields);
    assumes = Map.copyOf(assumes);
    prefixes = List.copyOf(prefixes);
    feedForwards = List.copyOf(feedForwards);
  }

  /** How a weight matrix lies. */
  public enum Layout {
    /** As torch.nn.Linear: {@code [out, in]}. */
    OUT_IN,
    /** As GPT-2's Conv1D: {@code [in, out]}. */
    IN_OUT
  }

  /** A module of a layer. */
  public String inLayer(int number, String module) {
    return layer.replace("{layer}", Integer.toString(number)) + module;
  }
}
