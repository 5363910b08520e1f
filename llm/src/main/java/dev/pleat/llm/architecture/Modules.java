package dev.pleat.llm.architecture;

import dev.pleat.core.PleatException;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.safetensors.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Finds the tensors of a description's modules in a checkpoint, whatever prefix they have there.
 */
public final class Modules {
  private final Architecture architecture;
  private final Checkpoint checkpoint;

  /** Pairs a description with a checkpoint. */
  public Modules(Architecture architecture, Checkpoint checkpoint) {
    this.architecture = architecture;
    this.checkpoint = checkpoint;
  }

  /**
   * The weight of a module.
   *
   * @throws PleatException when the checkpoint has none
   */
  public TensorInfo weight(String module) {
    return weightOrEmpty(module).orElseThrow(() -> missing(module));
  }

  private PleatException missing(String module) {
    String others =
        checkpoint.names().stream()
            .filter(name ->
                architecture.prefixes().stream().anyMatch(p -> name.startsWith(p + module + ".")))
            .limit(3)
            .collect(Collectors.joining("', '"));
    return new PleatException(
        others.isEmpty()
            ? "%s: has no tensor '%s.weight', expected by the description '%s'; its weights are incomplete or of another family"
                .formatted(checkpoint.directory(), module, architecture.family())
            : "%s: has '%s' where '%s.weight' is expected; quantised weights and adapters cannot be folded, give the checkpoint without them"
                .formatted(checkpoint.directory(), others, module));
  }

  /** The weight of a module. */
  public Optional<TensorInfo> weightOrEmpty(String module) {
    return find(module + ".weight");
  }

  /** The bias of a module. */
  public Optional<TensorInfo> bias(String module) {
    return find(module + ".bias");
  }

  private Optional<TensorInfo> find(String name) {
    return architecture.prefixes().stream()
        .map(prefix -> prefix + name)
        .filter(checkpoint.names()::contains)
        .map(checkpoint::info)
        .findFirst();
  }

  /**
   * The feed-forward blocks that a layer has: those whose first expert's output projection is
   * there.
   *
   * @throws PleatException when it has none
   */
  public List<FeedForwardDescription> feedForwards(int layer) {
    List<FeedForwardDescription> present = new ArrayList<>();
    for (FeedForwardDescription block : architecture.feedForwards()) {
      String down = architecture.inLayer(layer, FeedForwardDescription.ofExpert(block.down(), 0));
      if (weightOrEmpty(down).isPresent()) {
        present.add(block);
      }
    }
    if (present.isEmpty()) {
      String down = architecture.feedForwards().getFirst().down();
      weight(architecture.inLayer(layer, FeedForwardDescription.ofExpert(down, 0)));
    }
    return present;
  }
}
